"""Every setting has a direction, and combining two values never loosens the base."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.config_schema import schema_at
from gatekeeper.model.direction import OF_GATES, OF_PROJECTS, Direction, Strictness, strictness_of


def test_every_key_of_a_project_has_a_direction():
    assert set(schema_at(())["properties"]) - {"gates"} == set(OF_PROJECTS)


def test_every_option_of_a_gate_has_a_direction():
    gates = [*schema_at(("gates",))["properties"], "any-command"]
    assert {key for gate in gates for key in schema_at(("gates", gate))["properties"]} == set(OF_GATES)


@pytest.mark.parametrize("gate", ["review", "coverage", "tests", "docs", "any-command"])
def test_words_are_those_of_the_schema(gate):
    for key in schema_at(("gates", gate))["properties"]:
        node = schema_at(("gates", gate, key, "D1") if key == "criteria" else ("gates", gate, key))
        words = strictness_of(("gates", gate, key)).words
        if node.get("type") == "boolean":
            assert set(words) == {True, False}
        elif words:
            assert set(words) == {"off" if word is False else word for word in node["enum"]}


def test_a_key_without_a_direction_is_that_of_the_base():
    assert strictness_of(("gates", "review", "new")).combine(1, 2).value == 1
    assert strictness_of(("new",)).combine(1, 2).value == 1


CASES = [
    (("gates", "review", "minimum"), 7, 8, 8, False, True),
    (("gates", "review", "minimum"), 8, 7, 8, True, False),
    (("gates", "coverage", "total"), None, 50, 50, False, True),
    (("gates", "coverage", "total"), 50, None, 50, True, False),
    (("gates", "review", "block"), "high", "low", "low", False, True),
    (("gates", "review", "block"), "low", "critical", "low", True, False),
    (("gates", "review", "ignore"), ("a", "b"), ("b", "c"), ("b",), True, True),
    (("gates", "review", "paths"), (), ("src/**",), (), True, False),
    (("gates", "review", "paths"), ("src/**",), (), (), False, True),
    (("gates", "review", "paths"), ("a", "b"), ("b", "c"), ("a", "b", "c"), True, True),
    (("gates", "review", "paths"), ("a", "!a/b"), ("a",), ("a", "!a/b"), True, False),
    (("gates", "review", "advisory"), False, True, False, True, False),
    (("gates", "docs", "enabled"), False, True, True, False, True),
    (("gates", "docs", "criteria", "D1"), "warn", "off", "warn", True, False),
    (("gates", "docs", "criteria", "D1"), "warn", "block", "block", False, True),
    (("gates", "tests", "retries"), 0, 3, 0, True, False),
    (("gates", "tests", "timeout"), 600, 6000, 6000, False, False),
    (("gates", "tests", "args"), (), ("-k", "x"), (), True, False),
    (("gates", "types", "run"), "mypy", "true", "mypy", True, False),
    (("fail_fast",), False, True, True, False, False),
    (("borrow",), ("a",), ("a", "b"), ("a",), True, False),
    (("allow_skip",), None, True, None, True, False),
    (("allow_skip",), None, False, False, False, True),
]


@pytest.mark.parametrize(("place", "base", "head", "value", "relaxed", "tightened"), CASES)
def test_two_values(place, base, head, value, relaxed, tightened):
    combined = strictness_of(place).combine(base, head)
    assert (combined.value, combined.relaxed, combined.tightened) == (value, relaxed, tightened)


numbers = st.none() | st.integers(0, 100) | st.floats(0, 100)


@given(numbers, numbers, st.sampled_from([Direction.HIGHER, Direction.LOWER]))
def test_no_number_is_milder_than_that_of_the_base(base, head, direction):
    strictness = Strictness(direction)
    value = strictness.combine(base, head).value
    assert not strictness.combine(base, value).relaxed
    assert not strictness.combine(head, value).relaxed


lists = st.lists(st.sampled_from(["a", "b", "c", "!d"]), unique=True).map(tuple)


@given(lists, lists)
def test_lists_hold_what_is_stricter(base, head):
    assert set(Strictness(Direction.FEWER).combine(base, head).value) == set(base) & set(head)
    assert set(Strictness(Direction.MORE).combine(base, head).value) == set(base) | set(head)
    limited = Strictness(Direction.LIMITING).combine(base, head).value
    if not base:
        assert limited == ()
    elif limited and not any(item.startswith("!") for item in (*base, *head)):
        assert set(base) <= set(limited)
