"""Tells whether a run of the tests would show nothing new, so that none has to be started."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Selection


def may_bring_tests(files: Iterable[FileChange]) -> bool:
    """Whether tests that are not known can have come by what changed.

    That is told for pytest's own ways to find tests: in Python files, and in documents whose names begin with "test".
    """
    return any(map(_may_hold_tests, files))


def is_settled(selection: Selection) -> bool:
    """Whether there are known tests, and every one of them may be left out."""
    return bool(selection.passed and not selection.runs)


def _may_hold_tests(file: FileChange) -> bool:
    paths = [path for path in (file.path, file.old_path) if path]
    if any(path.endswith(".py") for path in paths):
        return True
    came = file.kind not in (ChangeKind.MODIFIED, ChangeKind.DELETED)
    return came and PurePosixPath(file.path).name.startswith("test")
