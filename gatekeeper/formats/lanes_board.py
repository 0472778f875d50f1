"""What is known of an orchestration while it goes on: a row for each lane and the whole, filled from events."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatekeeper.model.orchestration import State
from gatekeeper.model.orchestration_events import (
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

SUPERVISOR_SILENCE = 35.0
"""Seconds. The supervisor is heard every ten at least; after so many without a word something is wrong."""

_AT_WORK = (State.WORKING, State.JUDGING)
_OVER = (State.PASSED, State.BLOCKED, State.FAILED, State.STOPPED, State.LANDED)
_KEPT = (State.LANDED, State.PASSED)
_ALMOST = 0.95  # how far a lane gets by its estimate before it has really ended
_STATES = {state.value: state for state in State}
_LEAST_ESTIMATE = 1.0  # seconds


@dataclass(slots=True)
class LaneRow:
    """One lane; all times in seconds since the beginning. `seconds` is what its attempts took that have ended.

    `quiet_since` is when it was last heard while it works, `limit` after how many seconds of silence it is ended (0
    while nobody has said so). `before` are tokens and cost of earlier attempts, `judged` is what gates said of it.
    """

    lane: Lane
    state: State = State.WAITING
    agent: str = ""
    attempt: int = 0
    text: str = ""
    note: str = ""
    judged: str = ""
    started: float = 0.0
    seconds: float = 0.0
    quiet_since: float = 0.0
    limit: float = 0.0
    tokens: int = 0
    cost: float = 0.0
    files: int = 0
    added: int = 0
    removed: int = 0
    before: tuple[int, float] = (0, 0.0)

    @property
    def is_at_work(self) -> bool:
        """Whether somebody works on it, or judges it, at the moment."""
        return self.state in _AT_WORK

    @property
    def is_over(self) -> bool:
        """Whether nobody works on it any more, as far as is known."""
        return self.state in _OVER

    def took(self, now: float) -> float:
        """How long all its attempts have taken so far."""
        return self.seconds + (max(now - self.started, 0.0) if self.is_at_work else 0.0)

    def quiet(self, now: float) -> float:
        """For how long it has said nothing; 0 while nobody has mentioned its silence."""
        return max(now - self.quiet_since, 0.0) if self.limit and self.is_at_work else 0.0


@dataclass(slots=True)
class LanesBoard:
    """An orchestration as far as its events tell it; `heard` is the time of the last one."""

    began: Began = field(default_factory=lambda: Began("", "", "", "", 0, ()))
    rows: dict[str, LaneRow] = field(default_factory=dict)
    heard: float = 0.0
    iteration: IterationBegan | None = None
    integrated: Integrated | None = None
    judged: Judged | None = None
    ended: Ended | None = None

    def take(self, event: OrchestrationEvent) -> None:
        """Take notice of an event; one about a lane that nobody has introduced changes no row."""
        if isinstance(event, Began):
            self._begin(event)
            return
        match event:
            case LaneStarted() | LaneSaid() | LaneIdle() | LaneEnded():
                if event.lane in self.rows:
                    _take(self.rows[event.lane], event)
            case LaneAdded():
                self.rows.setdefault(event.lane.id, LaneRow(event.lane)).lane = event.lane
            case Judged():
                self._judge(event)
            case _:
                self._take_of_whole(event)
        self.heard = max(self.heard, event.at)

    def unheard(self, now: float) -> float:
        """For how long the supervisor has not been heard, where that is worth a word; or 0."""
        silence = now - self.heard
        return silence if self.ended is None and silence >= SUPERVISOR_SILENCE else 0.0

    def waits_for(self, row: LaneRow) -> tuple[str, ...]:
        """The ids of the lanes that have to come before this one and have not come yet."""
        return tuple(need for need in row.lane.needs if need in self.rows and not self.rows[need].is_over)

    def progress(self, now: float) -> float:
        """The share of the expected work that is done, from 0 to 1; a lane is all done only when it is over."""
        total = sum(_weight(row) for row in self.rows.values())
        return sum(_weight(row) * _share(row, now) for row in self.rows.values()) / total if total else 0.0

    @property
    def tokens(self) -> int:
        """The tokens of all attempts, as far as agents tell."""
        return sum(row.before[0] + row.tokens for row in self.rows.values())

    @property
    def cost(self) -> float:
        """The US dollars of all attempts, as far as agents tell."""
        return sum(row.before[1] + row.cost for row in self.rows.values())

    def counts(self) -> dict[State, int]:
        """How many lanes there are of each state; states that no lane has are left out."""
        found = [row.state for row in self.rows.values()]
        return {state: found.count(state) for state in State if state in found}

    def _begin(self, event: Began) -> None:
        """A new beginning; when a run is resumed, what has landed or passed stays so, and all else is yet to come."""
        before = self.rows if event.resumed else {}
        self.rows = {lane.id: LaneRow(lane) for lane in event.lanes}
        self.rows |= {name: row for name, row in before.items() if row.state in _KEPT}
        self.began, self.heard, self.ended = event, 0.0, None

    def _take_of_whole(self, event: OrchestrationEvent) -> None:
        match event:
            case Integrated():
                self.integrated = event
            case IterationBegan():
                self.iteration = event
            case Ended():
                self.ended = event
            case _:
                pass

    def _judge(self, event: Judged) -> None:
        if not event.lane:
            self.judged = event
        elif event.lane in self.rows:
            self.rows[event.lane].judged = "; ".join(event.verdicts)


def _take(row: LaneRow, event: LaneStarted | LaneSaid | LaneIdle | LaneEnded) -> None:
    match event:
        case LaneStarted():
            row.before = (row.before[0] + row.tokens, row.before[1] + row.cost)
            row.seconds, row.started = row.took(event.at), event.at
            row.state, row.agent, row.attempt = State.WORKING, event.agent, event.attempt
            row.text = row.note = row.judged = ""
            row.tokens, row.cost = 0, 0.0
            row.quiet_since, row.limit = event.at, 0.0
        case LaneSaid():
            row.text = event.text or row.text
            row.tokens, row.cost = max(row.tokens, event.tokens), max(row.cost, event.cost)
            row.quiet_since, row.limit = event.at, 0.0
        case LaneIdle():
            row.quiet_since, row.limit = event.at - event.seconds, event.limit
        case LaneEnded():
            _end(row, event)


def _end(row: LaneRow, event: LaneEnded) -> None:
    state = _STATES.get(event.state, State.FAILED)  # a word of a later version is no success
    row.seconds, row.started = row.took(event.at), event.at
    row.state, row.note, row.limit = state, event.note, 0.0
    if event.files or event.added or event.removed:
        row.files, row.added, row.removed = event.files, event.added, event.removed


def _weight(row: LaneRow) -> float:
    return max(row.lane.estimate, _LEAST_ESTIMATE)


def _share(row: LaneRow, now: float) -> float:
    if row.is_over:
        return 1.0
    return min(row.took(now) / _weight(row), _ALMOST) if row.is_at_work else 0.0
