"""What is known of tests is read as it was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.test_map_text import map_parts, read_test_map, write_test_map
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.selection import Covered, KnownTest, Loaded, TestMap, Touched

NAMES = st.text(st.characters() | st.sampled_from("\udc80/:\n"), max_size=6)
UNITS = st.dictionaries(NAMES, st.frozensets(st.integers(-1, 9), max_size=3), max_size=3)
TOUCHED = st.builds(
    Touched, UNITS, st.frozensets(NAMES, max_size=2), st.frozensets(NAMES, max_size=2), NAMES, st.booleans(),
    st.frozensets(NAMES, max_size=2), st.booleans(),
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
    patterns=st.lists(NAMES, max_size=2).map(tuple),
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


@pytest.mark.parametrize(
    "row", ["", "0 0 0 0 0", "0 0 0 0 0 0 7", "0 9 0 0 0 0", "0 0 0 9 0 0", "0 0 0 0 0 x", 3, None, []]
)
def test_a_row_that_tells_nothing_is_refused(row: object) -> None:
    data = json.loads(write_test_map(TestMap("t", {}, {}, Touched(), {}, {}, frozenset(), {})))
    assert data["touched"] == ["0 0 0 0 0 0"]
    with pytest.raises(UnreadableReport):
        read_test_map(json.dumps({**data, "touched": [row]}))


def test_a_test_that_took_more_seconds_than_there_are_is_refused() -> None:
    known = TestMap("t", {}, {"t": KnownTest("t.py", "", Touched())}, Touched(), {}, {}, frozenset(), {})
    data = json.loads(write_test_map(known))
    data["tests"][0][-1] = 10**400
    with pytest.raises(UnreadableReport):
        read_test_map(json.dumps(data))


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 600])
def test_many_tests_are_written_in_pieces(count: int) -> None:
    rows = [Touched({"app.py": frozenset({number})}) for number in range(3)]
    tests = {f"test_{n}": KnownTest(f"{n % 7}.py", "", rows[n % 3], n % 2 > 0, n / 1000) for n in range(count)}
    known = TestMap("t", {}, tests, rows[0], {}, {}, frozenset(), {})
    pieces = list(map_parts(known))
    text = "".join(pieces)
    assert text == json.dumps(json.loads(text), separators=(",", ":")) == write_test_map(known)
    assert read_test_map(text) == known
    assert max(piece.count("test_") for piece in pieces) <= 256


def test_what_tests_touch_alike_is_written_once() -> None:
    rows = [Touched({"app.py": frozenset({3, 5}), "b.py": frozenset({n})}, frozenset({"x"})) for n in range(9)]
    tests = {f"test_{number}": KnownTest("t.py", "", row) for number, row in enumerate(rows)}
    data = json.loads(write_test_map(TestMap("t", {}, tests, rows[0], {}, {}, frozenset(), {})))
    assert [data["paths"].index("app.py"), 3, 5] in data["parts"]
    assert (len(data["parts"]), len(data["names"]), len(data["touched"])) == (10, 2, 9)


def test_sets_that_are_equal_are_read_once() -> None:
    rows = [Touched({"app.py": frozenset({1}), "b.py": frozenset({number})}, frozenset({"x"})) for number in range(2)]
    tests = {name: KnownTest("t.py", "", row) for name, row in zip("ab", rows, strict=True)}
    found = read_test_map(write_test_map(TestMap("t", {}, tests, rows[0], {}, {}, frozenset(), {}))).tests
    one, other = found["a"].touched, found["b"].touched
    assert one.entered["app.py"] is other.entered["app.py"] is other.entered["b.py"]
    assert one.reads is other.reads
