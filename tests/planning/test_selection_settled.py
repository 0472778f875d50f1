"""What changed can bring tests only where pytest looks for them."""

from __future__ import annotations

import pytest

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import KnownTest, TestMap, Touched
from gatekeeper.planning.selection_settled import may_bring_tests

USUAL = ("test_*.py", "*_test.py")


def known(patterns: tuple[str, ...]) -> TestMap:
    tests = {"checks.py::test_a": KnownTest("checks.py", "", Touched())}
    return TestMap("", {}, tests, Touched(), {}, {}, frozenset(), {}, patterns=patterns)


@pytest.mark.parametrize(
    ("path", "kind", "patterns", "may"),
    [
        ("src/app.py", ChangeKind.MODIFIED, USUAL, False),
        ("docs/conf.py", ChangeKind.MODIFIED, USUAL, False),
        ("src/app.py", ChangeKind.MODIFIED, (), True),
        ("src/app.py", ChangeKind.MODIFIED, ("*.py",), True),
        ("src/app.py", ChangeKind.MODIFIED, ("src/*.py",), True),
        ("src/app.py", ChangeKind.ADDED, USUAL, True),
        ("src/app.py", ChangeKind.RENAMED, USUAL, True),
        ("src/app.py", ChangeKind.DELETED, USUAL, True),
        ("tests/test_app.py", ChangeKind.MODIFIED, USUAL, True),
        ("tests/app_test.py", ChangeKind.MODIFIED, USUAL, True),
        ("checks.py", ChangeKind.MODIFIED, USUAL, True),
        ("tests/conftest.py", ChangeKind.MODIFIED, USUAL, True),
        ("tests/__init__.py", ChangeKind.MODIFIED, USUAL, True),
        ("notes.txt", ChangeKind.MODIFIED, USUAL, False),
        ("test_notes.txt", ChangeKind.MODIFIED, USUAL, False),
        ("test_notes.txt", ChangeKind.MODIFIED, (), False),
        ("test_notes.txt", ChangeKind.ADDED, USUAL, True),
        ("notes.txt", ChangeKind.ADDED, USUAL, False),
    ],
)
def test_tests_come_where_pytest_looks(path: str, kind: ChangeKind, patterns: tuple[str, ...], may: bool) -> None:
    old = "app.py" if kind is ChangeKind.RENAMED else ""
    assert may_bring_tests([FileChange(path, kind, old)], known(patterns)) is may
