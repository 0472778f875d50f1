"""An override: somebody with a name lets a gate fail, for a written reason, until a day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from gatekeeper.model.frozen import dataclass

OVERRIDES_FILE = ".gatekeeper/overrides.yml"
"""Where a repository keeps its overrides; it is read from the base."""


@dataclass(frozen=True, slots=True)
class GateOverride:
    """One entry of the file: the gate, who answers for it, why, and the last day on which it holds.

    `paths` (glob patterns, relative to the repository) and `rules` limit it to findings that match both; empty means no
    limit. `source` is the place in the file, such as `.gatekeeper/overrides.yml:3`.
    """

    gate: str
    owner: str
    reason: str
    expires: date
    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    source: str = OVERRIDES_FILE


class OverrideState(StrEnum):
    """What became of an entry in a run."""

    APPLIED = "applied"
    UNUSED = "unused"
    NOT_COVERED = "not covered"
    EXPIRED = "expired"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class OverrideRecord:
    """An entry as a run met it: what became of it and why; without the entry where it could not be read."""

    source: str
    state: OverrideState
    why: str
    override: GateOverride | None = None
