"""How a judging workstream stands, by what the gates of its pillar said."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.model.orchestration import Judgement, State
from gatekeeper.model.plan import Pillar
from gatekeeper.model.verdict import Status, Verdict


def told(verdicts: Sequence[Verdict], pillar: Pillar) -> str:
    """What the gates of a pillar said; of the whole only who passed."""
    if pillar is Pillar.VALIDATION:
        return ", ".join(f"{v.name} {v.status}" for v in verdicts)
    return "; ".join(v.summary if v.name == pillar else f"{v.name}: {v.summary}" for v in verdicts)


def state_of(verdicts: Sequence[Verdict], judgement: Judgement) -> State:
    """The state that the verdicts of a pillar give it; without a report it has failed."""
    if not judgement.report:
        return State.FAILED
    if any(verdict.status is Status.ERROR and verdict.blocks for verdict in verdicts):
        return State.FAILED
    return State.BLOCKED if any(verdict.blocks for verdict in verdicts) else State.PASSED
