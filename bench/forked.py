"""Measures what a warm server of pylint saves, and shows that what it says is what a cold look says, byte for byte.

    python bench/forked.py FOLDER [FOLDER ...] [--files 12] [--python ENV/bin/python] [--seed 0]

Each folder is the root of a project. Random files of it are looked at one by one, as the job `review.lint` does: from
cold with the collector of Python, cold as the job is (without it), and forked from a server that knows what the first
file needed and learns what the others do. Answers are compared as JSON text, and the exit code is 1 when any differs.
What is printed are medians of CPU seconds, with those that a child of the server took. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import gatekeeper
from gatekeeper.edges import warm
from gatekeeper.gates.review.profile import ALWAYS_OFF, PROFILE_OFF

_PROGRAM = str(Path(gatekeeper.__file__).parent / "inside" / "lint.py")
_COLLECTING = """\
import gc, runpy, sys
gc.disable = lambda: None
sys.argv[:] = sys.argv[1:]
sys.path[0] = sys.argv[0].rpartition("/")[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_PATIENCE = 120.0


def main() -> int:
    """Measure every folder and print a table; the exit code is 1 when any answer differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="the root of a project")
    parser.add_argument("--files", type=int, default=12, metavar="N", help="of each project (default: 12)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has pylint (default: this one)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the choice of files (default: 0)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    options = parser.parse_args()
    os.environ["GATEKEEPER_CACHE"] = str(Path(options.scratch, "forked").absolute())
    choice, different = random.Random(options.seed), 0
    sys.stdout.write(
        "| project (files) | collecting | cold | forked | forked / cold | different |\n|---|---|---|---|---|---|\n"
    )
    for folder in options.folders:
        rows = _measured(Path(folder).resolve(), options, choice)
        wrong = sum(row[3] for row in rows)
        different += wrong
        columns = [f"{statistics.median(row[way] for row in rows):.2f}" for way in range(3)]
        share = statistics.median(row[2] / row[1] for row in rows)
        sys.stdout.write(f"| {Path(folder).name} ({len(rows)}) | {' | '.join(columns)} | {share:.2f} | {wrong} |\n")
        sys.stdout.flush()
        sys.stderr.write(f"servers: {[f'{server.bytes >> 20} MB' for server in warm.servers()]}\n")
        warm.stop_servers()
    return 1 if different else 0


def _measured(root: Path, options: argparse.Namespace, choice: random.Random) -> list[tuple[float, float, float, bool]]:
    """For each file the CPU seconds with the collector, cold, and forked, and whether the answers differ."""
    scratch = Path(options.scratch, "forked").absolute()
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "warm").mkdir(parents=True, mode=0o700)
    found = [path for path in root.rglob("*.py") if not {"_vendor", "venv", ".venv"} & set(path.parts)]
    files = choice.sample(sorted(found), min(options.files, len(found)))
    rows = []
    for file in files:
        collecting = _look(root, file, options.python, scratch, "", ("-c", _COLLECTING))[0]
        cold, expected, _ = _look(root, file, options.python, scratch, "")
        for _ in range(4):  # what is asked for first begins the server, or has it learn
            forked, said, how = _look(root, file, options.python, scratch, str(scratch / "warm"))
            _until_ready(scratch / "warm")
            if how.startswith("pylint was forked"):
                break
            sys.stderr.write(f"{file}: {how}")
        else:
            continue
        if said != expected:
            sys.stderr.write(f"DIFFERENT: {file}\n  {expected}\n  {said}\n")
        rows.append((collecting, cold, forked, said != expected))
    return rows


def _look(
    root: Path, file: Path, python: str, scratch: Path, folder: str, way: tuple[str, ...] = ()
) -> tuple[float, str, str]:
    """The CPU seconds of a look at a file, what pylint says of it, and how that came."""
    place = root / "src" if (root / "src").is_dir() else root
    side = {"name": "head", "root": str(root), "tree": str(root), "roots": [str(place)], "files": [str(file)]}
    inner = [path for path in place.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    output, elsewhere = scratch / "answer.json", scratch / "seconds"
    asked = {
        "output": str(output), "sides": [side], "tree": str(root), "packages": sorted(path.stem for path in inner),
        "borrowed_path": [], "config_roots": [str(scratch)], "always_off": list(ALWAYS_OFF),
        "profile_off": list(PROFILE_OFF), "ignore": [], "warm": folder, "run": 0, "elsewhere": str(elsewhere),
    }  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONHASHSEED": "0", "PYLINTHOME": str(scratch / "pylint")}
    elsewhere.unlink(missing_ok=True)
    before = _children_seconds()
    done = subprocess.run(
        [python, *way, _PROGRAM], input=json.dumps(asked), cwd=root, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    seconds = _children_seconds() - before + float(elsewhere.read_text() if elsewhere.exists() else 0)
    return seconds, json.dumps(json.loads(output.read_text("utf-8"))["sides"]), done.stderr


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _until_ready(folder: Path) -> None:
    """Wait until no server is beginning any more, so that none takes the cores while something is measured."""
    end = time.monotonic() + _PATIENCE
    time.sleep(0.5)
    while time.monotonic() < end and any(folder.glob("*.lock")):
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
