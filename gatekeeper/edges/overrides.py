"""Finds the overrides that hold for a target: those of its base, so that a change does not excuse itself."""

from __future__ import annotations

from datetime import date

from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target
from gatekeeper.model.gate_override import OVERRIDES_FILE, OverrideRecord

_LIMIT = 256 * 1024


def governing_overrides(
    repository: Repository, target: Target, policy_tree: str, today: date
) -> tuple[OverrideRecord, ...]:
    """What the file of overrides says in the tree whose policy governs; none where there is no such file.

    Where every file is judged as a whole there is no base, and the commit itself is asked.
    """
    tree = target.head_tree if target.whole else policy_tree
    found = repository.objects(tree).get(OVERRIDES_FILE)
    if found is None:
        return ()
    from gatekeeper.formats.override_file import read_overrides  # noqa: PLC0415 - most repositories have none

    is_link = OVERRIDES_FILE in repository.links(tree)
    return read_overrides(None if is_link else repository.contents([found], _LIMIT)[0], today)
