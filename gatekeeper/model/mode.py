"""A mode: a bundle of policy that a change may call for, and the rules that it leans on."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gatekeeper.model.frozen import dataclass, field

MODES = ".gatekeeper/modes/"
RULES = ".gatekeeper/rules/"
"""The folders in which a repository keeps modes and rules of its own."""
BUILT_IN = "built in"
"""The source of what comes with Gatekeeper."""


ORCHESTRATION = "Parallel_Orchestration"
"""The mode that `--orchestrate` asks for."""
EVERY_MODE = "*"
"""Stands among the refused names for `--no-mode` without a name: no mode becomes active by itself."""


class Priority(StrEnum):
    """How much a mode counts against another one; `rank` orders them."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1 for low up to 3 for high."""
        return tuple(Priority).index(self) + 1


@dataclass(frozen=True, slots=True)
class Mode:
    """What a mode file says in its front matter, and its text; `source` is the path of the file, or "built in"."""

    name: str
    category: str = ""
    priority: Priority = Priority.MEDIUM
    conflicts: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    group: str = ""
    overrides: Mapping[str, float | bool | str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    body: str = ""
    source: str = BUILT_IN


@dataclass(frozen=True, slots=True)
class ActiveMode:
    """A mode that holds for a run, and why: "--mode", or each trigger with its measurement ("7 files > 3")."""

    mode: Mode
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModeWish:
    """Which modes a person wants: the names asked for with `--mode`, and those refused with `--no-mode`.

    Modes that are `on_request` become active when they are asked for or needed, and not by their triggers alone.
    """

    asked: tuple[str, ...] = ()
    refused: frozenset[str] = field(default_factory=frozenset)
    on_request: frozenset[str] = field(default_factory=frozenset)

    def refuses(self, name: str) -> bool:
        """Whether a mode may not become active by itself."""
        unasked = name not in self.asked and (EVERY_MODE in self.refused or name in self.on_request)
        return name in self.refused or unasked
