"""Lists what a change relaxes, and keeps the list: both sides of every changed file would be parsed for it anew."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.edges.outcomes import IN_ONE_PLACE, Outcomes
from gatekeeper.formats.relaxations import is_listed, relaxations
from gatekeeper.formats.relaxations_kept import basis_of, read_relaxations, write_relaxations
from gatekeeper.model.candidate import Target
from gatekeeper.model.change import Change
from gatekeeper.model.policy_change import PolicyChange


def relaxations_kept(
    change: Change, target: Target, settings: Sequence[PolicyChange], store: Outcomes, afresh: bool
) -> tuple[PolicyChange, ...]:
    """The relaxations of a change, from an earlier run where one listed them on the same basis.

    A list that is not whole is not kept. With `afresh` nothing is recalled, and the list is kept all the same.
    """
    if target.whole or change.is_empty:
        return relaxations(change, target, settings)  # nothing is read for it
    key = f"{IN_ONE_PLACE}relaxations {basis_of(change, target, settings)}"
    for entry in () if afresh else store.recall(key)[:1]:
        known = read_relaxations(entry.text)
        if known is not None:
            return known
    found = relaxations(change, target, settings)
    text = write_relaxations(found)
    if is_listed(found) and read_relaxations(text) == found:  # JSON joins two halves of a character, which are two here
        store.remember([(key, text)])
    return found
