"""The fault matrix: what pre-commit, prek, lefthook and Gatekeeper do to the user's work and to the verdict.

    python bench/faults.py [--runs 3] [--seed 0] [--tool NAME ...] [--scratch DIR] [--output FILE]

Each case is done in a new repository, in real commits and pushes, and a signal goes to the whole process group as from
a terminal, at a random moment of the check. Where the rounds of a case differ, every answer is told with its number.
The three others are installed from PyPI into the scratch folder. Linux only.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import faults_commits
import faults_pushes
from faults_ground import Ground
from faults_tools import NAMES, Tool
from project import runners

Row = Callable[[Ground, random.Random], str]


def main() -> int:
    """Go through both tables and print them; the exit code is 0."""
    options = _options()
    scratch = Path(options.scratch).absolute()
    tools = [Tool(name, runners(scratch), scratch / "faults" / "home") for name in options.tool or NAMES]
    place = scratch / "faults"
    shutil.rmtree(place, ignore_errors=True)
    (place / "home").mkdir(parents=True)
    tables = [
        _table("While a commit is checked", "pre-commit", faults_commits.ROWS, tools, options),
        _table("Pushes of a bad commit", "pre-push", faults_pushes.ROWS, tools, options),
    ]
    text = "\n".join(tables)
    sys.stdout.write(text)
    if options.output:
        Path(options.output).write_text(text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds of each case (default: 3)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random moments (default: 0)")
    parser.add_argument("--tool", action="append", choices=NAMES, help="only this tool (may be repeated)")
    parser.add_argument("--case", default="", metavar="WORD", help="only the cases with this word")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--output", metavar="FILE", help="write the tables there too")
    return parser.parse_args()


def _table(title: str, hook: str, rows: dict[str, Row], tools: list[Tool], options: argparse.Namespace) -> str:
    heads = [title, *(f"{tool.name} {tool.version()}" for tool in tools)]
    lines = [heads, ["---"] * len(heads)]
    for number, (name, row) in enumerate(rows.items()):
        if options.case in name:
            sys.stderr.write(f"{name}\n")
            lines.append([name, *(_cell(tool, hook, row, f"{hook}-{number}", options) for tool in tools)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(tool: Tool, hook: str, row: Row, name: str, options: argparse.Namespace) -> str:
    """What came of a case, in each of its rounds."""
    answers = []
    for turn in range(options.runs):
        place = tool.home.parent / f"{name}-{tool.name}-{turn}"
        try:
            answers.append(row(Ground(tool, place, hook), random.Random(f"{options.seed} {name} {turn}")))
        except (subprocess.SubprocessError, OSError) as error:
            answers.append(f"(the case failed: {type(error).__name__})")
        shutil.rmtree(place, ignore_errors=True)
    counted = Counter(answers).most_common()
    return counted[0][0] if len(counted) == 1 else "; ".join(f"{answer} ({count})" for answer, count in counted)


if __name__ == "__main__":
    sys.exit(main())
