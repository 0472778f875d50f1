"""A part of a change: nothing slips out of it by being moved across its border."""

from __future__ import annotations

import pytest

from gatekeeper.formats.change_parts import part_of
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk

MOVED = FileChange(
    "b/mod.py",
    ChangeKind.RENAMED,
    "a/mod.py",
    hunks=(Hunk(1, 1, 1, 1),),
    text="x = 2\ny = 1\n",
    base_text="x = 1\ny = 1\n",
)


@pytest.mark.parametrize(
    ("wanted", "path", "kind", "added"),
    [
        ("ab", "b/mod.py", ChangeKind.RENAMED, {1}),
        ("b", "b/mod.py", ChangeKind.ADDED, {1, 2}),
        ("a", "a/mod.py", ChangeKind.DELETED, set()),
    ],
)
def test_a_moved_file_is_new_where_it_came_and_gone_where_it_left(
    wanted: str, path: str, kind: ChangeKind, added: set[int]
) -> None:
    (file,) = part_of(Change("b", "h", (MOVED,)), lambda name: name[0] in wanted).files
    assert (file.path, file.kind, file.added_lines) == (path, kind, added)
    assert file.base_path == {"ab": "a/mod.py", "b": None, "a": "a/mod.py"}[wanted]


def test_what_is_not_wanted_is_no_part() -> None:
    assert part_of(Change("b", "h", (MOVED,)), lambda name: False).is_empty
