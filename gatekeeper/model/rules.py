"""The facts that planning and running go by: when work is handed out, what every change owes, what a run aims at."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.plan import Pillar


class Level(StrEnum):
    """How much of a change is handed out to agents, by the number of its files."""

    DIRECT = "direct"
    ONE_AGENT = "one_agent"
    TWO_TO_THREE_AGENTS = "two_to_three_agents"
    FULL_DELEGATION = "full_delegation"

    @property
    def words(self) -> str:
        """The level for people, such as "two to three agents"."""
        return self.value.replace("_", " ")

    @property
    def most_agents(self) -> int | None:
        """How many agents do the primary work at most: 0 means without any, None as many as there are."""
        return {"direct": 0, "one_agent": 1, "two_to_three_agents": 3, "full_delegation": None}[self.value]


@dataclass(frozen=True, slots=True)
class Rules:
    """All facts of the rule files that hold for a run.

    `delegation` gives for each level, the least first, from how many changed files on it holds. From
    `workstream_per_directory_from` directories on each directory is a workstream. The three rates are shares from 0
    to 1; `launch_seconds_max` is in seconds.
    """

    delegation: tuple[tuple[Level, int], ...]
    workstream_per_directory_from: int
    launch_seconds_max: float
    parallelisation_rate_min: float
    utilisation_min: float
    gate_coverage_min: float
    pillars: tuple[Pillar, ...]
    max_fix_iterations: int

    def level(self, files: int) -> Level:
        """The level for a change of this many files."""
        return next((level for level, start in reversed(self.delegation) if files >= start), Level.DIRECT)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What one rule file says: its facts by key, as in the file, and its text; `source` is its path or "built in"."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    source: str = "built in"
