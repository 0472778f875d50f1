"""How long planning takes, and how much memory: synthetic changes over trees of 100, 1,000 and 10,000 modules.

    python bench/planning.py [--runs 5] [--sizes 100 1000 10000] [--json FILE]

A tenth of the modules changes, at most 1,000, half of them with their test; each module has 150 lines and imports three
others of its package. Reading the change from Git is not counted: it is done for the gates anyway. Each size runs in a
process of its own; its peak of memory holds the interpreter and the change too. Target: under 2 s at 1,000 modules.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import clock
from figures import spread, table

from gatekeeper.formats.layout import find_layout
from gatekeeper.formats.python_source import definitions
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk, LineSpan
from gatekeeper.model.plan import Pillar
from gatekeeper.model.rules import Level, Rules
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.planner import Demand, make_plan

_SIZES = (100, 1_000, 10_000)
_STEPS = ((Level.DIRECT, 1), (Level.ONE_AGENT, 3), (Level.TWO_TO_THREE_AGENTS, 8), (Level.FULL_DELEGATION, 16))
_RULES = Rules(_STEPS, 2, 1.0, 0.95, 0.9, 1.0, (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS), 3)
_PACKAGE = 20  # modules


def main() -> int:
    """Measure and print; the exit code is 1 when the median at 1,000 modules misses the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="plans of each size (default: 5)")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=_SIZES, metavar="N", help="modules (default: %(default)s)"
    )
    parser.add_argument("--target", type=float, default=2.0, metavar="SECONDS", help="at 1,000 (default: %(default)s)")
    parser.add_argument("--json", default="", metavar="FILE", help="write every figure to FILE")
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        sys.stdout.write(json.dumps(_measured(options.one, options.runs)))
        return 0
    load = clock.load()
    found = {size: _apart(size, options.runs) for size in options.sizes}
    rows = [
        [f"{size:,}", f"{one['files']:,}", spread(one["seconds"]).text(), f"{one['mb']:.0f}", str(one["lanes"])]
        for size, one in found.items()
    ]
    sys.stdout.write(f"load average {load:.1f} before, {clock.load():.1f} after, {clock.cores()} cores\n\n")
    sys.stdout.write(table(["modules", "files changed", "planning s", "peak MB", "lanes"], rows) + "\n")
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n")
    return int(1_000 in found and spread(found[1_000]["seconds"]).middle > options.target)


def _apart(size: int, runs: int) -> dict:
    argv = [sys.executable, __file__, "--one", str(size), "--runs", str(runs)]
    return json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def _measured(size: int, runs: int) -> dict:
    change, ground = _synthetic(size)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        plan = make_plan(change, ground, Demand(_RULES, 8))
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lanes = sum(workstream.pillar is Pillar.PRIMARY for workstream in plan.workstreams)
    return {"files": len(change.files), "seconds": seconds, "mb": peak / 1024, "lanes": lanes}


def _synthetic(size: int) -> tuple[Change, Ground]:
    """A change of a tree with so many modules; the same for the same size."""
    source = random.Random(size)
    packages = max(size // _PACKAGE, 1)
    modules = [(f"pkg{n % packages}", f"mod{n}") for n in range(size)]
    names = [f"src/{package}/{module}.py" for package, module in modules]
    names += [f"src/pkg{n}/__init__.py" for n in range(packages)] + [f"tests/test_mod{n}.py" for n in range(size)]
    files = []
    for number in sorted(source.sample(range(size), min(max(size // 10, 5), 1_000))):
        package, module = modules[number]
        near = [f"mod{source.randrange(size // packages) * packages + number % packages}" for _ in range(3)]
        text = "".join(f"from {package} import {name}\n" for name in near) + _body(number)
        files.append(_file(f"src/{package}/{module}.py", text))
        if number % 2:
            files.append(_file(f"tests/test_{module}.py", f"from {package} import {module}\n" + _body(number)))
    ground = Ground(frozenset(names), (find_layout(names, ""),))
    return Change("base", "head", tuple(sorted(files, key=lambda file: file.path))), ground


def _body(number: int) -> str:
    return "".join(
        f"\n\ndef function_{number}_{n}(first, second=None):\n    \"\"\"Does something.\"\"\"\n"
        "    if second is None:\n        second = first\n    total = 0\n    for each in range(first):\n"
        f"        total += each * {n}\n    return total + second\n"
        for n in range(13)
    )  # fmt: skip


def _file(path: str, text: str) -> FileChange:
    base = text.replace("total = 0", "total = 1", 2)
    hunks = (Hunk(12, 1, 12, 1), Hunk(22, 1, 22, 1))
    found = definitions(text, (LineSpan(12, 12), LineSpan(22, 22)))
    return FileChange(path, ChangeKind.MODIFIED, hunks=hunks, text=text, base_text=base, definitions=found)


if __name__ == "__main__":
    sys.exit(main())
