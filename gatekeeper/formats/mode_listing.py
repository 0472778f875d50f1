"""Writes the modes with their states for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.formats.terminal_text import one_line, without_surrogates, wrap
from gatekeeper.model.plan import Classification
from gatekeeper.model.settlement import ModeState
from gatekeeper.model.trigger import Measurement

JSON_VERSION = 1
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class ModeListing:
    """All that there is to say: for which target (in words), which states, what was measured, and notes."""

    target: str
    classification: Classification
    states: tuple[ModeState, ...]
    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...]


def listing_text(listing: ModeListing) -> str:
    """The listing for people: a line for each mode, below it why it is in that state and what it sets."""
    lines = [f"modes for {one_line(listing.target)}"]
    for state in listing.states:
        mode = state.mode
        lines += ["", f"{state.state}: {one_line(mode.name)}  ({mode.priority} priority, {one_line(mode.source)})"]
        lines += _indented(state.why)
        if mode.overrides:
            lines += _indented(["sets " + ", ".join(f"{key} {value}" for key, value in mode.overrides.items())])
    if listing.notes:
        lines += ["", *(f"note: {one_line(note)}" for note in listing.notes)]
    return "\n".join(lines) + "\n"


def listing_json(listing: ModeListing) -> str:
    """The listing as JSON, in the order of the names."""
    data = {
        "schema": JSON_VERSION,
        "target": without_surrogates(listing.target),
        "kind": listing.classification.kind,
        "modes": [_mode(state) for state in listing.states],
        "triggers": [
            {"name": m.trigger, "fired": m.fired, "evidence": without_surrogates(m.evidence)}
            for m in listing.measurements
        ],
        "notes": [without_surrogates(note) for note in listing.notes],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _mode(state: ModeState) -> dict[str, object]:
    mode = state.mode
    return {
        "name": mode.name,
        "state": state.state,
        "why": [without_surrogates(reason) for reason in state.why],
        "source": without_surrogates(mode.source),
        "category": mode.category,
        "priority": mode.priority,
        "group": mode.group,
        "conflicts": mode.conflicts,
        "dependencies": mode.dependencies,
        "overrides": dict(mode.overrides),
        "tags": mode.tags,
        "auto_activate_triggers": mode.triggers,
    }


def _indented(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        first, *rest = wrap(one_line(text), _WIDTH - 4)
        yield f"  {first}"
        yield from (f"    {line}" for line in rest)
