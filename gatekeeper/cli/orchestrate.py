"""`gatekeeper orchestrate`: has agents do the work of a plan, and the gates judge it."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.cli.display_options import add_display_options, add_to_summary, display_of, show
from gatekeeper.cli.modes import add_mode_options
from gatekeeper.cli.modes import wish_of as modes_of
from gatekeeper.cli.plan import style_of
from gatekeeper.edges.targets import Wish
from gatekeeper.formats.approval_json import approval_json
from gatekeeper.formats.approval_markdown import approval_markdown
from gatekeeper.formats.approval_text import approval_text
from gatekeeper.formats.plan_text import plan_text
from gatekeeper.model.errors import UsageError
from gatekeeper.model.gate_log import Approval
from gatekeeper.model.orchestration import Ending
from gatekeeper.model.plan import Kind, Phase
from gatekeeper.model.report import Exit
from gatekeeper.orchestrate_wiring import OrchestrateOptions, orchestrate, rehearse
from gatekeeper.plan_wiring import AGENTS, PlanOptions
from gatekeeper.planning.planner import MOST_AGENTS
from gatekeeper.watch_wiring import Display

if TYPE_CHECKING:  # hardly ever wanted, and slow to import
    from gatekeeper.model.orchestration_events import OrchestrationEvent
    from gatekeeper.orchestrate_comment import OrchestrationComment

_DESCRIPTION = """\
Carries a plan out. Coding agents do its workstreams, each in a Git worktree of its own, all at once; what they bring is
joined, judged by the same gates as every other change, and mended at most three times before a person is asked.

An agent is any program that works in a folder: `gatekeeper agents` lists those that are known, --agent names the one
for all workstreams to which the configuration gives none. Your branch, your index and your working tree stay as they
are: the result is a branch of its own, and --apply takes it over.

Exits with 0 (approved), 1 (a person is needed), 2 (wrong usage or configuration), 3 (could not begin) or 130
(interrupted; nothing is lost, --resume goes on).
"""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    what = parser.add_argument_group("what to do (one of)")
    what.add_argument("--task", metavar="TEXT", help="work that is not written yet, in a sentence")
    what.add_argument("--task-file", metavar="FILE", default="", help="goals with their lanes and needs, in YAML")
    what.add_argument("--fix", action="store_true", help="mend what the gates block of the commits since --base")
    what.add_argument(
        "--resume", nargs="?", const="", metavar="RUN", help="go on with an earlier run (without RUN: the latest)"
    )
    how = parser.add_argument_group("how")
    how.add_argument(
        "--files", action="append", nargs="+", default=[], metavar="GLOB",
        help="with --task: where the work will be; each pattern is a lane of its own",
    )  # fmt: skip
    how.add_argument("--base", metavar="REF", default="", help="with --fix: the branch that the commits are to join")
    how.add_argument(
        "--agent", metavar="NAME", default="", help="who mends, and does what the configuration gives to nobody"
    )
    how.add_argument("--agents", type=_count, metavar="N", help=f"how many work at a time (default: {AGENTS})")
    how.add_argument("--type", dest="kind", choices=tuple(Kind), default="", help="what kind of change it is")
    add_mode_options(parser)
    result = parser.add_argument_group("what becomes of it")
    result.add_argument("--dry-run", action="store_true", help="only show the plan, and who would do what")
    result.add_argument("--branch", metavar="NAME", default="", help="the branch to make (default: gatekeeper/RUN)")
    result.add_argument("--patch", metavar="FILE", default="", help="write the result as a patch as well")
    result.add_argument("--apply", action="store_true", help="once approved, move your branch and your files to it")
    result.add_argument("--comment", action="store_true", help="keep a comment on the pull request up to date")
    add_display_options(parser, "markdown", "json")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Carry out, show, and tell the exit code."""
    asked = _asked(options)
    if options.dry_run:
        show(_rehearsal(asked, options))
        return Exit.PASSED
    display = display_of(options, tell_end=False)
    comment = _comment() if options.comment else None
    approval = None
    try:
        approval = orchestrate(asked, _Both(display, comment) if comment else display)
    finally:
        display.close()
        told = comment.finish(approval) if comment else ""
    show(_shown(approval, options))
    for trouble in (told, add_to_summary(approval_markdown(approval))):
        if trouble:
            sys.stderr.write(f"gatekeeper: {trouble}\n")
    done = approval.ending is Ending.APPROVED and (approval.applied or not options.apply)
    return Exit.PASSED if done else Exit.BLOCKED


@dataclass(frozen=True)
class _Both:
    """Hands everything to the display and to the comment on the pull request."""

    display: Display
    comment: OrchestrationComment

    def on_event(self, event: OrchestrationEvent) -> None:
        """Take notice of an event."""
        self.display.on_event(event)
        self.comment.on_event(event)

    def on_tick(self, at: float) -> None:
        """Take notice that time has gone by."""
        self.display.on_tick(at)


def _comment() -> OrchestrationComment | None:
    """The comment on the pull request of this job; where there can be none, it is said why."""
    from gatekeeper.orchestrate_comment import OrchestrationComment, comment_place  # noqa: PLC0415 - hardly ever wanted

    place = comment_place(os.environ)
    if isinstance(place, str):
        sys.stderr.write(f"gatekeeper: no comment: {place}\n")
        return None
    return OrchestrationComment(place)


def _rehearsal(asked: OrchestrateOptions, options: argparse.Namespace) -> str:
    """The plan, and behind it who would do the work."""
    plan, crew = rehearse(asked)
    style = style_of(options)
    lines = [
        f"  {w.id}: {w.agent}, by {shlex.join(crew.agent(w.agent).argv)}"
        for w in plan.workstreams
        if w.phase is Phase.WORK
    ]
    if not lines:
        lines = ["  nobody, until the gates find something to mend"]
    if crew.fallback:
        lines.append(f"  for what is to be mended: {crew.fallback.name}, by {shlex.join(crew.fallback.argv)}")
    return "\n".join([plan_text(plan, style), "Who would be started", *lines, ""])


def _shown(approval: Approval, options: argparse.Namespace) -> str:
    if options.format == "json":
        return approval_json(approval)
    if options.format == "markdown":
        return approval_markdown(approval)
    return approval_text(approval, style_of(options))


def _asked(options: argparse.Namespace) -> OrchestrateOptions:
    named = [options.task is not None, bool(options.task_file), options.fix, options.resume is not None]
    if sum(named) != 1:
        message = "only one thing can be done at a time" if sum(named) else "nothing is named that is to be done"
        raise UsageError(message, 'give one of --task "…", --task-file FILE, --fix, --resume')
    if options.base and not options.fix:
        raise UsageError("--base belongs to --fix", "a task is worked on from HEAD")
    files = tuple(glob for globs in options.files for glob in globs)
    if files and options.task is None:
        raise UsageError("--files belongs to --task", "say with --task what is to be done in these files")
    if options.patch and not Path(options.patch).absolute().parent.is_dir():
        raise UsageError(f"there is no folder for {options.patch}", "make it, or name another file with --patch")
    folder = str(Path(options.folder).absolute())
    plan = PlanOptions(
        folder, Wish(base=options.base), options.agents or AGENTS, options.kind, modes_of(options),
        options.task, files, options.task_file,
    )  # fmt: skip
    return OrchestrateOptions(
        plan, fix=options.fix, resume=options.resume, agent=options.agent, agents=options.agents,
        branch=options.branch, patch=options.patch, apply=options.apply,
    )  # fmt: skip


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MOST_AGENTS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_AGENTS} is wanted, not {text!r}")
    return number
