"""What the engine asks of gates, agents and reporters: Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from gatekeeper.model.candidate import Candidate, Environment, Project, Target
from gatekeeper.model.change import Change
from gatekeeper.model.events import Event, JobSaid
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.policy import GatePolicy
from gatekeeper.model.verdict import Verdict

if TYPE_CHECKING:  # most runs select nothing
    from gatekeeper.model.selection import Selection

Outcomes = Mapping[str, Outcome]
"""The outcomes so far, by the id of their job."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that a gate may know when it plans and judges.

    `change` holds only the files that belong to the project and to the gate's `paths`; `selected` are the names of all
    gates of this project that will be judged. `scratch` is a folder of this run alone for the gate's own files,
    `programs` the folder of Gatekeeper's package (for `inside/` and `inspectors/`), `own_python` the interpreter that
    runs Gatekeeper, `ruff` the path of the ruff program, `git_dir` the Git folder of the repository, for a program that
    asks Git itself. All of these are absolute. `warm` is the folder of the warm servers of pylint, empty where none may
    be used. `selection` tells which tests may be left out, where that is wanted. `in_ci` says that CI runs us.
    `measured` are the absolute paths of the files whose coverage will be read; None where that of any file may be.
    `fail_fast` says that the run ends at the first gate that blocks. `cores` is how many the machine has.
    """

    target: Target
    change: Change
    policy: GatePolicy
    project: Project
    environment: Environment
    candidate: Candidate
    selected: frozenset[str]
    scratch: str
    programs: str
    own_python: str
    ruff: str
    git_dir: str = ""
    selection: Selection | None = None
    warm: str = ""
    in_ci: bool = False
    measured: tuple[str, ...] | None = None
    fail_fast: bool = False
    cores: int = 1

    @property
    def root(self) -> str:
        """The folder of the project in the candidate."""
        return self.inside(self.project.root)

    def inside(self, path: str) -> str:
        """The absolute place of a path of the repository in the candidate."""
        return f"{self.candidate.directory}/{path}".rstrip("/")


class Gate(Protocol):
    """Plans what to look at and judges what was seen; both without touching the outside.

    `reads` names the gates whose outcomes this one reads, with the reason. `plan` is called at first with the outcomes
    of nobody, and again whenever a job that the gate planned or reads has ended; it returns every job that the gate is
    known to need so far. When it has no new one and all have ended, `judge` is called.
    """

    reads: tuple[tuple[str, str], ...]

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """The jobs that are known to be needed."""
        ...

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """What the outcomes say of the change."""
        ...


class Agent(Protocol):
    """The doer of a job."""

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        """Do the job and tell what was seen; trouble is data, not an exception."""
        ...

    def stop(self) -> None:
        """End everything that this agent has started, soon; may be called from another thread."""
        ...


class Reporter(Protocol):
    """Hears every event, on one thread."""

    def on_event(self, event: Event) -> None:
        """Take notice of an event."""
        ...
