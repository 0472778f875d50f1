"""Tells whether a run of the tests would show nothing new, so that none has to be started."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import PurePosixPath

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Selection, TestMap

_TAKING_PART = ("__init__.py", "conftest.py")


def may_bring_tests(files: Iterable[FileChange], known: TestMap) -> bool:
    """Whether tests that are not known can have come by what changed.

    That is told for pytest's own ways to find tests: in Python files, and in documents whose names begin with "test".
    """
    holding = {test.path for test in known.tests.values()}
    return any(_may_hold_tests(file, known.patterns, file.path in holding) for file in files)


def is_settled(selection: Selection) -> bool:
    """Whether there are known tests, and every one of them may be left out."""
    return bool(selection.passed and not selection.runs)


def _may_hold_tests(file: FileChange, patterns: Iterable[str], holds_some: bool) -> bool:
    name = PurePosixPath(file.path).name
    if file.kind is ChangeKind.MODIFIED and patterns and not holds_some and name not in _TAKING_PART:
        # pytest looks into no other file, so that a module of the code, a script or `docs/conf.py` brings none
        return file.path.endswith(".py") and any("/" in pattern or fnmatch(name, pattern) for pattern in patterns)
    paths = [path for path in (file.path, file.old_path) if path]
    if any(path.endswith(".py") for path in paths):
        return True
    came = file.kind not in (ChangeKind.MODIFIED, ChangeKind.DELETED)
    return came and name.startswith("test")
