"""What is told while a run goes on: the only side channel."""

from __future__ import annotations

from gatekeeper.model.candidate import Candidate, Target
from gatekeeper.model.change import Change
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The target is known; `gates` are the names of the verdicts to come, in order."""

    target: Target
    change: Change
    candidate: Candidate
    gates: tuple[str, ...]
    policy_source: str


@dataclass(frozen=True, slots=True)
class JobsPlanned:
    """Jobs joined the plan."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """An agent began with a job; `at` is in seconds since the start of the run."""

    job: Job
    at: float


@dataclass(frozen=True, slots=True)
class JobSaid:
    """A job tells how far it is; `done` and `total` count its own units, 0 where it cannot tell."""

    job: str
    text: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A job came to its end."""

    job: Job
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class GateJudged:
    """A gate said its verdict."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by without news; `at` is in seconds since the start of the run."""

    at: float


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over."""

    report: Report


@dataclass(frozen=True, slots=True)
class RunAbandoned:
    """The run was interrupted or broke: there will be no report, and the screen belongs to others again."""


Event = RunStarted | JobsPlanned | JobStarted | JobSaid | JobEnded | GateJudged | Tick | RunEnded | RunAbandoned
