"""What became of the modes that were called for: which are active, which had to give way, and what is in the way."""

from __future__ import annotations

from gatekeeper.model.frozen import dataclass
from gatekeeper.model.mode import ActiveMode, Mode


@dataclass(frozen=True, slots=True)
class Eviction:
    """A mode that was called for, and had to give way to another one."""

    mode: Mode
    by: Mode
    why: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the modes that were called for cannot be active as they are: who is concerned, what it is, what to do."""

    modes: tuple[str, ...]
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """All of it; where there is an obstacle, no run can be made."""

    active: tuple[ActiveMode, ...]
    evictions: tuple[Eviction, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Who gave way to whom, in words."""
        return tuple(f"the mode {e.mode.name} gives way to {e.by.name}: {e.why}" for e in self.evictions)


@dataclass(frozen=True, slots=True)
class ModeState:
    """A mode in a list: its state ("active", "evicted", "available", "off" or "cannot be active"), and why."""

    mode: Mode
    state: str
    why: tuple[str, ...]
