"""Reads in which variables the pre-commit framework tells its hooks what is pushed: it keeps Git's lines to itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatekeeper.formats.push_lines import RefUpdate
from gatekeeper.model.errors import GatekeeperError

_BY_HAND = "by hand, `gatekeeper run --from A --to B` judges any range"


def read_framework_push(
    variables: Mapping[str, str], commit_of: Callable[[str], str | None]
) -> tuple[str, RefUpdate] | None:
    """The remote and the reference that a push changes, or None where nothing is pushed.

    The framework names both ends of a range, or the local branch alone where all of its history is new. `commit_of`
    tells the commit that a revision names. Raises `GatekeeperError` where an end names none.
    """
    start, end = variables.get("PRE_COMMIT_FROM_REF", ""), variables.get("PRE_COMMIT_TO_REF", "")
    remote, local = variables.get("PRE_COMMIT_REMOTE_NAME", ""), variables.get("PRE_COMMIT_LOCAL_BRANCH", "")
    if not (start and end) and not (remote and local):
        return None
    head = _commit(end or local, commit_of)
    old = _commit(start, commit_of) if start else "0" * len(head)
    source = local or end
    return remote, RefUpdate(variables.get("PRE_COMMIT_REMOTE_BRANCH") or source, old, head, source)


def _commit(revision: str, commit_of: Callable[[str], str | None]) -> str:
    commit = commit_of(revision)
    if commit is None:
        raise GatekeeperError(f"pre-commit names {revision!r}, which is no commit in this repository", _BY_HAND)
    return commit
