"""Decides which of several modes may be active together, by their priorities, groups and conflicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations

from gatekeeper.model.frozen import dataclass
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


@dataclass(frozen=True, slots=True)
class _Dispute:
    """Two modes that clash where no priority decides."""

    one: Mode
    other: Mode
    why: str
    remedy: str

    @property
    def message(self) -> str:
        return f"the modes {self.one.name} and {self.other.name} cannot be active together: {self.why}"


class Contest:
    """One contest; the outcome depends on the modes alone and not on the order in which they come.

    `asked` are the names that a person called for. A mode gives way to one of higher priority, unless only the lower
    one was asked for: what a person wants is not dropped for what merely came by itself. Where no priority decides, a
    person is asked, and an answer begins the contest anew without the mode that was given up.
    """

    def __init__(self, modes: Mapping[str, Mode], asked: Collection[str], ask: Ask | None) -> None:
        self._modes = modes
        self._asked = asked
        self._ask = ask
        self._given_up: dict[str, Eviction] = {}
        self._decided: set[tuple[str, str]] = set()
        self._round()
        while self._decide():
            self._round()
        self.evictions = [*self._evictions, *self._given_up.values()]
        self.obstacles = [Obstacle((d.one.name, d.other.name), d.message, d.remedy) for d in self._disputes]

    def _round(self) -> None:
        """Let all modes that nobody gave up stand against one another, the highest priority first."""
        self.kept: list[Mode] = []
        self._evictions: list[Eviction] = []
        self._disputes: list[_Dispute] = []
        standing = sorted((m for m in self._modes.values() if m.name not in self._given_up), key=lambda mode: mode.name)
        for priority in reversed(Priority):
            tier = [mode for mode in standing if mode.priority is priority and not self._gives_way(mode)]
            for one, other in combinations(tier, 2):
                if why := clash(one, other):
                    remedy = f"switch one of them off with --no-mode {one.name} or --no-mode {other.name}"
                    self._disputes.append(_Dispute(one, other, f"{why}, and both have the priority {priority}", remedy))
            self.kept += tier

    def _gives_way(self, mode: Mode) -> bool:
        """Whether one of those of higher priority that were kept evicts the mode."""
        disputes = []
        for higher in self.kept:
            why = clash(mode, higher)
            if not why:
                continue
            if mode.name not in self._asked or higher.name in self._asked:
                ranks = f"{higher.name} has the higher priority ({higher.priority} against {mode.priority})"
                self._evictions.append(Eviction(mode, higher, f"{why}, and {ranks}"))
                return True
            lower = f"{mode.name} has the lower priority ({mode.priority} against {higher.priority})"
            remedy = f"switch {higher.name} off with --no-mode {higher.name}, or do not ask for {mode.name}"
            disputes.append(_Dispute(mode, higher, f"{why}, and {lower}", remedy))
        self._disputes += disputes
        return False

    def _decide(self) -> bool:
        """Whether a person decides a dispute; then the mode that was not chosen is given up."""
        for dispute in self._disputes:
            pair = (dispute.one.name, dispute.other.name)
            if self._ask is None or pair in self._decided:
                continue  # answers that go round in a circle decide nothing
            kept = self._ask(f"{dispute.message}. Which one shall hold?", pair)
            if kept in pair:
                self._decided.add(pair)
                self._give_up(dispute.other if kept == dispute.one.name else dispute.one, dispute)
                return True
        return False

    def _give_up(self, loser: Mode, dispute: _Dispute) -> None:
        winner = dispute.one if loser is dispute.other else dispute.other
        # who was given up for the sake of this one may come back
        self._given_up = {name: e for name, e in self._given_up.items() if e.by.name != loser.name}
        self._given_up[loser.name] = Eviction(loser, winner, f"{clash(loser, winner)}, and {winner.name} was chosen")
