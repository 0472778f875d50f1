"""Shows that the selection of tests misses no failure: mutants of real repositories, run in full and by selection.

    python bench/mutants.py --python PYTHON REPOSITORY... [--functions 50] [--imports 15] [--seed 1] [--args=-q]

PYTHON is an interpreter with what the tests need. Each repository is cloned; its tests run once to learn what they
touch. Then one small defect at a time is planted, in the body of a function or in what an import executes: all tests
run, and those that are selected. A test that fails in the full run and was left out is a missed failure; there must be
none. Prints, for each repository, the share of tests selected and the time saved, and ends with 1 if one was missed.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

import gatekeeper
from gatekeeper.edges.git import find_repository
from gatekeeper.formats.code_units import AT_IMPORT, read_units
from gatekeeper.formats.test_map_text import write_test_map
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.touch_trace import read_trace
from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Selection, TestMap
from gatekeeper.planning.selection import select
from gatekeeper.planning.selection_update import Sources, unfit, updated

SECONDS_LIMIT = 300
PROGRAM = Path(gatekeeper.__file__).parent / "inside" / "run_tests.py"
OPPOSITES = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.GtE: ast.Lt}
OPPOSITES |= {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}


@dataclass(frozen=True)
class Mutant:
    """One defect in one file."""

    path: str
    line: int
    text: str
    base_text: str
    at_import: bool


@dataclass
class Tally:
    """What came of the mutants of one kind."""

    mutants: int = 0
    killed: int = 0
    missed: list[str] = field(default_factory=list)
    left_out: int = 0
    shares: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


class Project:
    """A clone of a repository, whose tests can be run."""

    def __init__(self, source: Path, folder: Path, python: str, arguments: list[str]) -> None:
        self.folder, self.python, self.arguments = folder / "tree", python, arguments
        self.scratch = folder
        subprocess.run(["git", "clone", "--quiet", "--local", str(source), str(self.folder)], check=True)
        self.roots = [str(self.folder / "src" if (self.folder / "src").is_dir() else self.folder)]

    def run(self, selection: Selection | None = None, record: bool = True) -> tuple[TestReport | None, str, float]:
        """The report of a run, what it recorded, and its seconds of processor time; no report where it hung."""
        report, trace = self.scratch / "report.json", self.scratch / "trace.json"
        for file in (report, trace):
            file.unlink(missing_ok=True)
        chosen = selection or Selection()
        known = {"environment": dict(chosen.environment), "untracked": dict(chosen.untracked)}
        request = {
            "nonce": "bench", "report": str(report), "tree": str(self.folder), "root": str(self.folder),
            "import_roots": self.roots, "packages": [], "args": ["-p", "no:randomly", *self.arguments], "only": [],
            "rootdir": "", "cache": str(self.scratch / "cache"), "measure": None, "base": None,
        }  # fmt: skip
        if record:
            request["record"] = {"trace": str(trace), "reuse": list(chosen.reuse), **known}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        environment["PYTHONPATH"] = os.pathsep.join(self.roots)
        started = time.perf_counter()
        try:
            subprocess.run(
                [self.python, str(PROGRAM)], input=json.dumps(request).encode(), cwd=self.folder, env=environment,
                capture_output=True, timeout=SECONDS_LIMIT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None, "", SECONDS_LIMIT
        seconds = time.perf_counter() - started
        told = read_test_report(report.read_text("utf-8"), "bench") if report.exists() else None
        return told, trace.read_text("utf-8") if trace.exists() else "", seconds

    def learn(self) -> tuple[TestMap, set[str]]:
        """The map of the tests, and the tests that fail as it is."""
        edge = find_repository(str(self.folder))
        tree = edge.tree("HEAD")
        report, text, _ = self.run()
        if report is None or not text:
            raise SystemExit(f"{self.folder}: the tests cannot be run")
        trace = read_trace(text, "bench")
        sources = Sources(tree, edge.objects(tree), lambda path: (self.folder / path).read_text("utf-8"))
        if unfit(trace, sources) or report.collection_errors:
            raise SystemExit(f"{self.folder}: {unfit(trace, sources) or report.collection_errors[0].message}")
        made = updated(None, trace, {test.id: test.outcome for test in report.tests}, sources, frozenset())
        return made, {test.id for test in report.failures}

    def judge(self, known: TestMap, failing: set[str], mutant: Mutant, tally: Tally) -> None:
        """Plant a defect, run all tests and the selected ones, and compare."""
        place = self.folder / mutant.path
        place.write_text(mutant.text, "utf-8")
        try:
            change = FileChange(mutant.path, ChangeKind.MODIFIED, text=mutant.text, base_text=mutant.base_text)
            selection = select(known, [change])
            full, _, seconds = self.run(record=False)
            chosen, _, less = self.run(selection)
        finally:
            place.write_text(mutant.base_text, "utf-8")
        if full is None or chosen is None:
            tally.left_out += 1
            return
        broken = {test.id for test in full.failures} - failing | {error.id for error in full.collection_errors}
        seen = {test.id for test in chosen.failures} | {error.id for error in chosen.collection_errors}
        missed = sorted(broken - seen)
        tally.mutants += 1
        tally.killed += bool(broken)
        if missed:
            tally.missed.append(f"{mutant.path}:{mutant.line}: {len(missed)} of {len(broken)}, such as {missed[0]}")
        tally.shares.append(1 - chosen.reused / max(1, chosen.reused + len(chosen.tests)))
        tally.ratios.append(less / seconds)


def mutants_of(project: Project, known: TestMap, chance: random.Random) -> dict[bool, list[Mutant]]:
    """All defects that can be planted in the loaded sources beside the tests, in random order, by kind."""
    owned = {test.path for test in known.tests.values()}
    found: dict[bool, list[Mutant]] = {True: [], False: []}
    for path in sorted(known.imports):
        if path in owned or "test" in path.split("/")[0] or not path.endswith(".py"):
            continue
        text = (project.folder / path).read_text("utf-8")
        units = read_units(text)
        tree = ast.parse(text)
        words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            new = None if id(node) in words else altered(node)
            if new is not None and node.lineno == node.end_lineno:
                at_import = units.number(node.lineno) == AT_IMPORT
                found[at_import].append(Mutant(path, node.lineno, spliced(text, node, new), text, at_import))
    for each in found.values():
        chance.shuffle(each)
    return found


def altered(node: ast.AST) -> str | None:
    """The source of a node with a defect, or None where none is known."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            return repr(not value)
        if isinstance(value, int):
            return repr(value + 1)
        return repr(value + "x") if isinstance(value, str) and value else None
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        other = ast.Compare(node.left, [OPPOSITES[type(node.ops[0])]()], node.comparators)
        return f"({ast.unparse(ast.fix_missing_locations(other))})"
    if isinstance(node, ast.BoolOp):
        return f"(not ({ast.unparse(node)}))"
    if isinstance(node, ast.Return) and node.value is not None:
        return "return None"
    return None


def spliced(text: str, node: ast.expr | ast.stmt, new: str) -> str:
    """The text with a node of one line replaced."""
    lines = text.split("\n")
    line = lines[node.lineno - 1].encode()
    lines[node.lineno - 1] = (line[: node.col_offset] + new.encode() + line[node.end_col_offset :]).decode()
    return "\n".join(lines)


def is_python(text: str) -> bool:
    """Whether the text can be compiled: a defect is no typing error."""
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def tell(name: str, kind: str, tally: Tally) -> None:
    """Print one row."""
    if tally.mutants:
        print(
            f"{name:16} {kind:9} {tally.mutants:4} mutants, {tally.killed:4} killed, {len(tally.missed):2} missed, "
            f"{tally.left_out} hung; selected mean {mean(tally.shares):.0%} median {median(tally.shares):.0%}; "
            f"time mean {mean(tally.ratios):.2f} median {median(tally.ratios):.2f} of a plain full run",
            flush=True,
        )
    for line in tally.missed:
        print(f"  missed: {line}", flush=True)


def main() -> int:
    """Run the bench; 1 if a failure was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--functions", type=int, default=50)
    parser.add_argument("--imports", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--args", action="append", default=[])
    options = parser.parse_args()
    missed = 0
    for source in options.repositories:
        name = (source.parent.name if source.name == "repo" else source.name).split("+")[-1]
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            project = Project(source, Path(folder).resolve(), options.python, options.args)
            known, failing = project.learn()
            size = len(write_test_map(known)) / 1000
            print(
                f"{name}: {len(known.tests)} tests, {len(failing)} fail already; the map has {size:.0f} kB", flush=True
            )
            found = mutants_of(project, known, random.Random(options.seed))
            for at_import, wanted in ((False, options.functions), (True, options.imports)):
                tally = Tally()
                for mutant in [each for each in found[at_import] if is_python(each.text)][:wanted]:
                    project.judge(known, failing, mutant, tally)
                tell(name, "import" if at_import else "function", tally)
                missed += len(tally.missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
