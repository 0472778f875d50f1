"""Decides which of several modes may be active together, by their priorities, groups and conflicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations

from gatekeeper.model.mode import Mode, Priority
from gatekeeper.model.settlement import Eviction, Obstacle

Ask = Callable[[str, tuple[str, str]], str]
"""Asks a person a question with two modes to choose from; the answer is the name to keep, or empty for none."""


def clash(one: Mode, other: Mode) -> str:
    """Why two modes cannot be active together, or empty."""
    if one.group and one.group == other.group:
        return f"both are of the group {one.group}"
    for first, second in ((one, other), (other, one)):
        if second.name in first.conflicts:
            return f"{first.name} names {second.name} under `conflicts`"
    return ""


class Contest:
    """One contest; the outcome depends on the modes alone and not on the order in which they come.

    `asked` are the names that a person called for. A mode gives way to one of higher priority, unless only the lower
    one was asked for: what a person wants is not dropped for what merely came by itself.
    """

    def __init__(self, modes: Mapping[str, Mode], asked: Collection[str], ask: Ask | None) -> None:
        self._asked = asked
        self._ask = ask
        self.kept: list[Mode] = []
        self.evictions: list[Eviction] = []
        self.obstacles: list[Obstacle] = []
        for priority in reversed(Priority):
            tier = sorted((m for m in modes.values() if m.priority is priority), key=lambda mode: mode.name)
            self.kept += self._level(self._below(tier))

    def _below(self, tier: list[Mode]) -> list[Mode]:
        """The modes of a tier that stand against those of higher priority which were kept."""
        standing = []
        for mode in tier:
            higher = next((kept for kept in self.kept if clash(mode, kept)), None)
            if higher is None or not self._gives_way(mode, higher):
                standing.append(mode)
        return standing

    def _gives_way(self, mode: Mode, higher: Mode) -> bool:
        why = clash(mode, higher)
        if mode.name in self._asked and higher.name not in self._asked:
            lower = f"{mode.name} has the lower priority ({mode.priority} against {higher.priority})"
            remedy = f"switch {higher.name} off with --no-mode {higher.name}, or do not ask for {mode.name}"
            loser = self._resolve(mode, higher, f"{why}, and {lower}", remedy)
            if loser is higher:
                self.kept.remove(higher)
                self.evictions.append(Eviction(higher, mode, f"{why}, and {mode.name} was chosen"))
            elif loser is mode:
                self.evictions.append(Eviction(mode, higher, f"{why}, and {higher.name} was chosen"))
            return loser is mode
        ranks = f"{higher.name} has the higher priority ({higher.priority} against {mode.priority})"
        self.evictions.append(Eviction(mode, higher, f"{why}, and {ranks}"))
        return True

    def _level(self, tier: list[Mode]) -> list[Mode]:
        """The modes of a tier that stand against one another."""
        gone: set[str] = set()
        for one, other in combinations(tier, 2):
            why = clash(one, other)
            if not why or gone & {one.name, other.name}:
                continue
            remedy = f"switch one of them off with --no-mode {one.name} or --no-mode {other.name}"
            loser = self._resolve(one, other, f"{why}, and both have the priority {one.priority}", remedy)
            if loser is not None:
                winner = other if loser is one else one
                gone.add(loser.name)
                self.evictions.append(Eviction(loser, winner, f"{why}, and {winner.name} was chosen"))
        return [mode for mode in tier if mode.name not in gone]

    def _resolve(self, one: Mode, other: Mode, why: str, remedy: str) -> Mode | None:
        """Which of the two a person gives up; None, and an obstacle, where nobody can be asked or none is chosen."""
        message = f"the modes {one.name} and {other.name} cannot be active together: {why}"
        kept = self._ask(f"{message}. Which one shall hold?", (one.name, other.name)) if self._ask else ""
        if kept in (one.name, other.name):
            return other if kept == one.name else one
        self.obstacles.append(Obstacle((one.name, other.name), message, remedy))
        return None
