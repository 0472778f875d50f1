"""What a run saw of its tests is read, and what is equal in it is there once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.formats.touch_trace import read_trace
from gatekeeper.formats.unreadable import UnreadableReport

ROW: dict[str, Any] = {
    "entered": {"app.py": [300, 400]}, "reads": ["data.txt"], "lists": [], "uses": [], "texts": ["app.py"],
    "everything": "", "lines": False, "starts": False, "path": "test_app.py",
}  # fmt: skip
TRACE: dict[str, Any] = {
    "nonce": "n", "problem": "", "refused": "", "left_out": [], "environment": {}, "outside": {}, "is_plain": True,
    "patterns": ["test_*.py"],
    "modules": {"app": "app.py"}, "edges": [["test_app.py", "app.py"]], "asked": [], "kept": [["app.py", 1]],
    "made": [], "session": ROW, "fixtures": {"7": ROW},
    "rows": [ROW, {**ROW, "path": "test_other.py"}, {**ROW, "entered": {"app.py": [300]}}],
    "tests": {"a": 0, "b": 0, "c": 1, "d": 2}, "always": ["d"], "blobs": {"app.py": "0" * 40}, "covered": None,
}  # fmt: skip


@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_each_test_has_the_row_that_it_names(separators: tuple[str, str] | None) -> None:
    trace = read_trace(json.dumps(TRACE, separators=separators), "n")
    assert {name: (row.path, sorted(row.entered["app.py"])) for name, row in trace.tests.items()} == {
        "a": ("test_app.py", [300, 400]),
        "b": ("test_app.py", [300, 400]),
        "c": ("test_other.py", [300, 400]),
        "d": ("test_app.py", [300]),
    }
    assert trace.kept == {"app.py": {1}}


def test_what_is_equal_is_there_once() -> None:
    trace = read_trace(json.dumps(TRACE), "n")
    one, other, third = (trace.tests[name] for name in "acd")
    assert trace.tests["b"] is one
    assert one.entered["app.py"] is other.entered["app.py"] is trace.fixtures["7"].entered["app.py"]
    assert (one.reads is third.reads, one.path is third.path) == (True, True)


WRONG: list[dict[str, Any]] = [{"nonce": "m"}, {"rows": [[]]}, {"rows": {}}, {"tests": {"a": 9}}, {"blobs": 1}]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", json.dumps(TRACE)[:-1], *(json.dumps(TRACE | each) for each in WRONG)]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReport):
        read_trace(text, "n")
