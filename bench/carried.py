"""Shows over consecutive real commits that a run that leaves tests out gives the verdicts of one that runs them all.

    python bench/carried.py --python PYTHON CLONE... [--commits 50] [--gate tests --gate coverage --gate docs]

PYTHON is an interpreter with what the tests need. The last commits of each repository are laid out as a history of
their own, tree for tree, beside a configuration that selects. From the oldest on, `gatekeeper run` judges each commit
twice: with what the runs before have learnt, carried along from commit to commit, and with `--full` and a memory of its
own. Status, measured value and findings of each gate must be equal. Where they are not, all tests run twice more: what
they do not agree on themselves is called flaky. Ends with 1 if a verdict differs that is not flaky.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

NAME = ".gatekeeper.yml"
SETTINGS = """\
python: {python}
gates:
  review: off
  tests: {{select: always, args: ["-p", "no:randomly"]}}
  coverage: {{minimum: 1}}
"""
PERSON = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Bench"), ("EMAIL", "bench@example.invalid"), ("DATE", "1700000000 +0000"))
}


@dataclass
class Count:
    """What came of the commits of one repository."""

    commits: int = 0
    different: int = 0
    flaky: int = 0
    shares: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)


class Walk:
    """A copy of a repository whose last commits follow one another, each with the configuration."""

    def __init__(self, source: Path, scratch: Path, options: argparse.Namespace) -> None:
        self.scratch, self.options = scratch, options
        self.tree = scratch / "tree"
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", str(source), str(self.tree)], check=True)
        self.git("config", "gc.auto", "0")

    def git(self, *arguments: str, text: str = "") -> str:
        """What Git prints."""
        environment = {**os.environ, **PERSON, "GIT_INDEX_FILE": str(self.scratch / "index")}
        done = subprocess.run(
            ["git", "-C", str(self.tree), *arguments], input=text, env=environment, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commits(self) -> list[tuple[str, str]]:
        """Each commit of the last ones on the first line of descent, with the one that stands for it here."""
        number = self.options.commits + 1
        originals = self.git("log", "--first-parent", "--format=%H", f"-{number}").split()[::-1]
        settings = self.git("hash-object", "-w", "--stdin", text=SETTINGS.format(python=self.options.python))
        made: list[tuple[str, str]] = []
        for original in originals:
            self.git("read-tree", original)
            self.git("update-index", "--add", "--cacheinfo", f"100644,{settings},{NAME}")
            parent = ("-p", made[-1][1]) if made else ()
            made.append((original, self.git("commit-tree", self.git("write-tree"), *parent, "-m", original)))
        self.git("update-ref", "refs/heads/replay", made[-1][1])
        self.git("symbolic-ref", "HEAD", "refs/heads/replay")
        return made

    def run(self, before: str, commit: str, memory: str, *more: str) -> tuple[dict[str, Any], float]:
        """The report of a run, and its seconds."""
        output = self.scratch / "report.json"
        output.unlink(missing_ok=True)
        gates = [word for gate in self.options.gate or () for word in ("--gate", gate)]
        argv = [sys.executable, "-m", "gatekeeper", "run", "--from", before, "--to", commit, *gates, *more]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment["GATEKEEPER_CACHE"] = str(self.scratch / memory)
        started = time.perf_counter()
        done = subprocess.run(
            [*argv, "--format", "json", "--output", str(output)], cwd=self.tree, env=environment, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        if not output.exists():
            raise SystemExit(f"{commit}: no report\n{done.stdout}{done.stderr}")
        return json.loads(output.read_text("utf-8")), time.perf_counter() - started


def verdicts(report: dict[str, Any]) -> dict[str, tuple[object, ...]]:
    """What a report says of each gate, but for words and times."""
    return {
        verdict["gate"]: (
            verdict["status"], verdict["measured"],
            sorted((each["rule"], each["path"], each["line"], each["blocks"]) for each in verdict["findings"]),
        )
        for verdict in report["verdicts"]
    }  # fmt: skip


def share(report: dict[str, Any], count: Count) -> float:
    """Which share of the tests ran."""
    verdict = next(verdict for verdict in report["verdicts"] if verdict["gate"] == "tests")
    told = " ".join(verdict["notes"])
    reused = re.search(r"(\d+) ran, (\d+) reused from", told)
    if reused is None:
        nothing = re.search(r"(\d+) reused from", verdict["summary"])
        if nothing:
            return 0.0
        reason = re.search(r"all tests ran: (.*)", told)
        word = reason[1] if reason else verdict["summary"]
        count.reasons[word] = count.reasons.get(word, 0) + 1
        return 1.0
    ran, left = int(reused[1]), int(reused[2])
    return ran / (ran + left)


def walk(source: Path, options: argparse.Namespace) -> int:
    """Walk through one repository; returns the number of commits with another verdict."""
    name = (source.parent.name if source.name == "repo" else source.name).split("+")[-1]
    count = Count()
    with tempfile.TemporaryDirectory(prefix="carried-") as folder:
        place = Walk(source, Path(folder).resolve(), options)
        commits = place.commits()
        for (_, before), (original, commit) in itertools.pairwise(commits):
            chosen, less = place.run(before, commit, "carried")
            full, seconds = place.run(before, commit, "full", "--full")
            judge(place, original, (before, commit), (verdicts(full), verdicts(chosen)), count)
            count.shares.append(share(chosen, count))
            count.times.append(less / seconds)
    print(
        f"{name:14} {count.commits} commits, {count.different} with another verdict, {count.flaky} flaky; "
        f"tests that ran: mean {mean(count.shares):.0%} median {median(count.shares):.0%}; "
        f"none at {count.shares.count(0.0)}, all at {count.shares.count(1.0)}; "
        f"time mean {mean(count.times):.2f} median {median(count.times):.2f} of a full run",
        flush=True,
    )
    for reason, times in sorted(count.reasons.items(), key=lambda each: -each[1]):
        print(f"  all ran at {times}: {reason}", flush=True)
    return count.different


def judge(
    place: Walk, original: str, ends: tuple[str, str], told: tuple[dict[str, Any], dict[str, Any]], count: Count
) -> None:
    """Compare the verdicts on one commit."""
    full, chosen = told
    count.commits += 1
    if full == chosen:
        return
    again = [verdicts(place.run(*ends, "full", "--full")[0]) for _ in range(2)]
    other = [gate for gate in full if full[gate] != chosen.get(gate)]
    steady = [gate for gate in other if all(each[gate] == full[gate] for each in again)]
    count.different += bool(steady)
    count.flaky += not steady
    for gate in other:
        word = "DIFFERENT" if gate in steady else "flaky"
        print(f"  {original[:10]} {gate} {word}: {full[gate]} in full, {chosen.get(gate)}", flush=True)


def main() -> int:
    """Run the bench; 1 if any verdict differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--commits", type=int, default=50)
    parser.add_argument("--gate", action="append", help="only this gate (may be repeated)")
    options = parser.parse_args()
    options.python = Path.cwd() / options.python  # not resolved: a link tells its environment
    return 1 if sum(walk(source, options) for source in options.clones) else 0


if __name__ == "__main__":
    sys.exit(main())
