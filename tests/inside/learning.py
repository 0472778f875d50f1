"""Learns what the tests of a small project touch, by a real run, and tells which a change would have run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import gatekeeper
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.touch_trace import TouchTrace, read_trace
from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Selection, TestMap
from gatekeeper.planning.selection import select
from gatekeeper.planning.selection_update import Sources, unfit, updated
from tests.gates.project_runs import clean_environment, file_change, lay_out

PROGRAM = Path(gatekeeper.__file__).parent / "inside" / "run_tests.py"


def run_recorded(
    tree: Path, selection: Selection | None = None, arguments: tuple[str, ...] = ("-p", "no:randomly"),
    is_repository: bool = True, **variables: str,
) -> tuple[TestReport, TouchTrace]:  # fmt: skip
    """Run the tests of a tree and record what they touch; those of the selection are left out.

    Where the tree is no repository, it counts for these tests whoever starts Git beside them.
    """
    if is_repository:
        (tree / ".git").mkdir(exist_ok=True)
    report, trace = tree.parent / "report.json", tree.parent / "trace.json"
    for file in (report, trace):
        file.unlink(missing_ok=True)
    chosen = selection or Selection()
    known = {"environment": dict(chosen.environment), "untracked": dict(chosen.untracked)}
    request = {
        "nonce": "n", "report": str(report), "tree": str(tree), "root": str(tree), "import_roots": [str(tree)],
        "packages": [], "args": list(arguments), "only": [], "rootdir": "", "cache": str(tree.parent / "cache"),
        "measure": None, "base": None, "record": {"trace": str(trace), "reuse": list(chosen.reuse), **known},
    }  # fmt: skip
    environment = clean_environment() | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        input=json.dumps(request),
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert report.exists(), done.stderr
    return read_test_report(report.read_text(), "n"), read_trace(trace.read_text(), "n")


def learn(
    tree: Path, before: TestMap | None = None, selection: Selection | None = None, is_repository: bool = True,
    **variables: str,
) -> tuple[TestMap, TestReport]:  # fmt: skip
    """The map of the tests of a tree, and the report of the run that it was made from."""
    report, trace = run_recorded(tree, selection, is_repository=is_repository, **variables)
    objects = {path: blob for path, blob in trace.blobs.items() if not path.startswith("generated")}
    sources = Sources("t" * 40, objects, lambda path: (tree / path).read_text("utf-8"))
    assert not unfit(trace, sources)
    unsafe = frozenset({"untracked.txt"})
    return updated(before, trace, {test.id: test for test in report.tests}, sources, unsafe), report


def written(tree: Path, files: Mapping[str, str]) -> Path:
    """The tree, with these files in it."""
    lay_out(tree, files)
    return tree


def edit(tree: Path, path: str, old: str, new: str) -> FileChange:
    """The change of a file in which one text is replaced; nothing is written."""
    before = (tree / path).read_text("utf-8")
    assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {path}"
    return file_change(path, before.replace(old, new), before)


def added(path: str, text: str = "x = 1\n") -> FileChange:
    """The change that brings a file."""
    return file_change(path, text)


def deleted(tree: Path, path: str) -> FileChange:
    """The change that takes a file away."""
    return file_change(path, None, (tree / path).read_text("utf-8"))


def renamed(tree: Path, old: str, new: str) -> FileChange:
    """The change that gives a file another name."""
    text = (tree / old).read_text("utf-8")
    return FileChange(new, ChangeKind.RENAMED, old, text=text, base_text=text)


def affected(known: TestMap, *files: FileChange, covered: Iterable[FileChange] = ()) -> set[str] | str:
    """The short names of the tests that a change has run, or why all are."""
    selection = select(known, files, covered)
    return selection.all_because or {test.split("::", 1)[1] for test in selection.runs}
