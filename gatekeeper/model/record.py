"""What is remembered of a run after it has ended: its verdicts in brief, and what they were about."""

from __future__ import annotations

from gatekeeper.model.frozen import dataclass
from gatekeeper.model.verdict import Status


@dataclass(frozen=True, slots=True)
class GateRecord:
    """What one gate said: `name` with its project, the figure against what was demanded, and `reason`.

    `reason` is what a person gave for having the gate skipped, or its failure overridden; empty where the gate was run,
    or was skipped by the run.
    """

    name: str
    status: Status
    measured: float | None = None
    required: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: when it ended (seconds since 1970, UTC), the two trees that it judged, and how it ended.

    `base` and `head` are the commits where there is one. `kind` is that of the target, `exit` the exit code, `policy` a
    digest of what was demanded and `source` where that was read. `complete` says that every gate that was configured
    was judged or skipped with a reason, as in a run without `--gate`. `seconds`, `title`, `hook` and `branch` are known
    to the local history and not to the notes.
    """

    when: int
    base_tree: str
    head_tree: str
    exit: int
    gates: tuple[GateRecord, ...] = ()
    kind: str = ""
    base: str = ""
    head: str = ""
    policy: str = ""
    source: str = ""
    version: str = ""
    complete: bool = True
    seconds: float = 0.0
    title: str = ""
    hook: str = ""
    branch: str = ""

    @property
    def passed(self) -> bool:
        """Whether the run let the change through."""
        return self.exit == 0

    @property
    def waived(self) -> tuple[GateRecord, ...]:
        """The gates that a person had skipped, or overridden."""
        return tuple(gate for gate in self.gates if gate.reason)

    @property
    def is_full_pass(self) -> bool:
        """Whether every configured gate was judged, there was one at least, and nothing blocked."""
        return self.passed and self.complete and bool(self.gates) and not self.waived


@dataclass(frozen=True, slots=True)
class PastRun(RunRecord):
    """A run of the local history; `first` says that it was the first one of its change.

    A change is named by the commit that it starts from and the branch that it is on: for what is staged, everything
    that is tried until it is committed; for a range, everything that is pushed until the base moves. Only complete
    runs of what is staged or of a range count, and only where the branch is known.
    """

    first: bool = False
