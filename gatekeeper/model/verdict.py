"""What a gate says of a change."""

from __future__ import annotations

from enum import StrEnum

from gatekeeper.model.finding import Finding
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.gate_override import GateOverride


class Status(StrEnum):
    """`failed` means looked, and it is bad; `error` means could not look."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one gate over one project.

    `summary` is one line for people. `measured` and `required` are in `unit` ("/10", "%", "tests", "findings"), or
    None where the gate has no figure. `notes` are facts worth knowing that change nothing; `hint` says what to do
    next. `reused` names the tree from which the outcome was taken, if it was not measured now. An advisory verdict is
    shown and never blocks; `override` is the one that made it so, if one did.
    `waived` is the reason for which a person had the gate skipped; empty where nobody did.
    """

    gate: str
    status: Status
    summary: str
    measured: float | None = None
    required: float | None = None
    unit: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
    seconds: float = 0.0
    reused: str | None = None
    advisory: bool = False
    project: str = ""
    waived: str = ""
    override: GateOverride | None = None

    @property
    def name(self) -> str:
        """The gate, with the folder of its project where that is not the root of the repository."""
        return f"{self.gate} ({self.project})" if self.project else self.gate

    @property
    def blocks(self) -> bool:
        """Whether nothing may be committed, pushed or merged because of this verdict."""
        return self.status in (Status.FAILED, Status.ERROR) and not self.advisory
