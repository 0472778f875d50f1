"""Writes the events of an orchestration as JSON lines, and reads them back from a log that may be torn or hostile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, asdict, fields
from typing import Any

from gatekeeper.formats.json_values import json_value
from gatekeeper.model.orchestration_events import (
    Beat,
    Began,
    Ended,
    Integrated,
    IterationBegan,
    Judged,
    Lane,
    LaneAdded,
    LaneEnded,
    LaneIdle,
    LaneSaid,
    LaneStarted,
    OrchestrationEvent,
)

SCHEMA = "gatekeeper.orchestration-event/1"
"""The version of the format; the line of `Began` carries it."""

LONGEST = 1 << 20
"""Characters of a line; a longer one is no event."""

_EVENTS: dict[str, type[Any]] = {
    "began": Began,
    "lane_started": LaneStarted,
    "lane_said": LaneSaid,
    "lane_idle": LaneIdle,
    "lane_ended": LaneEnded,
    "lane_added": LaneAdded,
    "integrated": Integrated,
    "judged": Judged,
    "iteration_began": IterationBegan,
    "beat": Beat,
    "ended": Ended,
}
_NAMES = {kind: name for name, kind in _EVENTS.items()}
_MOST = 1 << 53  # what every reader of JSON takes for a whole number
_MOST_ITEMS = 10_000


class _NoEvent(ValueError):
    """A line that is no event."""


class EventReading(Iterator[OrchestrationEvent]):
    """The events of a log, one after the other.

    `skipped` counts the lines so far that are no events, and `unknown` those that a later version may have written.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.skipped = self.unknown = 0
        self._lines = iter(lines)

    def __next__(self) -> OrchestrationEvent:
        """The next event."""
        for line in self._lines:
            try:
                document = _document(line)
                kind = _EVENTS.get(document["event"])
                if kind is not None:
                    event: OrchestrationEvent = _record(kind, document)
                    return event
                self.unknown += 1
            except _NoEvent:
                self.skipped += bool(line.strip())
        raise StopIteration


def event_line(event: OrchestrationEvent) -> str:
    """The event as one line of ASCII with its end, in the form of `schemas/orchestration-event.schema.json`."""
    document: dict[str, Any] = {"event": _NAMES[type(event)]}
    if isinstance(event, Began):
        document["schema"] = SCHEMA
    document |= json_value(asdict(event))
    return json.dumps(document, ensure_ascii=True, allow_nan=False) + "\n"


def read_events(lines: Iterable[str]) -> EventReading:
    """The events of the lines of a log; what is no event is skipped and counted.

    Fields that are not known are ignored, and those that have a default may be missing. Texts are as hostile as
    whoever could write to the log: nothing but their type and the sizes are looked at.
    """
    return EventReading(lines)


def _document(line: str) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise _NoEvent
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):  # also for a number that is too long
        raise _NoEvent from None
    if not isinstance(document, dict) or not isinstance(document.get("event"), str):
        raise _NoEvent
    return document


def _record(kind: type[Any], document: object) -> Any:
    """A record of this kind. Raises _NoEvent where the document lacks a field, or has one of another type."""
    if not isinstance(document, dict):
        raise _NoEvent
    values = {}
    for field in fields(kind):
        if field.name in document:
            values[field.name] = _READERS[str(field.type)](document[field.name])
        elif field.default is MISSING:
            raise _NoEvent
    return kind(**values)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _NoEvent
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _NoEvent
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise _NoEvent
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _MOST:
        raise _NoEvent
    return float(value)


def _items(value: object, read: Callable[[object], Any]) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) > _MOST_ITEMS:
        raise _NoEvent
    return tuple(read(item) for item in value)


def _lane(value: object) -> Lane:
    lane: Lane = _record(Lane, value)
    return lane


_READERS: dict[str, Callable[[object], Any]] = {
    "str": _text,
    "bool": _flag,
    "int": _whole,
    "float": _number,
    "tuple[str, ...]": lambda value: _items(value, _text),
    "Lane": _lane,
    "tuple[Lane, ...]": lambda value: _items(value, _lane),
}
