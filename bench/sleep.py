"""Four gates that only wait: how close to one second four times `sleep 1` come, beside prek and lefthook.

    python bench/sleep.py [--runs 5] [--scratch DIR] [--json FILE]

It shows what starting, scheduling and reporting cost, since nothing else is done. Target: 1.3 s.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

import clock
import project
import repository
from figures import ratios, rotated, spread, table

_FOUR = [f"wait{number}" for number in range(1, 5)]
_NAMES = ("gatekeeper", "prek", "lefthook")
_OFF = "review: {enabled: false}, coverage: {enabled: false}, tests: {enabled: false}, docs: {enabled: false}"


def main() -> int:
    """Measure and print; the exit code is 1 when Gatekeeper's median misses the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--target", type=float, default=1.3, metavar="SECONDS", help="default: %(default)s")
    parser.add_argument("--json", default="", metavar="FILE", help="write every figure to FILE")
    options = parser.parse_args()
    scratch = Path(options.scratch).absolute()
    before = clock.load()
    commands = _commands(project.runners(scratch), scratch / "sleep")
    environment = _environment(scratch)
    costs: dict[str, list[clock.Cost]] = {name: [] for name in _NAMES}
    for turn in range(-1, options.runs):  # the first round warms every cache and is not counted
        for name in rotated(_NAMES, turn):
            cost = clock.timed(commands[name], scratch / "sleep" / "clone", environment)
            if cost.exit_code or cost.wall < 1:
                sys.stderr.write(f"bench: {name} did not wait: exit code {cost.exit_code}\n{cost.output}\n")
                return 2
            if turn >= 0:
                costs[name].append(cost)
    walls = {name: [cost.wall for cost in costs[name]] for name in _NAMES}
    rows = [
        [name, spread(walls[name]).text(), spread([c.cpu for c in costs[name]]).text(),
         ratios(walls["gatekeeper"], walls[name]).text()]
        for name in _NAMES
    ]  # fmt: skip
    noise = clock.noise(before, [cost for each in costs.values() for cost in each])
    sys.stdout.write(f"four times `sleep 1`: {noise}\n\n")
    sys.stdout.write(table(["", "wall s", "CPU s", "gatekeeper / it"], rows) + "\n")
    if options.json:
        figures = {name: [{"wall": c.wall, "cpu": c.cpu} for c in costs[name]] for name in _NAMES}
        summary = {name: asdict(spread(walls[name])) for name in _NAMES}
        Path(options.json).write_text(
            json.dumps({"noise": noise, "walls": summary, "rounds": figures}, indent=1) + "\n"
        )
    return int(spread(walls["gatekeeper"]).middle > options.target)


def _commands(programs: Path, place: Path) -> dict[str, list[str]]:
    """A repository whose gates all wait, and how each contender is started in it."""
    shutil.rmtree(place, ignore_errors=True)
    gates = ", ".join(f"{name}: {{run: sleep 1}}" for name in _FOUR)
    hooks = [
        {"id": name, "name": name, "language": "system", "entry": "sleep 1"}
        | {"pass_filenames": False, "always_run": True, "priority": 0}
        for name in _FOUR
    ]
    commands = {name: {"run": "sleep 1"} for name in _FOUR}
    files = {
        "README.md": "bench\n",
        ".gatekeeper.yml": f"gates: {{{_OFF}, {gates}}}\n",
        ".pre-commit-config.yaml": json.dumps({"repos": [{"repo": "local", "hooks": hooks}]}),
        "lefthook.yml": json.dumps({"bench": {"parallel": True, "commands": commands}}),
    }
    clone = place / "clone"
    repository.make(clone, files)
    repository.commit(clone, {"README.md": "bench, once more\n"})
    return {
        "gatekeeper": [sys.executable, "-m", "gatekeeper", "run", "--from", "HEAD^", "--to", "HEAD"],
        "prek": [str(programs / "prek"), "run", "--all-files"],
        "lefthook": [str(programs / "lefthook"), "run", "bench", "--no-auto-install"],
    }


def _environment(scratch: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PREK_", "LEFTHOOK"))}
    return kept | {
        "GATEKEEPER_CACHE": str(scratch / "sleep" / "cache"),
        "PREK_HOME": str(scratch / "sleep" / "prek"),
        "PREK_CONCURRENT_HOOKS": "4",
    }


if __name__ == "__main__":
    sys.exit(main())
