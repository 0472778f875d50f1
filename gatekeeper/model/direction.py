"""Which way each setting of the configuration is stricter, as data beside the published schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Direction(StrEnum):
    """How two values of one setting compare, and so what holds when a change edits it.

    Of `HIGHER`, `LOWER` and `LATER` (later in a list of words) the stricter value holds. `FEWER` is a list of
    exceptions: only those that both sides have hold. `MORE` is a list of what is looked at: all that either side has
    holds. `LIMITING` is such a list too, but an empty one means everything. `NEUTRAL` makes nothing stricter or milder:
    the value of the change holds. `BASE` cannot be compared: the value of the base holds.
    """

    HIGHER = "higher"
    LOWER = "lower"
    LATER = "later"
    FEWER = "fewer"
    MORE = "more"
    LIMITING = "limiting"
    NEUTRAL = "neutral"
    BASE = "base"


@dataclass(frozen=True, slots=True)
class Combined:
    """The value that holds of two, whether the second asked for less somewhere, and whether it asked for more."""

    value: Any
    relaxed: bool
    tightened: bool


@dataclass(frozen=True, slots=True)
class Strictness:
    """The direction of one setting; `words` are its values, the mildest first, where they are words or booleans."""

    direction: Direction
    words: tuple[Any, ...] = ()

    def combine(self, base: Any, head: Any) -> Combined:
        """What holds of the value of the base and that of the change; None means that a side does not set it."""
        if base == head and isinstance(base, bool) is isinstance(head, bool):
            return Combined(base, False, False)
        match self.direction:
            case Direction.NEUTRAL:
                return Combined(head, False, False)
            case Direction.BASE:
                return Combined(base, True, False)
            case Direction.FEWER | Direction.MORE | Direction.LIMITING:
                return self._lists(tuple(base or ()), tuple(head or ()))
        stricter = self._rank(head) > self._rank(base)
        return Combined(head if stricter else base, not stricter, stricter)

    def _rank(self, value: Any) -> float:
        if value in self.words:
            return float(self.words.index(value))
        if value is None:
            return float("-inf")
        return -float(value) if self.direction is Direction.LOWER else float(value)

    def _lists(self, base: tuple[Any, ...], head: tuple[Any, ...]) -> Combined:
        lost, won = set(base) - set(head), set(head) - set(base)
        if self.direction is Direction.FEWER:
            return Combined(tuple(item for item in base if item in head), bool(won), bool(lost))
        if self.direction is Direction.LIMITING:
            if not base or not head:  # no limit at all is the strictest
                return Combined((), bool(head), bool(base))
            if any(str(item).startswith("!") for item in (*base, *head)):  # the order decides: not to be compared
                return Combined(base, True, False)
        return Combined((*base, *(item for item in head if item in won)), bool(lost), bool(won))


_HIGHER = Strictness(Direction.HIGHER)
_LOWER = Strictness(Direction.LOWER)
_FEWER = Strictness(Direction.FEWER)
_NEUTRAL = Strictness(Direction.NEUTRAL)
_BASE = Strictness(Direction.BASE)
_IF_TRUE = Strictness(Direction.LATER, (False, True))
_IF_FALSE = Strictness(Direction.LATER, (True, False))

OF_PROJECTS: Mapping[str, Strictness] = MappingProxyType(
    {
        "python": _BASE,
        "source_roots": _BASE,
        "borrow": _FEWER,  # what is borrowed is no part of the tree under judgement
        "base": _BASE,
        "jobs": _NEUTRAL,
        "fail_fast": _NEUTRAL,
        "record": _IF_TRUE,
        "cache": _NEUTRAL,  # what is remembered is what would be seen anew
        "allow_skip": Strictness(Direction.LATER, (True, None, False)),
        "agents": _BASE,  # programs that change files
        "fix": _BASE,
        "protected": _BASE,  # the branches that a server guards
        "projects": Strictness(Direction.MORE),  # which of them count is settled folder by folder
    }
)
"""The keys beside `gates`."""

OF_GATES: Mapping[str, Strictness] = MappingProxyType(
    {
        "enabled": _IF_TRUE,
        "advisory": _IF_FALSE,
        "minimum": _HIGHER,
        "total": _HIGHER,
        "drop": Strictness(Direction.LATER, ("allow", "forbid")),
        "block": Strictness(Direction.LATER, ("critical", "high", "medium", "low")),
        "ignore": _FEWER,
        "dependents": Strictness(Direction.LATER, ("never", "ci", "always")),
        "paths": Strictness(Direction.LIMITING),
        "timeout": _NEUTRAL,  # what runs out of time is an error, never a pass
        "retries": _LOWER,
        "allow_empty": _IF_FALSE,
        "select": Strictness(Direction.LATER, ("always", "local", "never")),
        "processes": _NEUTRAL,  # only how the tests are spread
        "args": _BASE,
        "scope": Strictness(Direction.LATER, ("public", "all")),
        "criteria": Strictness(Direction.LATER, ("off", "warn", "block")),
        "exempt": _BASE,
        "changelog": _BASE,
        "openapi": _BASE,
        "run": _BASE,
        "reads": _BASE,
        "fails": _BASE,
        "needs": _NEUTRAL,  # only the order of the work
        "env": _BASE,
        "config": _BASE,
        "tool": _BASE,
        "skip": _FEWER,
    }
)
"""The options of gates; of one that is a mapping itself, this holds for each of its keys."""


def strictness_of(place: tuple[str, ...]) -> Strictness:
    """The direction of a setting by the keys that lead to it; of one that has none the value of the base holds."""
    return OF_GATES.get(place[2], _BASE) if place[0] == "gates" else OF_PROJECTS.get(place[0], _BASE)
