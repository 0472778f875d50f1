"""What is paid before any tool starts: the command itself, a run with nothing to judge, and laying out the tree.

    python bench/startup.py [--runs 7] [--files 1000] [--scratch DIR] [--json FILE]

A text file is staged that concerns no gate and no hook; `pre-commit run` with one hook stands beside the hook of
Gatekeeper with four gates, and may not cost less CPU. The tree is that of a generated repository in which five files
differ from what the shadow held before; target: 100 ms at 1,000 files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path

import clock
import project
import repository
from figures import Spread, ratios, rotated, spread, table

from gatekeeper.edges import shadow
from gatekeeper.edges.git import find_repository

_CHANGED = 5
_TARGET_SECONDS = 0.1
_OURS, _THEIRS = "gatekeeper hook pre-commit, nothing to check", "pre-commit run, nothing to check"


def main() -> int:
    """Measure and print; the exit code is 1 when the hook or the tree of 1,000 files misses its target."""
    options = _options()
    scratch = Path(options.scratch).absolute()
    before = clock.load()
    programs = project.runners(scratch)
    place = scratch / "startup"
    shutil.rmtree(place, ignore_errors=True)
    costs = _commands(programs, place, options.runs)
    walls = {name: spread([cost.wall for cost in each]) for name, each in costs.items()}
    cpus = {name: spread([cost.cpu for cost in each]) for name, each in costs.items()}
    rows = [[name, walls[name].text(3), cpus[name].text(3)] for name in walls]
    steps = _layout(place / "large", options.files, options.runs)
    noise = clock.noise(before, [cost for each in costs.values() for cost in each])
    sys.stdout.write(f"start-up: {noise}\n\n{table(['command', 'wall s', 'CPU s'], rows)}\n\n")
    rows = [[name, seconds.text(3)] for name, seconds in steps.items()]
    sys.stdout.write(table([f"the tree of {options.files} files", "wall s"], rows) + "\n\n")
    share = ratios([cost.cpu for cost in costs[_OURS]], [cost.cpu for cost in costs[_THEIRS]])
    sys.stdout.write(f"CPU of the hook against pre-commit: {share.text()}\n")
    if options.json:
        document = {"noise": noise, "files": options.files, "walls": _plain(walls), "cpu": _plain(cpus)}
        Path(options.json).write_text(json.dumps(document | {"layout": _plain(steps)}, indent=1) + "\n")
    changed = steps[f"{_CHANGED} files changed"].middle
    return int(share.middle > 1 or (options.files <= 1000 and changed > _TARGET_SECONDS))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="rounds (default: 7)")
    parser.add_argument("--files", type=int, default=1000, metavar="N", help="size of the tree (default: 1000)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--json", default="", metavar="FILE", help="write every figure to FILE")
    return parser.parse_args()


def _commands(programs: Path, place: Path, runs: int) -> dict[str, list[clock.Cost]]:
    """What each command cost, round by round, in a repository where what is staged concerns nobody."""
    hook = {"id": "nothing", "name": "nothing", "language": "system", "entry": "true"}
    config = json.dumps({"repos": [{"repo": "local", "hooks": [hook | {"types": ["python"]}]}]})
    gates = {name: {"paths": ["**/*.py"]} for name in ("review", "coverage", "tests", "docs")}
    clone = place / "clone"
    files = {".pre-commit-config.yaml": config, ".gatekeeper.yml": json.dumps({"gates": gates})}
    repository.make(clone, {"README.md": "bench\n", **files})
    (clone / "notes.txt").write_text("staged\n")
    project.told(["git", "-C", str(clone), "add", "notes.txt"])
    ours = [sys.executable, "-m", "gatekeeper"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "gatekeeper --version": [*ours, "--version"],
        "gatekeeper --help": [*ours, "--help"],
        "gatekeeper run, nothing changed": [*ours, "run", "--from", "HEAD", "--to", "HEAD"],
        _OURS: [*ours, "hook", "pre-commit"],
        _THEIRS: [str(programs / "pre-commit"), "run"],
        "prek run, nothing to check": [str(programs / "prek"), "run"],
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GATEKEEPER_CACHE": str(place / "cache"), "PRE_COMMIT_HOME": str(place / "pre-commit")}
    environment["PREK_HOME"] = str(place / "prek")
    costs: dict[str, list[clock.Cost]] = {name: [] for name in commands}
    for turn in range(-1, runs):  # the first round warms every cache and is not counted
        for name in rotated(list(commands), turn):
            cost = clock.timed(commands[name], clone, environment)
            if cost.exit_code:
                raise SystemExit(f"bench: {name} ended with exit code {cost.exit_code}\n{cost.output}")
            if turn >= 0:
                costs[name].append(cost)
    return costs


def _layout(place: Path, files: int, runs: int) -> dict[str, Spread]:
    """Seconds to lay out a tree: from nothing, with a few files changed each time, and with none."""
    names = [f"package/part{number % 40:02}/module{number:05}.py" for number in range(files)]
    repository.make(place, {name: f'"""Module {name}."""\n\n\nVALUE = "{name}"\n' * 20 for name in names})
    step = max(files // _CHANGED, 1)
    repository.commit(place, {name: f'"""Changed {name}."""\n' for name in names[::step][:_CHANGED]})
    there = find_repository(str(place))
    old, new = repository.tree_of(place, "HEAD^"), repository.tree_of(place, "HEAD")
    slot = place.parent / "slot"
    shutil.rmtree(slot, ignore_errors=True)

    def seconds(tree: str) -> float:
        started = time.perf_counter()
        shadow.lay_out(there, tree, slot)
        return time.perf_counter() - started

    empty, changed, same = [seconds(old)], [], []
    for turn in range(runs):
        tree = new if turn % 2 == 0 else old
        changed.append(seconds(tree))
        same.append(seconds(tree))
    return {
        "from nothing": spread(empty),
        f"{_CHANGED} files changed": spread(changed),
        "nothing changed": spread(same),
    }


def _plain(spreads: dict[str, Spread]) -> dict[str, object]:
    return {name: asdict(figure) for name, figure in spreads.items()}


if __name__ == "__main__":
    sys.exit(main())
