"""The thresholds that a mode may tighten, as data: which setting each one is, and which way is stricter."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatekeeper.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Override:
    """One key of `overrides`: the setting that it tightens, and what it may be.

    `gate` is empty for a setting of the whole run. A number lies between `low` and `high`; a word is one of `words`,
    the mildest first. With `lower_is_stricter` the smaller number is the stricter one.
    """

    key: str
    gate: str
    setting: str
    low: float = 0
    high: float = 0
    whole: bool = False
    words: tuple[str, ...] = ()
    lower_is_stricter: bool = False

    @property
    def place(self) -> str:
        """The setting as a dotted key, such as `gates.review.minimum`."""
        return f"gates.{self.gate}.{self.setting}" if self.gate else self.setting

    def strictness(self, value: float | bool | str) -> float:
        """A number that orders two values of this key: the higher, the stricter."""
        if self.words:
            return float(self.words.index(str(value)))
        return -float(value) if self.lower_is_stricter else float(value)


_KEYS = (
    Override("quality_score_min", "review", "minimum", 0, 10),
    Override("test_coverage_min", "coverage", "minimum", 0, 100),
    Override("total_coverage_min", "coverage", "total", 0, 100),
    Override("coverage_drop", "coverage", "drop", words=("allow", "forbid")),
    Override("block", "review", "block", words=("critical", "high", "medium", "low")),
    Override("max_fix_iterations", "", "max_fix_iterations", 1, 100, whole=True, lower_is_stricter=True),
)

OVERRIDES: Mapping[str, Override] = MappingProxyType({override.key: override for override in _KEYS})
"""Every key that a mode file may have under `overrides`."""
