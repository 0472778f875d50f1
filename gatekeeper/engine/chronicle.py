"""Tells what becomes of each lane of an orchestration, and remembers when it ran."""

from __future__ import annotations

import time
from collections.abc import Callable

from gatekeeper.model.orchestration import Landed, Said, State, Work
from gatekeeper.model.orchestration_events import (
    Beat,
    Lane,
    LaneAdded,
    LaneEnded,
    LaneIdle,
    LaneSaid,
    LaneStarted,
    OrchestrationEvent,
)
from gatekeeper.model.plan import Phase

BEAT_SECONDS = 10.0
QUIET_SECONDS = 30.0
"""A lane that says nothing is mentioned whenever so much more time has gone by."""


class Chronicle:
    """Tells events with their time; only one thread may use it. `spans` are lanes with their starts and ends.

    `tell` hears every event, `ticked` now and then how late it is; `epoch` is the beginning on `time.monotonic`.
    """

    def __init__(
        self,
        tell: Callable[[OrchestrationEvent], None],
        epoch: float,
        ticked: Callable[[float], None] = lambda at: None,
    ) -> None:
        self.tell = tell
        self._ticked = ticked
        self.spans: list[tuple[str, float, float]] = []
        self._begun: dict[str, float] = {}
        self._epoch = epoch
        self._heard: dict[str, float] = {}
        self._limits: dict[str, float] = {}
        self._mentioned: dict[str, int] = {}
        self._beaten = 0.0

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._epoch

    def added(self, work: Work) -> None:
        """A workstream has joined the plan; nobody knows how long it takes."""
        lane = Lane(work.id, work.title, work.pillar, Phase.WORK, work.agent, 0.0)
        self.tell(LaneAdded(self.now, lane))

    def started(self, lane: str, agent: str, attempt: int = 1, idle_limit: float = 0.0) -> None:
        """Somebody has begun with a lane; with a limit, its silence is watched."""
        now = self.now
        self._begun[lane] = self._heard[lane] = now
        self._limits[lane] = idle_limit
        self.tell(LaneStarted(now, lane, agent, attempt))

    def said(self, lane: str, said: Said) -> None:
        """News of a lane."""
        self._heard[lane] = self.now
        self._mentioned.pop(lane, None)
        self.tell(LaneSaid(self.now, lane, said.text, said.tokens, said.cost))

    def ended(self, lane: str, state: State, note: str = "", landed: Landed | None = None) -> None:
        """A lane has come to a state."""
        now = self.now
        if lane in self._begun:
            self.spans.append((lane, self._begun.pop(lane), now))
        for each in (self._heard, self._limits, self._mentioned):
            each.pop(lane, None)
        counts = (len(landed.files), landed.added, landed.removed) if landed else (0, 0, 0)
        self.tell(LaneEnded(now, lane, state, note, *counts))

    def tick(self) -> None:
        """Time has gone by: mention who is silent, and tell now and then that the supervisor lives."""
        now = self.now
        for lane, limit in self._limits.items():
            quiet = now - self._heard[lane]
            count = int(quiet // QUIET_SECONDS)
            if limit and count > self._mentioned.get(lane, 0):
                self._mentioned[lane] = count
                self.tell(LaneIdle(now, lane, quiet, limit))
        if now - self._beaten >= BEAT_SECONDS:
            self._beaten = now
            self.tell(Beat(now))
        self._ticked(now)
