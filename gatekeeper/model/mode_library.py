"""The modes and rules that a run can choose from: the built-in ones, and those of the repository."""

from __future__ import annotations

from gatekeeper.model.frozen import dataclass
from gatekeeper.model.mode import Mode
from gatekeeper.model.rules import RuleFile


@dataclass(frozen=True, slots=True)
class Library:
    """Modes by unique name; of the rules a built-in one and one of the repository may share a name, and both hold."""

    modes: tuple[Mode, ...]
    rules: tuple[RuleFile, ...]
    notes: tuple[str, ...] = ()

    def mode(self, name: str) -> Mode | None:
        """The mode of this name."""
        return next((mode for mode in self.modes if mode.name == name), None)

    @property
    def rule_names(self) -> frozenset[str]:
        """The names of all rule files."""
        return frozenset(rule.name for rule in self.rules)
