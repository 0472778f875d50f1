"""Makes one record of the rules that hold: the built-in ones, and those that the active modes lean on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gatekeeper.model.mode import ActiveMode
from gatekeeper.model.mode_library import Library
from gatekeeper.model.plan import Pillar
from gatekeeper.model.rules import Rules
from gatekeeper.planning.dependencies import rule_name

_BUILT_IN = "built in"
_REPLACED = ("delegation", "workstream_per_directory_from")
"""How work is split is a choice; everything else is a demand, of which the strictest holds."""
_LOWER_IS_STRICTER = ("launch_seconds_max", "max_fix_iterations", "workstream_per_directory_from")


def rules_of(library: Library, active: Sequence[ActiveMode] = ()) -> Rules:
    """The rules of a run.

    The built-in ones always hold. A rule file of the repository holds where an active mode depends on it: how it splits
    the work takes the place of the built-in way, and what it demands counts where it is stricter.
    """
    wanted = {rule_name(name) for one in active for name in one.mode.dependencies}
    ground = _strictest(rule.facts for rule in library.rules if rule.source == _BUILT_IN)
    own = _strictest(r.facts for r in library.rules if r.source != _BUILT_IN and r.name in wanted)
    facts = _strictest([ground, own]) | {key: own[key] for key in _REPLACED if key in own}
    return Rules(
        delegation=facts["delegation"],
        workstream_per_directory_from=facts["workstream_per_directory_from"],
        launch_seconds_max=facts["launch_seconds_max"],
        parallelisation_rate_min=facts["parallelisation_rate_min"] / 100,
        utilisation_min=facts["utilisation_min"] / 100,
        gate_coverage_min=facts["gate_coverage_min"] / 100,
        pillars=facts["pillars"],
        max_fix_iterations=facts["max_fix_iterations"],
    )


def _strictest(many: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All facts together, of each the strictest value."""
    found: dict[str, Any] = {}
    for facts in many:
        for key, value in facts.items():
            found[key] = _stricter(key, found[key], value) if key in found else value
    return found


def _stricter(key: str, one: Any, other: Any) -> Any:
    if key == "pillars":
        return tuple(pillar for pillar in Pillar if pillar in (*one, *other))
    if key == "delegation":
        return min(one, other, key=lambda steps: [(start, level) for level, start in steps])
    return min(one, other) if key in _LOWER_IS_STRICTER else max(one, other)
