"""Lists everything in which a change asks less of itself, or touches what judges it; none of it blocks by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gatekeeper.formats.relaxations_files import touched_files
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change
from gatekeeper.model.policy_change import PolicyChange, Relaxed


def relaxations(change: Change, target: Target, settings: Sequence[PolicyChange]) -> tuple[PolicyChange, ...]:
    """Every relaxation of a change, in the order of a report; `settings` are those of Gatekeeper's configuration.

    None where every file is judged as a whole: there is nothing before it to compare with.
    """
    if target.whole or change.is_empty:
        return tuple(settings)
    from gatekeeper.formats.relaxations_comments import new_suppressions  # noqa: PLC0415 - after the verdicts
    from gatekeeper.formats.relaxations_tests import lost_tests  # noqa: PLC0415
    from gatekeeper.formats.relaxations_tools import tool_relaxations  # noqa: PLC0415

    is_range = target.kind is TargetKind.RANGE
    found = [*settings, *touched_files(change)]
    found += _guarded("the settings of tools", lambda: tool_relaxations(change, is_range))
    found += _guarded("lost tests", lambda: lost_tests(change))
    found += _guarded("comments that silence a tool", lambda: new_suppressions(change))
    return tuple(sorted(found, key=lambda one: one.order))


def _guarded(what: str, lister: Callable[[], Iterable[PolicyChange]]) -> list[PolicyChange]:
    """What a lister finds; one that breaks on a hostile text says so in the list, and changes no verdict."""
    try:
        return list(lister())
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader must know that the list is not whole
        return [PolicyChange(Relaxed.TOOL, "", None, f"{what} could not be listed", "", type(error).__name__)]
