"""What is known of tests is read as it was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.test_map_text import read_test_map, write_test_map
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.selection import Covered, KnownTest, Loaded, TestMap, Touched

NAMES = st.text(st.characters() | st.sampled_from("\udc80/:\n"), max_size=6)
UNITS = st.dictionaries(NAMES, st.frozensets(st.integers(-1, 9), max_size=3), max_size=3)
TOUCHED = st.builds(
    Touched, UNITS, st.frozensets(NAMES, max_size=2), st.frozensets(NAMES, max_size=2), NAMES, st.booleans(),
    st.frozensets(NAMES, max_size=2),
)  # fmt: skip
SECONDS = st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000)
PLACES = st.frozensets(st.tuples(st.integers(1, 9)) | st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=3)
COVERED = st.builds(
    Covered, NAMES, st.booleans(), st.dictionaries(NAMES, st.dictionaries(NAMES, PLACES, max_size=2), max_size=2),
    st.booleans(),
)  # fmt: skip
SPANS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=2).map(tuple)
LOADED = st.builds(Loaded, NAMES, st.lists(NAMES, max_size=2).map(tuple), SPANS)
MAPS = st.builds(
    TestMap,
    tree=NAMES,
    environment=st.dictionaries(NAMES, NAMES, max_size=2),
    tests=st.dictionaries(NAMES, st.builds(KnownTest, NAMES, NAMES, TOUCHED, st.booleans(), SECONDS), max_size=4),
    session=TOUCHED,
    kept=UNITS,
    modules=st.dictionaries(NAMES, NAMES, max_size=2),
    edges=st.frozensets(st.tuples(NAMES, NAMES), max_size=2),
    loaded=st.dictionaries(NAMES, LOADED, max_size=2),
    untracked=st.dictionaries(NAMES, NAMES, max_size=2),
    covered=st.none() | COVERED,
    outside=st.dictionaries(NAMES, NAMES, max_size=2),
    asked=NAMES,
    made=st.frozensets(st.tuples(NAMES, NAMES), max_size=2),
)


@given(MAPS)
def test_a_map_survives_writing_and_reading(known: TestMap) -> None:
    text = write_test_map(known)
    assert text.isascii()
    assert read_test_map(text) == known


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"version": 4}', '{"version": 5, "paths": 3}'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReport):
        read_test_map(text)


def test_a_number_without_its_part_is_refused() -> None:
    data = json.loads(write_test_map(TestMap("t", {}, {}, Touched(), {}, {}, frozenset(), {})))
    with pytest.raises(UnreadableReport):
        read_test_map(json.dumps({**data, "session": 9}))
