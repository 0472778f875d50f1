"""Eight scripted agents at once on a real repository: how soon they begin, how long all of it takes, and what is kept.

    python bench/orchestrate.py REPOSITORY [--folder src/flask] [--agents 8] [--seconds 6] [--rounds 3] [--scratch DIR]

Each agent has a Python file of its own, works for 60 to 100 % of `--seconds`, and appends lines that exist only once.
Two of them also write the same new document, differently: a planted conflict, which one of them has to solve by working
again. The gate is a single quick command, since it is not the gates that are measured. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from figures import table

_LINES = 50
_SHARED = "NEWS-of-the-bench.md"
_AGENT = r"""
import pathlib, sys, time
prompt = pathlib.Path(sys.argv[1]).read_text("utf-8")
names, seconds, lines, shared = sys.argv[2].split(","), float(sys.argv[3]), int(sys.argv[4]), pathlib.Path(sys.argv[5])
lane = prompt.partition("that you may change>\n")[2].splitlines()[0]
number = names.index(lane)
again = "could not be" in prompt
wanted = seconds * (1 - 0.4 * number / len(names))
with open(sys.argv[6], "a") as file:
    file.write(f"{time.time()} {again} {wanted}\n")
print("at work on", lane, flush=True)
time.sleep(wanted)
with open(lane, "a") as file:
    file.writelines(f"# bench {number} {line}\n" for line in range(lines))
if number in (1, 2):
    with open(shared, "a") as file:
        file.write(f"bench {number} news\n")
"""


@dataclass(frozen=True)
class Round:
    """What came of one orchestration: times in seconds, and lines."""

    spread: float
    makespan: float
    bound: float
    integration: float
    whole: float
    conflicts: tuple[str, ...]
    written: int
    kept: int


def main() -> int:
    """Orchestrate a few times and print the figures; the exit code is 1 where a line was lost."""
    options = _options()
    scratch = Path(options.scratch).absolute() / "orchestrate"
    rounds = []
    for number in range(options.rounds):
        place = scratch / f"round-{number}"
        shutil.rmtree(place, ignore_errors=True)
        rounds.append(_round(place, options))
        sys.stderr.write(f"round {number + 1} of {options.rounds}: {rounds[-1]}\n")
    columns: dict[str, list[float]] = {
        "launch spread s": [each.spread for each in rounds],
        "makespan s": [each.makespan for each in rounds],
        "bound s": [each.bound for each in rounds],
        "/ bound": [each.makespan / each.bound for each in rounds],
        "all joins together s": [each.integration for each in rounds],
        "the command s": [each.whole for each in rounds],
    }
    rows = [[name, f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"] for name, values in columns.items()]
    rows.append(["planted conflict found", f"{sum(bool(each.conflicts) for each in rounds)} of {len(rounds)}"])
    rows.append(["lines kept", f"{sum(each.kept for each in rounds)} of {sum(each.written for each in rounds)}"])
    sys.stdout.write(table([f"{options.agents} agents", "median (range)"], rows) + "\n")
    return int(any(each.kept != each.written or not each.conflicts for each in rounds))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", help="a clone or a bare repository")
    parser.add_argument("--folder", default="src/flask", help="where the files of the lanes lie (default: %(default)s)")
    parser.add_argument("--agents", type=int, default=8, metavar="N", help="default: 8")
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S", help="that the slowest works (default: 6)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    return parser.parse_args()


def _round(place: Path, options: argparse.Namespace) -> Round:
    clone = place / "clone"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GATEKEEPER_CACHE": str(place / "cache"), "GIT_CONFIG_GLOBAL": "/dev/null",
    }  # fmt: skip

    def git(*arguments: str) -> str:
        person = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
        argv = ["git", "-C", str(clone), *person, *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout

    place.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", options.repository, str(clone)], check=True, env=environment)
    files = sorted(f"{options.folder}/{file.name}" for file in (clone / options.folder).glob("[a-z]*.py"))
    lanes = files[: options.agents]
    (place / "agent.py").write_text(_AGENT)
    argv = [sys.executable, str(place / "agent.py"), "{prompt_file}", ",".join(lanes), str(options.seconds)]
    roster = [{"name": "scripted", "pillar": "primary", "run": [*argv, str(_LINES), _SHARED, str(place / "journal")]}]
    gates: dict[str, Any] = dict.fromkeys(("review", "coverage", "tests", "docs"), False)
    gates["compiles"] = {"run": f"{sys.executable} -m py_compile {{files}}", "paths": ["**/*.py"]}
    (clone / ".gatekeeper.yml").write_text(json.dumps({"agents": roster, "gates": gates}))
    git("add", ".gatekeeper.yml")
    git("commit", "--quiet", "--no-verify", "--message=bench")
    command = [sys.executable, "-m", "gatekeeper", "orchestrate", "--task", "bench", "--agent", "scripted"]
    command += ["--agents", str(options.agents), "--branch", "result", "--format", "json", "--files", *lanes]
    started = time.monotonic()
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    whole = time.monotonic() - started
    if done.returncode:
        raise SystemExit(f"the orchestration ended with exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    (log,) = (place / "cache").glob("**/orchestrations/*/events.jsonl")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    wanted = [f"# bench {number} {line}" for number in range(len(lanes)) for line in range(_LINES)]
    wanted += [f"bench {number} news" for number in (1, 2)]
    found = git("grep", "-h", "bench [0-9]", "result").splitlines()
    lines = (len(wanted), sum(found.count(line) == 1 for line in wanted))
    return _figures(events, whole, lines, (place / "journal").read_text())


def _figures(events: list[dict[str, Any]], whole: float, lines: tuple[int, int], journal: str) -> Round:
    """What the log of events and the agents' own journal tell.

    The bound is what has to follow one another: the slowest first attempt, the slowest second one, the judgement of the
    whole. The seconds of an attempt are those that its agent wants to work.
    """
    attempts = [line.split() for line in journal.splitlines()]
    first = [(float(at), float(seconds)) for at, again, seconds in attempts if again == "False"]
    second = [float(seconds) for _, again, seconds in attempts if again == "True"]
    joins = [event for event in events if event["event"] == "integrated"]
    judged = next(event for event in events if event["event"] == "judged" and not event["lane"])
    starts = [at for at, _ in first]
    return Round(
        spread=max(starts) - min(starts),
        makespan=events[-1]["at"],
        bound=max(seconds for _, seconds in first) + max(second, default=0.0) + judged["seconds"],
        integration=sum(event["seconds"] for event in joins),
        whole=whole,
        conflicts=tuple(conflict for event in joins for conflict in event["conflicts"]),
        written=lines[0],
        kept=lines[1],
    )


if __name__ == "__main__":
    sys.exit(main())
