"""The plan of a change: workstreams with agents, scopes and criteria, proofs of dependencies, and the schedule."""

from __future__ import annotations

from enum import StrEnum

from gatekeeper.model.frozen import dataclass


class Kind(StrEnum):
    """What kind of change it is."""

    FEATURE = "feature"
    BUGFIX = "bugfix"
    REFACTOR = "refactor"
    DOCS = "docs"
    TESTS = "tests"
    CHORE = "chore"
    PERFORMANCE = "performance"

    @property
    def noun(self) -> str:
        """What a change of this kind is called behind an article."""
        return _NOUNS.get(self.value, self.value)


_NOUNS = {"docs": "docs change", "tests": "test change", "performance": "performance change"}


class Pillar(StrEnum):
    """What a workstream is there for; review, tests and docs are the pillars of quality."""

    PRIMARY = "primary"
    REVIEW = "review"
    TESTS = "tests"
    DOCS = "docs"
    INTEGRATION = "integration"
    VALIDATION = "validation"


GATES_OF = {Pillar.REVIEW: ("review",), Pillar.TESTS: ("tests", "coverage"), Pillar.DOCS: ("docs",)}
"""The usual gates of each pillar of quality."""

PILLAR_OF = {gate: pillar for pillar, gates in GATES_OF.items() for gate in gates}
"""The pillar that each of the usual gates speaks for."""


class Phase(StrEnum):
    """PREPARE needs nothing of the change (baselines of the base); JUDGE needs it; WORK makes it."""

    PREPARE = "prepare"
    WORK = "work"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why something is taken for what it is: the signal ("branch prefix"), and what it showed ("fix/…")."""

    signal: str
    shows: str
    for_kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind of a change and what speaks for it, the most trusted signal first."""

    kind: Kind
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Dependency:
    """A workstream or unit that has to come first, and the proof.

    `basis` is "import", "same file", "declared", "artefact" or "order of the template"; `proof` is such as
    "app/users.py:3 imports app.models". With `hint` it is only a soft one (co-change, CODEOWNERS) and orders nothing.
    """

    on: str
    basis: str
    proof: str
    hint: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest independent piece of a change: a changed file with its tests and docs, and its definitions.

    `path` names the unit and is its main file; `files` are all its paths, its own included.
    """

    path: str
    files: tuple[str, ...]
    definitions: tuple[str, ...] = ()
    needs: tuple[Dependency, ...] = ()


class Measure(StrEnum):
    """What of a run tells whether a criterion is met."""

    SCORE = "score"
    SEVERITY = "severity"
    TESTS = "tests"
    COVERAGE = "coverage"
    DOCS = "docs"
    GATES = "gates"
    EXAMINED = "examined"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must hold at the end of a workstream; `met` is None until it has been measured.

    `measure` is what tells it, None where no gate can; `least` is the figure that it demands, where it is one. `seen`
    is what a run saw of it, in words: "9.50 /10", "3 findings" or "not measured"; empty before any run.
    """

    text: str
    met: bool | None = None
    measure: Measure | None = None
    least: float | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Workstream:
    """A named unit of work: who does it (and why that agent), on which paths, held to what, after what, how long.

    `estimate` is in seconds; `estimate_basis` says where it comes from ("median of 9 runs", "fallback for feature").
    """

    id: str
    title: str
    pillar: Pillar
    phase: Phase
    agent: str
    agent_reason: str
    scope: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    needs: tuple[Dependency, ...]
    estimate: float
    estimate_basis: str


@dataclass(frozen=True, slots=True)
class Placement:
    """When a workstream runs and in which of the agents' lanes, in seconds since the start."""

    workstream: str
    lane: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """The placements for `agents` agents, and its bounds; all times in seconds.

    `work` is the sum of the estimates, `critical_path` the longest chain, `lower_bound` = max(critical path,
    work / agents, longest), `graham_bound` = work / agents + (1 - 1 / agents) * critical path, which no schedule that
    never idles on purpose exceeds. `speed_up` = work / makespan, `possible` = work / lower bound. `rate` is the
    achievable parallelisation rate: the share of the work done while at least two workstreams run. `exact` says that
    no better schedule exists.
    """

    agents: int
    placements: tuple[Placement, ...]
    work: float
    critical_path: float
    lower_bound: float
    graham_bound: float
    makespan: float
    speed_up: float
    possible: float
    rate: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Targets:
    """What a run of the plan aims at, by the rules that hold; shares from 0 to 1.

    All that is ready starts within `launch_seconds_max`. `parallelisation_rate_min` is the share of the achievable
    rate, `utilisation_min` of busy / (busy + avoidable idle), `gate_coverage_min` of what the changed files owe. A
    change that is blocked is mended and judged again at most `max_fix_iterations` times.
    """

    launch_seconds_max: float
    parallelisation_rate_min: float
    utilisation_min: float
    gate_coverage_min: float
    max_fix_iterations: int


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """All of it. `width` is the most workstreams that can run at once: of the primary work alone, and with quality."""

    title: str
    classification: Classification
    delegation: str
    units: tuple[Unit, ...]
    workstreams: tuple[Workstream, ...]
    schedule: Schedule
    width_primary: int
    width: int
    modes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    targets: Targets | None = None
