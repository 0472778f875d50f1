"""Shows over real commits that a selected run says what a full run says: outcomes, coverage of the change, total.

    python bench/selected.py --python PYTHON CLONE... [--commits 50] [--args=-q]

Walks through the last commits of each repository, the oldest first, and carries along what is known of the tests. At
each commit all tests run, and then those that are selected; both are measured. What differs is printed: tests that
failed and were left out, lines of the change that one run covers and the other does not, the share of the whole
project. Ends with 1 if anything differs that is not said to be unsure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median

import gatekeeper
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.git import find_repository
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.touch_trace import TouchTrace, read_trace
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import FileChange
from gatekeeper.model.selection import Selection, TestMap
from gatekeeper.planning.selection import select
from gatekeeper.planning.selection_update import Sources, unfit, updated

INSIDE = Path(gatekeeper.__file__).parent / "inside"
NONCE = "bench"
SECONDS_LIMIT = 600


@dataclass(frozen=True)
class Seen:
    """What a run said."""

    report: TestReport
    trace: TouchTrace
    lines: dict[str, dict[str, list[object]]]
    total: float
    exact: bool
    seconds: float


class Walk:
    """A clone at one commit after the other, with what is known of its tests."""

    def __init__(self, source: Path, folder: Path, options: argparse.Namespace) -> None:
        self.tree, self.scratch, self.options = folder / "tree", folder, options
        subprocess.run(["git", "clone", "--quiet", "--local", str(source), str(self.tree)], check=True)
        self.edge = find_repository(str(self.tree))
        self.known: TestMap | None = None

    def commits(self) -> list[str]:
        """The last commits of the first line of descent, the oldest first; only those that change Python files."""
        command = ["git", "-C", str(self.tree), "log", "--first-parent", "--format=%H", f"-{self.options.commits}"]
        told = subprocess.run([*command, "--", "*.py"], check=True, capture_output=True, text=True).stdout
        return told.split()[::-1]

    def move(self, commit: str) -> str:
        """Lay a commit out; returns its tree."""
        subprocess.run(["git", "-C", str(self.tree), "checkout", "--quiet", "--force", commit], check=True)
        subprocess.run(["git", "-C", str(self.tree), "clean", "-fdxq"], check=True)
        return self.edge.tree(commit)

    def run(self, files: tuple[FileChange, ...], selection: Selection | None) -> Seen:
        """Run and measure all tests, or the selected ones."""
        chosen = selection or Selection()
        data, report, trace = (self.scratch / name for name in ("data", "report.json", "trace.json"))
        subprocess.run(["rm", "-rf", str(data), str(report), str(trace)], check=True)
        known = {"environment": dict(chosen.environment), "untracked": dict(chosen.untracked)}
        request = {
            "nonce": NONCE, "report": str(report), "tree": str(self.tree), "root": str(self.tree), "base": None,
            "import_roots": self.roots(), "packages": [], "args": ["-p", "no:randomly", *self.options.args],
            "only": [], "rootdir": "", "cache": str(self.scratch / "cache"),
            "measure": {"data": str(data), "root": str(self.tree), "startup": str(INSIDE / "startup"), "base": ""},
            "record": {"trace": str(trace), "reuse": list(chosen.reuse), **known},
        }  # fmt: skip
        started = time.perf_counter()
        told = self.start("run_tests.py", request)
        seconds = time.perf_counter() - started
        if not report.exists() or not trace.exists():
            raise SystemExit(f"{self.tree}: the tests cannot be run\n{told}")
        answer = self.coverage(files, chosen, data, trace)
        return Seen(
            read_test_report(report.read_text("utf-8"), NONCE), read_trace(trace.read_text("ascii"), NONCE),
            {path: added_part(files, path, entry) for path, entry in answer["files"].items()},
            answer["total"] or 0.0, bool(answer.get("exact", True)), seconds,
        )  # fmt: skip

    def coverage(self, files: tuple[FileChange, ...], chosen: Selection, data: Path, trace: Path) -> dict[str, object]:
        """What the report on the coverage says."""
        wanted = [str(self.tree / file.path) for file in files if file.is_python]
        place = self.scratch / "coverage.json"
        request = {
            "nonce": NONCE, "report": str(place), "data": str(data), "root": str(self.tree), "base": "",
            "import_roots": self.roots(), "files": wanted, "total": True,
        }  # fmt: skip
        if chosen.covered is not None:
            covered = chosen.covered
            by = {test: {path: sorted(each) for path, each in seen.items()} for test, seen in covered.by.items()}
            request["remembered"] = {
                "settings": covered.settings, "branches": covered.branches, "whole": covered.whole, "by": by,
                "trace": str(trace), "nonce": NONCE, "tree": str(self.tree),
            }  # fmt: skip
        self.start("report_coverage.py", request)
        return json.loads(place.read_text("ascii"))

    def start(self, program: str, request: dict[str, object]) -> str:
        """Run a program of ours; returns the end of what it printed."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COVERAGE"))
        }
        environment["PYTHONPATH"] = os.pathsep.join(self.roots())
        done = subprocess.run(
            [self.options.python, str(INSIDE / program)], input=json.dumps(request).encode(), cwd=self.tree,
            env=environment, capture_output=True, timeout=SECONDS_LIMIT, check=False,
        )  # fmt: skip
        return done.stderr.decode("utf-8", "replace")[-2000:]

    def roots(self) -> list[str]:
        """The import roots."""
        return [str(self.tree / "src" if (self.tree / "src").is_dir() else self.tree)]

    def learn(self, tree: str, before: TestMap | None, seen: Seen, chosen: Selection | None) -> None:
        """Know what a run saw."""
        sources = Sources(tree, self.edge.objects(tree), lambda path: (self.tree / path).read_text("utf-8"))
        if unfit(seen.trace, sources):
            raise SystemExit(f"{self.tree}: {unfit(seen.trace, sources)}")
        ended = {test.id: test for test in seen.report.tests}
        covered = chosen.covered if chosen else None
        self.known = updated(before, seen.trace, ended, sources, frozenset(), covered)


def added_part(files: tuple[FileChange, ...], path: str, entry: dict[str, list[object]]) -> dict[str, list[object]]:
    """What a report says of the lines that the change brought."""
    added = next(file.added_lines for file in files if path.endswith("/" + file.path))
    lines = ("executed_lines", "missing_lines")
    branches = ("executed_branches", "missing_branches")
    part = {key: [line for line in entry.get(key, ()) if line in added] for key in lines}
    return {**part, **{key: [arc for arc in entry.get(key, ()) if arc[0] in added] for key in branches}}


def differences(full: Seen, chosen: Seen) -> list[str]:
    """What the two runs say differently."""
    bad, seen = ({test.id for test in run.report.failures} for run in (full, chosen))
    found = [f"{len(bad ^ seen)} tests end otherwise, such as {min(bad ^ seen)}"] if bad ^ seen else []
    other = chosen.lines
    found += [
        f"coverage of {p}: {full.lines[p]} against {other.get(p)}" for p in full.lines if full.lines[p] != other.get(p)
    ]
    if abs(full.total - chosen.total) > 1e-9 and chosen.exact:
        found.append(f"total {full.total:.4f} against {chosen.total:.4f}")
    if chosen.total > full.total + 1e-9 and not chosen.exact:
        found.append(f"total {full.total:.4f} against at least {chosen.total:.4f}")
    return found


def walk(source: Path, options: argparse.Namespace) -> int:
    """Walk through one repository; returns the number of commits at which anything differs."""
    name = (source.parent.name if source.name == "repo" else source.name).split("+")[-1]
    shares, times, unsure, wrong, all_ran = [], [], 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="selected-") as folder:
        place = Walk(source, Path(folder).resolve(), options)
        commits = place.commits()
        before = place.move(commits[0])
        place.learn(before, None, place.run((), None), None)
        for commit in commits[1:]:
            tree = place.move(commit)
            files = read_change(place.edge, Target(TargetKind.RANGE, before, tree, "")).files
            known = place.known
            assert known is not None
            selection = select(known, files, [file for file in files if file.is_python], total=True)
            full, chosen = place.run(files, None), place.run(files, selection)
            told = differences(full, chosen)
            wrong += bool(told)
            unsure += not chosen.exact
            all_ran += not chosen.report.reused
            shares.append(len(chosen.report.tests) / max(1, len(chosen.report.tests) + chosen.report.reused))
            times.append(chosen.seconds / full.seconds)
            for line in (*told, *([selection.all_because] if options.reasons and selection.all_because else ())):
                print(f"  {commit[:10]}: {line}", flush=True)
            place.learn(tree, known if chosen.trace.left_out else None, chosen, replace(selection))
            before = tree
    print(
        f"{name:14} {len(times)} commits, {wrong} different; {unsure} with a total that is told as a lower bound; "
        f"{all_ran} ran all tests; selected mean {mean(shares):.0%} median {median(shares):.0%}; "
        f"time mean {mean(times):.2f} median {median(times):.2f} of a full run that records",
        flush=True,
    )
    return wrong


def main() -> int:
    """Run the bench; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--commits", type=int, default=50)
    parser.add_argument("--reasons", action="store_true", help="say why all tests ran")
    parser.add_argument("--args", action="append", default=[])
    options = parser.parse_args()
    return 1 if sum(walk(source, options) for source in options.clones) else 0


if __name__ == "__main__":
    sys.exit(main())
