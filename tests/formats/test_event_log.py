"""The log of an orchestration: what is written is read back, and what is no event does no harm."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.event_log import LONGEST, SCHEMA, event_line, read_events
from gatekeeper.model.orchestration import Ending, State
from gatekeeper.model.orchestration_events import Beat, Began, Lane, LaneSaid, OrchestrationEvent
from gatekeeper.schemas import read_schema

KINDS: tuple[type[Any], ...] = OrchestrationEvent.__args__
VALIDATOR = jsonschema_rs.validator_for(read_schema("orchestration-event"))
TEXT = st.text(max_size=8)
VALUES = {
    "str": TEXT,
    "bool": st.booleans(),
    "int": st.integers(0, 1 << 40),
    "float": st.floats(0, 1e9),
    "tuple[str, ...]": st.lists(TEXT, max_size=3).map(tuple),
    "state": st.sampled_from(State).map(str),
    "ending": st.sampled_from(Ending).map(str),
}


def made(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{field.name: value(str(field.type), field.name) for field in fields(kind)})


def value(kind: str, name: str) -> st.SearchStrategy[Any]:
    if kind.endswith("Lane"):
        return made(Lane)
    if kind.startswith("tuple[Lane"):
        return st.lists(made(Lane), max_size=2).map(tuple)
    return VALUES[name] if name in VALUES else VALUES[kind]


@given(st.one_of([made(kind) for kind in KINDS]))
def test_what_is_written_is_read_back(event: OrchestrationEvent) -> None:
    line = event_line(event)
    assert line.isascii()
    assert line.index("\n") == len(line) - 1
    assert list(read_events([line])) == [event]
    VALIDATOR.validate(json.loads(line))


def test_the_schema_names_every_event_and_field() -> None:
    defined = read_schema("orchestration-event")["$defs"]
    named = [item["$ref"].rpartition("/")[2] for item in read_schema("orchestration-event")["anyOf"]]
    assert len(named) == len(KINDS)
    for name, kind in zip(named, KINDS, strict=True):
        told = set(defined[name]["properties"]) - {"event", "schema"}
        assert told == {field.name for field in fields(kind)}
        needed = {field.name for field in fields(kind) if field.default is MISSING}
        assert set(defined[name]["required"]) - {"event", "schema"} == needed


def test_the_first_line_tells_the_version() -> None:
    assert json.loads(event_line(Began("r", "t", "b", "s", 1, ())))["schema"] == SCHEMA
    assert "schema" not in json.loads(event_line(Beat(1.0)))


def test_a_byte_that_is_no_text_stands_in_the_log_as_a_replacement() -> None:
    assert list(read_events([event_line(LaneSaid(1.0, "w", "\udcff"))])) == [LaneSaid(1.0, "w", "\ufffd")]


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "beat", "at": 1',
        "beat",
        "[]",
        "null",
        '{"at": 1}',
        '{"event": ["beat"], "at": 1}',
        '{"event": "beat"}',
        '{"event": "beat", "at": "1"}',
        '{"event": "beat", "at": true}',
        '{"event": "beat", "at": -1}',
        '{"event": "beat", "at": NaN}',
        '{"event": "beat", "at": Infinity}',
        '{"event": "beat", "at": 1e999}',
        '{"event": "beat", "at": null}',
        f'{{"event": "beat", "at": {"9" * 5000}}}',
        '{"event": "lane_added", "at": 1, "lane": "w"}',
        '{"event": "lane_added", "at": 1, "lane": {"id": "w"}}',
        '{"event": "iteration_began", "at": 1, "number": 1.5, "limit": 3, "findings": 1}',
        '{"event": "integrated", "at": 1, "commit": "", "lanes": [1], "conflicts": [], "seconds": 0}',
        "[" * 100_000,
        '{"event": "beat", "at": 1, "x": "' + "x" * LONGEST + '"}',
        "\x00\x1b[2J",
    ],
)
def test_what_is_no_event_is_skipped_and_counted(line: str) -> None:
    reading = read_events([line, event_line(Beat(2.0))])
    assert list(reading) == [Beat(2.0)]
    assert (reading.skipped, reading.unknown) == (1, 0)


@given(st.lists(st.text(max_size=60)))
def test_any_text_is_read(lines: list[str]) -> None:
    assert list(read_events(lines)) == []


def test_what_a_later_version_writes_is_ignored() -> None:
    reading = read_events(['{"event": "lane_dreamt", "at": 1}', '{"event": "beat", "at": 1, "mood": "good"}', "\n"])
    assert list(reading) == [Beat(1.0)]
    assert (reading.skipped, reading.unknown) == (0, 1)
