"""Takes the part of a change that lies in some places, so that nothing slips out by being moved across their border."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.frozen import replace


def part_of(change: Change, is_wanted: Callable[[str], bool]) -> Change:
    """The files whose path is wanted; a file that was moved in is new there, one that was moved out is gone."""
    parts = (_part(file, is_wanted) for file in change.files)
    return replace(change, files=tuple(part for part in parts if part is not None))


def _part(file: FileChange, is_wanted: Callable[[str], bool]) -> FileChange | None:
    if file.kind is not ChangeKind.RENAMED or file.old_path is None:
        return file if is_wanted(file.path) else None
    came, left = is_wanted(file.path), is_wanted(file.old_path)
    if came and left:
        return file
    if came:
        return _new(file)
    if not left:
        return None
    return FileChange(
        file.old_path, ChangeKind.DELETED, mode="000000", old_mode=file.old_mode, binary=file.binary,
        base_text=file.base_text,
    )  # fmt: skip


def _new(file: FileChange) -> FileChange:
    count = file.text.count("\n") + (not file.text.endswith("\n")) if file.text else 0
    hunks = (Hunk(0, 0, 1, count),) if count else ()
    return replace(
        file, kind=ChangeKind.ADDED, old_path=None, old_mode="000000", base_text=None, hunks=hunks
    )  # fmt: skip
