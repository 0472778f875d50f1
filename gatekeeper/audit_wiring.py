"""Puts an audit together: the commits of a range, the notes on their trees, and what the two say."""

from __future__ import annotations

from gatekeeper.edges.commits import read_lineage
from gatekeeper.edges.git import find_repository
from gatekeeper.edges.targets import remedy
from gatekeeper.edges.verdict_notes import read_notes
from gatekeeper.engine.audit import audit
from gatekeeper.formats.verdict_note import read_note
from gatekeeper.model.audit import Audit
from gatekeeper.model.errors import GatekeeperError


def audit_range(folder: str, base: str, head: str) -> Audit:
    """The audit of what `head` has and `base` has not.

    Raises `GatekeeperError` where one of them names no commit here, or the history between them is not complete.
    """
    repository = find_repository(folder)
    ends = []
    for name in (base, head):
        commit = repository.commit(name)
        if commit is None:
            raise GatekeeperError(f"{name!r} names no commit in this repository", remedy(repository))
        ends.append(commit)
    lineage = read_lineage(repository, *ends)
    verdicts = {tree: read_note(tree, text) for tree, text in read_notes(repository).items()}
    return Audit(ends[0], ends[1], audit(lineage, verdicts))
