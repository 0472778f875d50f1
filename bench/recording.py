"""Measures what it costs to record what tests touch: processor seconds of all tests, plain and recorded.

    python bench/recording.py --python PYTHON REPOSITORY... [--times 3] [--args=-q]

PYTHON is an interpreter with what the tests need. Each repository is cloned; its tests run plain and recorded by turns,
and the better of each counts, since others only ever add. Prints both, their ratio, and the size of what was recorded.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from mutants import Project

from gatekeeper.formats.touch_trace import read_trace


def measured(project: Project, times: int) -> str:
    """A line on the cost for one project."""
    plain, recorded, text, tests = [], [], "", 0
    for _ in range(times + 1):  # the first pair compiles what is imported
        _, _, seconds = project.run(record=False)
        plain.append(seconds)
        report, text, seconds = project.run()
        recorded.append(seconds)
        tests = len(report.tests) if report else 0
    if not text:
        return "the tests cannot be run"
    problem = read_trace(text, "bench").problem
    least, most = min(plain[1:]), min(recorded[1:])
    words = f"{tests:5} tests, plain {least:5.2f} s, recorded {most:5.2f} s, ratio {most / least:.2f}"
    return f"{words}, {len(text) // 1000} kB recorded{problem and f'; {problem}'}"


def main() -> None:
    """Measure each repository."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--args", action="append", default=[])
    options = parser.parse_args()
    for source in options.repositories:
        with tempfile.TemporaryDirectory(prefix="recording-") as folder:
            project = Project(source, Path(folder).resolve(), options.python, options.args)
            print(f"{source.name:14} {measured(project, options.times)}", flush=True)


if __name__ == "__main__":
    main()
