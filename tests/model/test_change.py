"""What a file is for, by its path, and how lines map through hunks."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.change import ChangeKind, FileChange, Hunk, Role, role_of


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/app/users.py", Role.SOURCE),
        ("src/app/testing/client.py", Role.SOURCE),
        ("app/scripts/run.py", Role.SOURCE),
        ("app/tests/builder.py", Role.TEST),
        ("tests/docs/page.py", Role.TEST),
        ("tests/data.json", Role.TEST),
        ("typing_tests/baseline.py", Role.TEST),
        ("typing-examples/mypy.py", Role.EXAMPLE),
        ("test_users.py", Role.TEST),
        ("src/users.test.ts", Role.TEST),
        ("conftest.py", Role.TEST),
        ("docs/examples/a.py", Role.DOCS),
        ("performance/benchmark.py", Role.TOOLING),
        ("bench/serial.py", Role.TOOLING),
        ("setup.py", Role.TOOLING),
        ("src/setup.py", Role.SOURCE),
        ("README.md", Role.DOCS),
        ("src/fast.c", Role.SOURCE),
        ("logo.png", Role.OTHER),
        ("contest/a.py", Role.SOURCE),
    ],
)
def test_roles(path: str, role: Role) -> None:
    assert role_of(path) is role


_LINES = st.lists(st.sampled_from("abcd"), max_size=12)


@given(_LINES, _LINES)
def test_an_unchanged_line_maps_to_its_twin(before: list[str], after: list[str]) -> None:
    """The hunks are those of a diff without context, in Git's way of counting."""
    hunks = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            hunks.append(Hunk(i1 + (i2 > i1), i2 - i1, j1 + (j2 > j1), j2 - j1))
    file = FileChange("x", ChangeKind.MODIFIED, hunks=tuple(hunks))
    seen = []
    for number, text in enumerate(after, 1):
        twin = file.base_line(number)
        assert (twin is None) == file.touches(number)
        if twin is not None:
            assert before[twin - 1] == text
            assert not file.removes_base_line(twin)
            seen.append(twin)
    removed = sum(hunk.old_count for hunk in hunks)
    assert seen == sorted(set(seen))
    assert len(seen) == len(before) - removed
