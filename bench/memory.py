"""Measures what pylint costs with what is remembered of earlier runs: CPU seconds of the job `review.lint`.

    python bench/memory.py CLONE [CLONE ...] [--commits 6] [--python ENV/bin/python] [--scratch DIR]

For each of the last commits that change Python files the change is staged on the parent and judged by the gate review:
cold (nothing is remembered), after a run at the parent commit, once more as it is, and after one more line in one of
the changed files. The interpreter is that of the project, with pylint and what the clone imports. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

_WAYS = ("cold", "after the parent", "once more", "one more line")


def main() -> int:
    """Measure every clone and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", metavar="CLONE", help="a clone, or its Git folder, with its history")
    parser.add_argument("--commits", type=int, default=6, metavar="N", help="of each clone (default: 6)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the projects (default: this one)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    options = parser.parse_args()
    sys.stdout.write(f"| project (commits) | {' | '.join(_WAYS)} |\n|---|{'---|' * len(_WAYS)}\n")
    for clone in options.clones:
        scratch = Path(options.scratch, "memory").absolute()
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        work = scratch / "work"
        subprocess.run(["git", "clone", "--quiet", clone, str(work)], check=True, stderr=subprocess.DEVNULL)
        rows = [_measured(work, commit, options.python, scratch) for commit in _commits(work, options.commits)]
        medians = [f"{statistics.median(row[way] for row in rows):.2f}" for way in range(len(_WAYS))]
        name = Path(_git(work, "remote", "get-url", "origin").strip().removesuffix("/repo")).name
        sys.stdout.write(f"| {name} ({len(rows)}) | {' | '.join(medians)} |\n")
        sys.stdout.flush()
    return 0


def _measured(work: Path, commit: str, python: str, scratch: Path) -> list[float]:
    """The CPU seconds of pylint for a commit, in the order of the ways."""
    cache = scratch / "cache"
    seconds = []
    for first in (False, True):
        for store in cache.glob("*/outcomes.sqlite3"):
            store.unlink()
        if first:
            _stage(work, f"{commit}~1")
            _lint_seconds(work, python, cache)
        _stage(work, commit)
        seconds.append(_lint_seconds(work, python, cache))
    seconds.append(_lint_seconds(work, python, cache))
    file = work / _changed(work, commit)[0]
    file.write_text(file.read_text("utf-8") + "# one more line\n", "utf-8")
    _git(work, "add", "--update")
    return [*seconds, _lint_seconds(work, python, cache)]


def _commits(work: Path, count: int) -> list[str]:
    """The last commits that change a Python file and whose parents do too."""
    found = _git(work, "log", "--no-merges", "--format=%H", "-n", "200", "--", "*.py").split()
    fit = (commit for commit in found if _changed(work, commit) and _changed(work, f"{commit}~1"))
    return [commit for commit, _ in zip(fit, range(count), strict=False)]


def _changed(work: Path, commit: str) -> list[str]:
    return _git(work, "diff", "--name-only", "--diff-filter=M", f"{commit}~1", commit, "--", "*.py").split()


def _stage(work: Path, commit: str) -> None:
    _git(work, "checkout", "--quiet", "--force", "--detach", f"{commit}~1")
    _git(work, "read-tree", "-u", "--reset", commit)


def _lint_seconds(work: Path, python: str, cache: Path) -> float:
    environment = {**os.environ, "GATEKEEPER_CACHE": str(cache), "GATEKEEPER_PYTHON": python}
    argv = [sys.executable, "-m", "gatekeeper", "run", "--staged", "--gate", "review", "--format", "json"]
    done = subprocess.run(argv, cwd=work, env=environment, capture_output=True, text=True, check=False)
    jobs = json.loads(done.stdout)["plan"]["jobs"]
    return float(next(job["cpu_seconds"] for job in jobs if job["id"] == "review.lint"))


def _git(work: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(work), *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
