"""What is told while a plan is carried out: the lines of the event log, and what is shown live."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """A workstream as the log introduces it; `estimate` in seconds, `needs` are ids."""

    id: str
    title: str
    pillar: str
    phase: str
    agent: str
    estimate: float
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Began:
    """The orchestration `run` begins, on the commit `base`; `started` is the time of day in ISO 8601."""

    run: str
    title: str
    base: str
    started: str
    agents: int
    lanes: tuple[Lane, ...]
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class LaneStarted:
    """An agent began with a workstream. `at` is always in seconds since the beginning."""

    at: float
    lane: str
    agent: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LaneSaid:
    """News of a workstream; `tokens` and `cost` (US dollars) so far, 0 where unsaid."""

    at: float
    lane: str
    text: str
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class LaneIdle:
    """A workstream has shown nothing for so many seconds, of `limit` after which it is ended."""

    at: float
    lane: str
    seconds: float
    limit: float


@dataclass(frozen=True, slots=True)
class LaneEnded:
    """A workstream came to a state (a word of `State`) and why; `files`, `added` and `removed` count its work."""

    at: float
    lane: str
    state: str
    note: str = ""
    files: int = 0
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class LaneAdded:
    """A workstream joined the plan: work that findings or a conflict made necessary."""

    at: float
    lane: Lane


@dataclass(frozen=True, slots=True)
class Integrated:
    """Lanes were joined into one commit, in this order, or could not be: `conflicts` are "lane: path"."""

    at: float
    commit: str
    lanes: tuple[str, ...]
    conflicts: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Judged:
    """The gates judged a commit: that of a lane, or the whole ("").

    `verdicts` are lines such as "tests: failed, 2 failed, 40 passed"; `findings` counts those that block.
    """

    at: float
    lane: str
    commit: str
    exit: str
    verdicts: tuple[str, ...]
    findings: int
    seconds: float


@dataclass(frozen=True, slots=True)
class IterationBegan:
    """What the gates blocked goes back to agents: iteration `number` of at most `limit`."""

    at: float
    number: int
    limit: int
    findings: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The supervisor lives."""

    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The end: a word of `Ending`, what remains, and how to go on; `branch` and `patch` say where the work is."""

    at: float
    ending: str
    commit: str
    branch: str
    patch: str
    remaining: tuple[str, ...]
    hint: str


OrchestrationEvent = (
    Began
    | LaneStarted
    | LaneSaid
    | LaneIdle
    | LaneEnded
    | LaneAdded
    | Integrated
    | Judged
    | IterationBegan
    | Beat
    | Ended
)
