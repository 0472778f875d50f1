"""An override without an owner, a reason or an expiry is none, whatever the file holds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.override_file import read_overrides
from gatekeeper.model.gate_override import OverrideState

TODAY = date(2026, 11, 22)
GOOD = "overrides:\n- {gate: tests, owner: Jo, reason: why, expires: 2026-11-22}\n"


def states(text):
    return [(record.state.value, record.why) for record in read_overrides(text.encode(), TODAY)]


def test_an_entry_holds_through_its_last_day():
    (record,) = read_overrides(GOOD.encode(), TODAY)
    assert (record.state, record.source) == (OverrideState.UNUSED, ".gatekeeper/overrides.yml:2")
    assert record.override.expires == TODAY
    (later,) = read_overrides(GOOD.encode(), date(2026, 11, 23))
    assert (later.state, later.why) == (OverrideState.EXPIRED, "it ended on 2026-11-22")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("overrides: 3\n", "must hold the one key"),
        ("- gate: tests\n", "must hold the one key"),
        ("overrides: []\nmore: 1\n", "must hold the one key"),
        ("overrides: [", "cannot be read"),
        ("overrides:\n- tests\n", "a mapping"),
        ("overrides:\n- {}\n", "`gate` is missing; `owner` is missing; `reason` is missing; `expires` is missing"),
        (GOOD.replace("Jo", "'  '"), "`owner` must be a text"),
        (GOOD.replace("Jo", '"\\u200b"'), "`owner` must be a text"),
        (GOOD.replace("Jo", "'-'"), "`owner` must be a text"),
        (GOOD.replace("Jo", "3"), "`owner` must be a text"),
        (GOOD.replace("22}", "22, until: x}"), "unknown key `until`"),
        (GOOD.replace("2026-11-22", "20261122"), "`expires` must be a text"),
        (GOOD.replace("2026-11-22", "'20261122'"), "`expires` must be a day"),
        (GOOD.replace("2026-11-22", "2026-02-30"), "`expires` must be a day"),
        (GOOD.replace("22}", "22, paths: []}"), "`paths` is empty"),
        (GOOD.replace("22}", "22, rules: S602}"), "`rules` must be a list"),
        (GOOD.replace("22}", "22, owner: Al}"), "stands here a second time"),
    ],
)
def test_what_is_wrong_is_told(text, why):
    ((state, told),) = states(text)
    assert (state, why in told) == ("malformed", True), told


def test_a_wrong_entry_does_not_take_the_others_with_it():
    assert [state for state, _ in states(GOOD + "- {gate: docs}\n")] == ["unused", "malformed"]


def test_no_entries():
    assert states("") == states("overrides:\n") == []


def test_a_file_that_cannot_be_read():
    (record,) = read_overrides(None, TODAY)
    assert record.state is OverrideState.MALFORMED


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_break_it(content):
    assert all(record.override is None for record in read_overrides(content, TODAY))
