"""How well a run carried out its plan: its efficiency, what went wrong with it, and what no gate examined."""

from __future__ import annotations

from enum import StrEnum

from gatekeeper.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Waited:
    """A task that was ready and waited while an agent was idle, for so many seconds."""

    id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Efficiency:
    """The figures of a run with `slots` agents; times in seconds, shares from 0 to 1.

    `work` is the sum of what the tasks take alone and `speed_up` is work / makespan, `possible` work / `bound`; the sum
    of the durations over the makespan is no speed-up. `rate` is the share of the executed work that ran beside other
    work, `achievable_rate` that of the best schedule found for the same tasks. `avoidable_idle` is the time that slots
    were idle while tasks were ready (`waited` names them, the longest first), `idle_share` its share of all the time
    of the slots. `utilisation` is busy / (busy + avoidable idle). `bottleneck` is the share of the makespan in which
    one task ran alone. `graham_bound` is what no schedule of these durations exceeds that never idles on purpose.
    """

    slots: int
    makespan: float
    work: float
    bound: float
    speed_up: float
    possible: float
    launch_spread: float
    rate: float
    achievable_rate: float
    avoidable_idle: float
    idle_share: float
    utilisation: float
    bottleneck: float
    graham_bound: float
    most_at_once: int
    waited: tuple[Waited, ...] = ()


class Fault(StrEnum):
    """What a detector can see."""

    SERIAL = "serial execution where parallel was possible"
    MISSING_PILLAR = "missing pillar"
    SINGLE_AGENT = "a single agent where several were possible"
    NO_PROGRESS = "no visible progress"
    TARGET = "target missed"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A fault, what was seen, and what corrects it; `about` names the workstreams or jobs."""

    fault: Fault
    saw: str
    remedy: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstTime:
    """How many of the changes passed at their first run: the share, from 0 to 1, and its interval of 95 %."""

    share: float
    low: float
    high: float
    changes: int


@dataclass(frozen=True, slots=True)
class Account:
    """The figures of a run against its plan.

    `gate_coverage` is the share, from 0 to 1, of the pillars owed by the changed files that a gate examined, and
    `unexamined` names the others, such as "src/a.py: docs". `first_time` is known from ten changes on.
    """

    efficiency: Efficiency
    alarms: tuple[Alarm, ...] = ()
    gate_coverage: float = 1.0
    unexamined: tuple[str, ...] = ()
    first_time: FirstTime | None = None
