"""Lets an override make a failed verdict advisory; what could not be looked at stays what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatekeeper.formats.globs import matches
from gatekeeper.model.finding import Finding
from gatekeeper.model.frozen import replace
from gatekeeper.model.gate_override import GateOverride, OverrideRecord, OverrideState
from gatekeeper.model.verdict import Status, Verdict

_LIVE = (OverrideState.UNUSED, OverrideState.NOT_COVERED, OverrideState.APPLIED)


def overridden(verdict: Verdict, overrides: Iterable[GateOverride]) -> Verdict:
    """The verdict, advisory and with a note where one of these overrides covers all that it failed for."""
    if verdict.status is not Status.FAILED or verdict.advisory:
        return verdict
    for override in overrides:
        if override.gate == verdict.gate and _covers(override, verdict):
            note = f"overridden by {override.owner} until {override.expires}: {override.reason} ({override.source})"
            return replace(verdict, advisory=True, notes=(note, *verdict.notes), override=override)
    return verdict


def _covers(override: GateOverride, verdict: Verdict) -> bool:
    """Whether all that the verdict failed for lies within the limits of the override.

    What blocks by itself must match; where the figure is too low, every finding has its share in that, so all must.
    """
    if not override.paths and not override.rules:
        return True
    low = verdict.measured is not None and verdict.required is not None and verdict.measured < verdict.required
    concerned = [finding for finding in verdict.findings if low or finding.blocks]
    return bool(concerned) and all(_matches(override, finding) for finding in concerned)


def _matches(override: GateOverride, finding: Finding) -> bool:
    in_paths = not override.paths or (bool(finding.path) and matches(finding.path, override.paths))
    return in_paths and (not override.rules or finding.rule in override.rules)


def settled(records: Sequence[OverrideRecord], verdicts: Sequence[Verdict]) -> tuple[OverrideRecord, ...]:
    """The records with what became of each in the verdicts of a run."""
    return tuple(_settled(record, verdicts) for record in records)


def _settled(record: OverrideRecord, verdicts: Sequence[Verdict]) -> OverrideRecord:
    override = record.override
    if override is None or record.state not in _LIVE:
        return record
    used = [verdict.name for verdict in verdicts if verdict.override == override]
    if used:
        return replace(record, state=OverrideState.APPLIED, why=f"{', '.join(used)} failed and does not block")
    own = [verdict for verdict in verdicts if verdict.gate == override.gate]
    if any(verdict.status is Status.ERROR for verdict in own):
        why = "its gate could not look, and that cannot be overridden"
        return replace(record, state=OverrideState.NOT_COVERED, why=why)
    if any(verdict.blocks and verdict.override is None for verdict in own):
        why = "its gate failed for more than the paths and rules of the override"
        return replace(record, state=OverrideState.NOT_COVERED, why=why)
    if not own:
        return replace(record, why="its gate was not judged")
    return record
