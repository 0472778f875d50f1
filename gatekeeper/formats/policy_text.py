"""The sentences and the JSON about policy changes and overrides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gatekeeper.formats.json_values import json_path
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.gate_override import GateOverride, OverrideRecord
from gatekeeper.model.policy_change import PolicyChange, Relaxed

SHOWN = 10
_SETTINGS = frozenset({Relaxed.GATE, Relaxed.SETTING, Relaxed.TOOL})
_FILES = frozenset({Relaxed.WORKFLOW, Relaxed.HOOK, Relaxed.OWNERS, Relaxed.MODE, Relaxed.OVERRIDE})
_STATES = {"applied": "override", "unused": "override, not needed"}


def policy_sentences(changes: Sequence[PolicyChange], shown: int = SHOWN) -> list[str]:
    """A line for each relaxation, safe for one line; above `shown` the rest is counted by its kind."""
    lines = [_sentence(change) for change in changes[:shown]]
    rest = Counter(change.kind.value for change in changes[shown:])
    if rest:
        kinds = ", ".join(f"{count} {kind}" for kind, count in rest.items())
        lines.append(f"and {sum(rest.values())} more ({kinds}); the JSON report holds all of them")
    return lines


def _sentence(change: PolicyChange) -> str:
    place = f" in `{change.path}{f':{change.line}' if change.line else ''}`" if change.path else ""
    held = " (in force once it is merged)" if change.held else ""
    return fit(phrase(f"{change.kind.value}{place}: {_said(change)}"), 300) + held


def _said(change: PolicyChange) -> str:
    """What is relaxed, and how; what its kind says already is not said again."""
    if change.kind in _FILES and change.after:
        return change.after
    if change.kind is Relaxed.SUPPRESSION and change.after:
        return f"`{change.after}`"
    if change.kind in _SETTINGS and change.path:
        return f"`{change.what}` {change.before or 'not set'} → {change.after or 'not set'}"
    values = " → ".join(filter(None, (change.before, change.after)))
    return f"{change.what}: {values}" if values and change.after not in change.what else change.what


def override_sentences(records: Sequence[OverrideRecord]) -> list[str]:
    """A line for each override, safe for one line: who answers for it until when, and what became of it."""
    lines = []
    for record in records:
        one = record.override
        who = f"{one.gate} by {one.owner} until {one.expires} ({one.reason}): " if one else ""
        label = _STATES.get(record.state.value, f"override that does not hold ({record.state.value})")
        lines.append(f"{label}: {phrase(f'{record.source}: {who}{record.why}')}")
    return lines


def changes_document(changes: Sequence[PolicyChange]) -> list[dict[str, Any]]:
    """The relaxations for JSON."""
    return [
        {
            "kind": change.kind.value,
            **json_path("path", change.path),
            "line": change.line,
            "what": change.what,
            "before": change.before,
            "after": change.after,
            "held": change.held,
        }
        for change in changes
    ]


def overrides_document(records: Sequence[OverrideRecord]) -> list[dict[str, Any]]:
    """The overrides for JSON, with what became of each."""
    return [
        {"source": record.source, "state": record.state.value, "why": record.why, **_fields(record.override)}
        for record in records
    ]


def override_document(override: GateOverride | None) -> dict[str, Any] | None:
    """The override of a verdict for JSON."""
    return {"source": override.source, **_fields(override)} if override else None


def _fields(override: GateOverride | None) -> dict[str, Any]:
    return {
        "gate": override.gate if override else None,
        "owner": override.owner if override else None,
        "reason": override.reason if override else None,
        "expires": override.expires.isoformat() if override else None,
        "paths": list(override.paths) if override else [],
        "rules": list(override.rules) if override else [],
    }
