"""Puts the end of an orchestration together: what each lane and each pillar did, and how well it was carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatekeeper.formats.lanes_board import LaneRow, LanesBoard
from gatekeeper.formats.orchestration_state import Kept
from gatekeeper.model.gate_log import Approval, LaneLog
from gatekeeper.model.orchestration import Orchestrated, State
from gatekeeper.planning.carried_out import Carried, orchestration_account
from gatekeeper.planning.gate_log import gate_log

Usage = Mapping[str, tuple[int, float]]
"""Tokens and US dollars by workstream."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the work: the commit, where the user finds it, what is left, and how to go on."""

    run: str
    commit: str
    branch: str
    patch: str
    applied: bool
    remaining: tuple[str, ...]
    notes: tuple[str, ...]
    hint: str


def approval_of(
    result: Result, kept: Kept, ended: Orchestrated, board: LanesBoard, spent: tuple[Usage, int]
) -> Approval:
    """The record of the end; `spent` is what agents used, and how often the work might be mended."""
    usage, limit = spent
    rows = board.rows.values()
    looked = [row.lane.id for row in rows if row.state in (State.PASSED, State.BLOCKED)]
    account = orchestration_account(kept.plan, Carried(ended.spans, kept.agents, looked))
    return Approval(
        run=result.run, title=kept.plan.title, base=kept.base, ending=ended.ending,
        lanes=tuple(_lane_log(row, usage) for row in rows), pillars=gate_log(ended.judgements, ended.beside),
        seconds=board.heard, iterations=ended.iterations, limit=limit,
        integration=board.integrated.seconds if board.integrated else 0.0, account=account, commit=result.commit,
        branch=result.branch, patch=result.patch, applied=result.applied, remaining=result.remaining,
        notes=result.notes, hint=result.hint,
    )  # fmt: skip


def _lane_log(row: LaneRow, usage: Usage) -> LaneLog:
    tokens, cost = usage.get(row.lane.id, (0, 0.0))
    return LaneLog(
        row.lane.id, row.lane.title, row.agent or row.lane.agent, row.state, row.attempt, row.seconds, row.files,
        row.added, row.removed, tokens, cost, row.note,
    )  # fmt: skip
