"""Shows that the selection of tests misses no failure: mutants of real repositories, run in full and by selection.

    python bench/mutants.py --python PYTHON REPOSITORY... [--functions 50] [--imports 15] [--docstrings 5]
                            [--annotations 5] [--seed 1] [--args=-q] [--rivals]

PYTHON is an interpreter with what the tests need. Each repository is cloned; its tests run once to learn what they
touch. Then one small defect at a time is planted, in the body of a function, in what an import executes, in a
docstring, or in an annotation that an import keeps as a text: all tests run, and those that are selected. A test that
fails in the full run and was left out is a missed failure; there must be none. Prints, for each repository, the share
of tests selected and the processor time saved, and ends with 1 if one was missed. With `--rivals` it tells of the same
defects what pytest-testmon would select, and what the lines that coverage saw each test run; PYTHON needs
pytest-testmon then. With pytest-cov, defects are planted in lines that run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

import rivals
from defects import IN_ANNOTATION, IN_DOCSTRING, Mutant, annotated, chosen, documented

import gatekeeper
from gatekeeper.edges.git import find_repository
from gatekeeper.formats.test_map_text import write_test_map
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.touch_trace import read_trace
from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Selection, TestMap
from gatekeeper.planning.selection import select
from gatekeeper.planning.selection_update import Sources, unfit, updated

PROGRAM = Path(gatekeeper.__file__).parent / "inside" / "run_tests.py"
SECONDS_LEAST = 60  # before a run is said to hang
SLOWER = 20  # times as slow as the first run


@dataclass
class Way:
    """What one way to select made of the mutants of one kind."""

    missed: list[str] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def add(self, mutant: Mutant, broken: set[str], runs: set[str] | None, tests: int) -> None:
        """Count what would run, out of so many tests; None stands for all. `broken` are the tests that have to."""
        lost = set() if runs is None else {test for test in broken if not runs & {test, test.partition("::")[0]}}
        if lost:
            place = f"{mutant.path}:{mutant.line} ({mutant.kind})"
            self.missed.append(f"{place}: {len(lost)} of {len(broken)}, such as {min(lost)}")
        self.shares.append(1.0 if runs is None else min(1.0, len(runs) / max(1, tests)))


@dataclass
class Tally:
    """What came of the mutants of one kind."""

    mutants: int = 0
    killed: int = 0
    hung: int = 0
    flaky: int = 0
    ratios: list[float] = field(default_factory=list)
    ways: dict[str, Way] = field(default_factory=dict)


class Project:
    """A clone of a repository, whose tests can be run."""

    def __init__(self, source: Path, folder: Path, python: str, arguments: list[str]) -> None:
        self.folder, self.python, self.arguments = folder / "tree", python, arguments
        self.scratch = folder
        subprocess.run(["git", "clone", "--quiet", "--local", str(source), str(self.folder)], check=True)
        self.roots = [str(self.folder / "src" if (self.folder / "src").is_dir() else self.folder)]
        self.clock = 1_600_000_000
        self.limit = 900.0
        self.lines: dict[str, dict[int, frozenset[str]]] = {}
        self.testmon: rivals.Testmon | None = None

    def run(self, selection: Selection | None = None, record: bool = True) -> tuple[TestReport | None, str, float]:
        """The report of a run, what it recorded, and its seconds of processor time; no report where it hung."""
        report, trace = self.scratch / "report.json", self.scratch / "trace.json"
        for file in (report, trace):
            file.unlink(missing_ok=True)
        wanted = selection or Selection()
        known = {"environment": dict(wanted.environment), "untracked": dict(wanted.untracked)}
        request = {
            "nonce": "bench", "report": str(report), "tree": str(self.folder), "root": str(self.folder),
            "import_roots": self.roots, "packages": [], "args": ["-p", "no:randomly", *self.arguments], "only": [],
            "rootdir": "", "cache": str(self.scratch / "cache"), "measure": None, "base": None,
        }  # fmt: skip
        if record:
            request["record"] = {"trace": str(trace), "reuse": list(wanted.reuse), **known}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        environment["PYTHONPATH"] = os.pathsep.join(self.roots)
        before = cpu_seconds()
        try:
            subprocess.run(
                [self.python, str(PROGRAM)], input=json.dumps(request).encode(), cwd=self.folder, env=environment,
                capture_output=True, timeout=self.limit, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None, "", self.limit
        seconds = cpu_seconds() - before
        told = read_test_report(report.read_text("utf-8"), "bench") if report.exists() else None
        return told, trace.read_text("utf-8") if trace.exists() else "", seconds

    def write(self, path: str, text: str) -> None:
        """Write a source with a time of its own: Python trusts compiled code by the second and the size."""
        self.clock += 10
        place = self.folder / path
        place.write_text(text, "utf-8")
        os.utime(place, (self.clock, self.clock))

    def text(self, path: str) -> str | None:
        """The text of a file; None where there is none, such as in an archive that is imported from."""
        try:
            return (self.folder / path).read_text("utf-8")
        except OSError:
            return None

    def learn(self, compare: bool) -> tuple[TestMap, set[str]]:
        """The map of the tests, and the tests that fail as it is."""
        edge = find_repository(str(self.folder))
        tree = edge.tree("HEAD")
        if compare:
            testmon = rivals.Testmon(self.folder, self.scratch, self.python, self.arguments, self.roots)
            self.testmon = testmon if testmon.learn() else None
        self.lines = rivals.lines_by_test(self.folder, self.scratch, self.python, self.arguments, self.roots)
        report, text, seconds = self.run()
        if report is None or not text:
            raise SystemExit(f"{self.folder}: the tests cannot be run")
        self.limit = max(SECONDS_LEAST, SLOWER * seconds)
        trace = read_trace(text, "bench")
        sources = Sources(tree, edge.objects(tree), self.text)
        if unfit(trace, sources) or report.collection_errors:
            raise SystemExit(f"{self.folder}: {unfit(trace, sources) or report.collection_errors[0].message}")
        made = updated(None, trace, {test.id: test for test in report.tests}, sources, frozenset())
        return made, {test.id for test in report.failures}

    def judge(self, known: TestMap, failing: set[str], mutant: Mutant, tally: Tally) -> None:
        """Plant a defect, run all tests and the selected ones, and compare."""
        self.write(mutant.path, mutant.text)
        try:
            change = FileChange(mutant.path, ChangeKind.MODIFIED, text=mutant.text, base_text=mutant.base_text)
            selection = select(known, [change])
            full, _, seconds = self.run(record=False)
            part, _, less = self.run(selection) if selection.reuse else (full, "", 0.0)  # the same run
            broken = failures(full) - failing
            if full and part and broken - failures(part):  # once more: does it fail each time?
                again, _, _ = self.run(record=False)
                tally.flaky += bool(broken - failures(again))
                broken &= failures(again)
            monitored = self.testmon.selected() if self.testmon and full else None
        finally:
            self.write(mutant.path, mutant.base_text)
        tally.mutants += 1
        way = tally.ways.setdefault("gatekeeper", Way())
        if full is None or part is None:
            tally.hung += 1
            if full is None and part is not None and not failures(part):
                way.missed.append(f"{mutant.path}:{mutant.line}: all tests hang, and those selected pass")
            return
        tally.killed += bool(broken)
        if selection.reuse:
            tally.ratios.append(less / seconds)
        whole = len(known.tests)
        ran = {test.id for test in part.tests} | failures(part)
        way.add(mutant, broken, ran, whole)
        lost = sorted(broken & ran - failures(part))
        if lost:  # it ran, and passed: it hangs on a test that was left out
            way.missed.append(f"{mutant.path}:{mutant.line} ({mutant.kind}): {lost[0]} ran, and passed")
        if monitored is not None:
            tally.ways.setdefault("testmon", Way()).add(mutant, broken, set(monitored), whole)
            lines = rivals.by_lines(self.lines.get(mutant.path, {}), mutant.line)
            tally.ways.setdefault("lines", Way()).add(mutant, broken, None if lines is None else set(lines), whole)


def cpu_seconds() -> float:
    """The processor time of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def failures(report: TestReport | None) -> set[str]:
    """The tests that fail, and the files that cannot be collected."""
    if report is None:
        return set()
    return {test.id for test in report.failures} | {error.id for error in report.collection_errors}


def sources_of(project: Project, known: TestMap) -> tuple[dict[str, str], dict[str, str]]:
    """The loaded sources beside the tests, and all of them: what shows its texts to tests is often made in tests."""
    owned = {test.path for test in known.tests.values()}
    every = {path: text for path in sorted(known.loaded) if path.endswith(".py") and (text := project.text(path))}
    return {p: text for p, text in every.items() if p not in owned and "test" not in p.split("/")[0]}, every


def tell(name: str, kind: str, tally: Tally) -> None:
    """Print what came of the mutants of one kind."""
    ratios = tally.ratios or [0.0]
    print(
        f"{name:12} {kind:9} {tally.mutants:3} mutants, {tally.killed:3} killed, {tally.hung} hung, "
        f"{tally.flaky} flaky; {len(tally.ratios)} left tests out: "
        f"processor time mean {mean(ratios):.2f} median {median(ratios):.2f} of a plain full run",
        flush=True,
    )
    for word, way in tally.ways.items():
        shares = way.shares or [0.0]
        print(
            f"  {word:10} {len(way.missed):3} missed; selected mean {mean(shares):4.0%} median {median(shares):4.0%}",
            flush=True,
        )
        for line in way.missed:
            print(f"    missed: {line}", flush=True)


def main() -> int:
    """Run the bench; 1 if a failure was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--functions", type=int, default=50)
    parser.add_argument("--imports", type=int, default=15)
    parser.add_argument("--docstrings", type=int, default=5)
    parser.add_argument("--annotations", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--args", action="append", default=[])
    parser.add_argument("--rivals", action="store_true", help="tell what pytest-testmon and lines would select")
    options = parser.parse_args()
    missed = sum(bench(source, options) for source in options.repositories)
    print(f"{missed} missed", flush=True)
    return 1 if missed else 0


def bench(source: Path, options: argparse.Namespace) -> int:
    """All mutants of one repository; returns for how many a failure was missed."""
    name = (source.parent.name if source.name == "repo" else source.name).split("+")[-1]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        project = Project(source, Path(folder).resolve(), options.python, options.args)
        known, failing = project.learn(options.rivals)
        size = len(write_test_map(known)) / 1000
        print(f"{name}: {len(known.tests)} tests, {len(failing)} fail already; the map has {size:.0f} kB", flush=True)
        tallies = {"function": Tally(), "import": Tally(), IN_DOCSTRING: Tally(), IN_ANNOTATION: Tally()}
        chance = random.Random(options.seed)
        sources, every = sources_of(project, known)
        mutants = chosen(sources, project.lines, chance, options.functions, options.imports)
        mutants += documented(every, chance, options.docstrings)
        mutants += annotated(every, chance, options.annotations)
        for mutant in mutants:
            project.judge(known, failing, mutant, tallies["import" if mutant.at_import else mutant.kind])
        for kind, tally in tallies.items():
            tell(name, kind, tally)
    return sum(len(tally.ways["gatekeeper"].missed) for tally in tallies.values() if tally.ways)


if __name__ == "__main__":
    sys.exit(main())
