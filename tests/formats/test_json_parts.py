"""A large object is read element by element as it would be read at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.json_parts import read_parts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["rows", "a", ":,]}", '"\n']), st.lists(JSON, max_size=4))
WRITTEN: dict[str, dict[str, Any]] = {
    "plain": {},
    "compact": {"separators": (",", ":")},
    "blank": {"separators": (" ,\n ", "\t: ")},
    "indented": {"indent": 1, "ensure_ascii": False},
}
MADE = {"rows": repr}


def at_once(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    return {name: list(map(repr, value)) if name in MADE else value for name, value in data.items()}


@given(OBJECTS, st.sampled_from(sorted(WRITTEN)), st.sampled_from(["", " ", "\r\n"]))
def test_it_is_what_it_would_be_at_once(data: dict[str, Any], kind: str, around: str) -> None:
    text = around + json.dumps(data, **WRITTEN[kind]) + around
    assert read_parts(text, MADE) == at_once(text)


@given(OBJECTS, st.data())
def test_what_is_damaged_is_read_as_at_once_or_refused(data: dict[str, Any], draws: st.DataObject) -> None:
    text = json.dumps(data)
    at = draws.draw(st.integers(0, len(text)))
    damaged = text[:at] + draws.draw(st.sampled_from(["", ",", "]", "}", "1", '"', " ", "[", "\\", ":"]))
    damaged += text[at + draws.draw(st.integers(0, 2)) :]
    try:
        whole = at_once(damaged)
    except (ValueError, TypeError, AttributeError):
        with pytest.raises(ValueError):
            read_parts(damaged, MADE)
    else:
        try:
            assert read_parts(damaged, MADE) == whole
        except ValueError:
            assert not isinstance(json.loads(damaged).get("rows", []), list), "a list is wanted there"


@pytest.mark.parametrize("text", ["", " ", "[]", "null", "{", '{"rows": [1', '{"rows": [1,', '{"rows": [1,]}', '{"rows": [,]}', '{"rows": {}}', '{"rows": "ab"}', '{"a": 1,}', '{1: 2}', '{"a" 1}', "{} {}", '{"a": 1} x', '{"a"'])  # fmt: skip
def test_what_is_no_such_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_parts(text, MADE)
