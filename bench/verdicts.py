"""Compares what the four tools by hand say of a commit with what Gatekeeper says, and names why they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clock import Cost

GATES = ("review", "tests", "coverage", "docs")
_STEP = {"review": "pylint", "tests": "pytest", "coverage": "diff-cover", "docs": "interrogate"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """One gate of one commit: the two opinions, and the class of the reason where they differ."""

    gate: str
    by_hand: str
    ours: str
    reason: str

    @property
    def agrees(self) -> bool:
        """Whether both let the commit pass, or both do not."""
        return (self.by_hand == "passed") == (self.ours in ("passed", "skipped"))

    def document(self) -> dict[str, Any]:
        """The agreement as values for JSON."""
        return asdict(self) | {"agrees": self.agrees}


def compare(steps: Mapping[str, Cost], report: Mapping[str, Any]) -> list[Agreement]:
    """The four gates of one commit, by the exit codes of the steps and the verdicts of the report."""
    verdicts = {verdict["gate"]: verdict for verdict in report["verdicts"]}
    found = []
    for gate in GATES:
        by_hand = "failed" if steps[_STEP[gate]].exit_code else "passed"
        verdict = verdicts.get(gate, {"status": "missing"})
        found.append(Agreement(gate, by_hand, verdict["status"], _reason(gate, by_hand, verdict)))
    return found


def _reason(gate: str, by_hand: str, verdict: Mapping[str, Any]) -> str:
    """Why the two differ; empty where they do not."""
    ours = verdict["status"]
    if (by_hand == "passed") == (ours in ("passed", "skipped")):
        return ""
    if ours in ("error", "missing"):
        return f"could not look: {verdict.get('summary', 'no verdict')}"
    if by_hand == "failed" and gate in ("review", "docs"):
        return "old debt: by hand whole files count, Gatekeeper asks for what the change introduces"
    if gate == "coverage":
        return f"measured differently: {verdict['summary']}"
    rules = sorted({finding["rule"] for finding in verdict["findings"] if finding["blocks"]})
    return f"the change introduces {', '.join(rules) or verdict['summary']}"
