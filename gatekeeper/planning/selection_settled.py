"""Tells whether a run of the tests would show nothing new, so that none has to be started."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Selection


def is_settled(selection: Selection, files: Iterable[FileChange]) -> bool:
    """Whether every known test may be left out, and no other one can have come by what differs from their tree.

    That is told for pytest's own ways to find tests: in Python files, and in documents whose names begin with "test".
    """
    return bool(selection.passed and not selection.runs and not any(map(_may_hold_tests, files)))


def _may_hold_tests(file: FileChange) -> bool:
    paths = [path for path in (file.path, file.old_path) if path]
    if any(path.endswith(".py") for path in paths):
        return True
    came = file.kind not in (ChangeKind.MODIFIED, ChangeKind.DELETED)
    return came and PurePosixPath(file.path).name.startswith("test")
