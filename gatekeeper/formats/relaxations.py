"""Lists everything in which a change asks less of itself, or touches what judges it; none of it blocks by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gatekeeper.formats.tool_files import TOOL_FILES
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change, FileChange, Role
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_UNLISTED = "could not be listed"


def relaxations(change: Change, target: Target, settings: Sequence[PolicyChange]) -> tuple[PolicyChange, ...]:
    """Every relaxation of a change, in the order of a report; `settings` are those of Gatekeeper's configuration.

    None where every file is judged as a whole: there is nothing before it to compare with.
    """
    if target.whole or change.is_empty:
        return tuple(settings)
    from gatekeeper.formats.relaxations_files import touched_files  # noqa: PLC0415 - an earlier run's list may do

    found = [*settings, *touched_files(change)]
    if any(file.is_python or _may_be_test(file) for file in change.files):
        found += _in_python(change)
    names = {path.rpartition("/")[2] for file in change.files for path in (file.path, file.old_path) if path}
    if names & TOOL_FILES.keys():
        from gatekeeper.formats.relaxations_tools import tool_relaxations  # noqa: PLC0415 - few changes need it

        is_range = target.kind is TargetKind.RANGE
        found += _guarded("the settings of tools", lambda: tool_relaxations(change, is_range))
    return tuple(sorted(found, key=lambda one: one.order))


def is_listed(found: Iterable[PolicyChange]) -> bool:
    """Whether the list is whole: every lister came to its end."""
    return not any(not one.path and one.what.endswith(_UNLISTED) for one in found)


def _in_python(change: Change) -> list[PolicyChange]:
    from gatekeeper.formats.relaxations_comments import new_suppressions  # noqa: PLC0415 - only where Python changed
    from gatekeeper.formats.relaxations_tests import lost_tests  # noqa: PLC0415

    found = _guarded("lost tests", lambda: lost_tests(change))
    return found + _guarded("comments that silence a tool", lambda: new_suppressions(change))


def _may_be_test(file: FileChange) -> bool:
    return Role.TEST in (file.role, FileChange(file.old_path or file.path, file.kind).role)


def _guarded(what: str, lister: Callable[[], Iterable[PolicyChange]]) -> list[PolicyChange]:
    """What a lister finds; one that breaks on a hostile text says so in the list, and changes no verdict."""
    try:
        return list(lister())
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader must know that the list is not whole
        return [PolicyChange(Relaxed.TOOL, "", None, f"{what} {_UNLISTED}", "", type(error).__name__)]
