"""Stands in for a gate that a person has skipped: it plans nothing, and says who skipped it and why."""

from __future__ import annotations

from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request


class WaivedGate:
    """A gate that is not run, and the reason that was given."""

    reads: tuple[tuple[str, str], ...] = ()

    def __init__(self, name: str, reason: str) -> None:
        self._name = name
        self._reason = reason

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """No job."""
        return ()

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """Skipped, with the reason."""
        summary = f"not judged, by GATEKEEPER_SKIP: {self._reason}"
        return Verdict(self._name, Status.SKIPPED, summary, waived=self._reason)
