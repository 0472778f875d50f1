"""Follows the log of an orchestration that another process carries out, until it has ended or nobody carries it on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gatekeeper.edges.git import find_repository
from gatekeeper.edges.log_tail import LogTail
from gatekeeper.edges.run_list import RunSummary, find, is_alive, runs
from gatekeeper.formats.event_log import read_events
from gatekeeper.model.orchestration_events import Began, Ended, OrchestrationEvent

_PAUSE = 0.2  # seconds between two looks
_ALIVE_PAUSE = 2.0  # asking whether the supervisor lives takes its lock for a moment


class Display(Protocol):
    """What hears the events; times are seconds since the beginning of the run."""

    def on_event(self, event: OrchestrationEvent) -> None:
        """Take notice of an event."""
        ...

    def on_tick(self, at: float) -> None:
        """Take notice that time has gone by."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """How the watching ended: the name of the run, and its end, None where the supervisor is gone without one.

    `skipped` counts the lines of the log that were no events.
    """

    run: str
    ended: Ended | None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where time comes from: seconds of a steady clock, the time of day, and how to wait."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = lambda: datetime.now().astimezone()
    wait: Callable[[float], None] = time.sleep


def known_runs(folder: str) -> tuple[RunSummary, ...]:
    """The orchestrations of the repository at `folder`, the latest first."""
    return runs(find_repository(folder))


def find_run(folder: str, name: str) -> Path:
    """The folder of the run whose name begins so, the latest one for "". Raises UsageError where there is none."""
    return find(find_repository(folder), name)


def watch(folder: Path, display: Display, clocks: Clocks | None = None) -> Watched:
    """Replay what the log of a run holds and follow it; nothing of the run is touched.

    Of a run that was resumed after an end, that end is not told.
    """
    clocks = clocks or Clocks()
    shown, tail = _Shown(display, clocks), LogTail(folder / "events.jsonl")
    asked, is_gone = float("-inf"), False
    while True:
        lines = tail.read()
        shown.take(lines)
        if lines:
            continue
        if shown.ended is not None:
            display.on_event(shown.ended)
        if shown.ended is not None or is_gone:
            return Watched(folder.name, shown.ended, shown.skipped)
        if clocks.now() - asked >= _ALIVE_PAUSE:
            asked, is_gone = clocks.now(), not is_alive(folder)
        if not is_gone:  # else its last lines may have come since they were read
            shown.tick()
            clocks.wait(_PAUSE)


class _Shown:
    """What has been shown so far; `ended` is held back, since the run may have been resumed after it."""

    def __init__(self, display: Display, clocks: Clocks) -> None:
        self.ended: Ended | None = None
        self.skipped = 0
        self._display = display
        self._clocks = clocks
        self._started: datetime | None = None

    def take(self, lines: list[str]) -> None:
        """Show the events of these lines."""
        reading = read_events(lines)
        for event in reading:
            if isinstance(event, Began):
                self.ended, self._started = None, _moment(event.started) or self._clocks.today()
            if isinstance(event, Ended):
                self.ended = event
            elif self.ended is None:
                self._display.on_event(event)
        self.skipped += reading.skipped

    def tick(self) -> None:
        """Tell what time it is in the run, if it has begun."""
        if self._started is not None:
            self._display.on_tick(max((self._clocks.today() - self._started).total_seconds(), 0.0))


def _moment(text: str) -> datetime | None:
    """A time of day in ISO 8601 with its zone; None for any other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
