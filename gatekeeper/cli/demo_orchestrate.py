"""`gatekeeper demo --orchestrate`: has a scripted agent carry a plan out in a sample project, up to approval."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from gatekeeper.cli import orchestrate
from gatekeeper.cli.plan import style_of
from gatekeeper.edges.targets import Wish
from gatekeeper.formats.plan_lanes import lane_lines
from gatekeeper.model.report import Exit
from gatekeeper.plan_wiring import AGENTS, PlanOptions, plan_of
from gatekeeper.samples import sample

_AGENT = Path(__file__).parents[1] / "inspectors" / "scripted_agent.py"
_SCRIPT = ".agent.yml"
_PAUSE = "0.4"
"""Seconds between two things that the agent says, so that there is something to see."""

Git = Callable[..., str]
"""Runs Git in the sample with the arguments given, and tells its output."""


def play(folder: Path, git: Git, options: argparse.Namespace) -> int:
    """Make the sample in an empty repository at `folder`, and carry its plan out; 0 when it was approved.

    `options` has `colour` and `keep`, as the command line of the demo knows them.
    """
    _make(folder, git)
    task_file = str(folder / "plan.yml")
    _tell(f"A small project lies in {folder}: an API that lists users, a client, tests and documents.\n")
    _tell(f"$ cat plan.yml\n{(folder / 'plan.yml').read_text('utf-8')}")
    asked = _parsed(folder, task_file, options.colour)
    _tell("$ gatekeeper plan --task-file plan.yml\n…")
    plan = plan_of(PlanOptions(str(folder), Wish(), AGENTS, task_file=task_file))
    _tell("\n".join(["Lanes over time", *lane_lines(plan, style_of(asked)), "…\n"]))
    _tell("$ gatekeeper orchestrate --task-file plan.yml --agent scripted")
    code = orchestrate.run(asked)
    if code != Exit.PASSED:
        _tell("\nThe demo should have been approved, and was not.")
        return Exit.COULD_NOT_CHECK
    branch = git("for-each-ref", "--format=%(refname:short)", "refs/heads/gatekeeper").strip()
    _tell(f"\n$ git diff --stat main {branch}\n{git('diff', '--stat=72', 'main', branch)}")
    if options.keep:
        _tell(f"The project stays in {folder}: look around there, and take the work over with `git merge {branch}`.")
    else:
        _tell("It was only a sample, and is gone; with --keep DIR it stays.")
    return Exit.PASSED


def _make(folder: Path, git: Git) -> None:
    made = sample("users")
    argv = json.dumps([sys.executable, str(_AGENT), _SCRIPT, "{prompt_file}", _PAUSE])
    roster = f"agents:\n  - {{name: scripted, pillar: primary, run: {argv}}}\n"
    for path, text in {**made.files, _SCRIPT: made.script, ".gatekeeper.yml": roster}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", "--message", "List users")


def _parsed(folder: Path, task_file: str, colour: str) -> argparse.Namespace:
    """What the command line of `gatekeeper orchestrate` comes to."""
    parser = argparse.ArgumentParser()
    orchestrate.register(parser)
    return parser.parse_args(
        ["-C", str(folder), "--task-file", task_file, "--agent", "scripted", "--colour", colour]
    )  # fmt: skip


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
