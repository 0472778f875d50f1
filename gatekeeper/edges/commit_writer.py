"""Writes commits without a working tree, in the name of the user or, where nobody has given one, of Gatekeeper."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.edges.git import Repository

_NAME, _EMAIL = "Gatekeeper", "gatekeeper@localhost"
_UNGUESSED = ("-c", "user.useConfigOnly=true")
_SETTINGS = ("-c", "i18n.commitEncoding=UTF-8", "-c", "commit.gpgSign=false")


def write_commit(repository: Repository, tree: str, parents: Sequence[str], message: str) -> str:
    """Write a commit and tell its id; no reference is moved, nothing is signed, and no hook is asked.

    Git does not guess who the user is: where nobody has said it, the commit is Gatekeeper's. Raises `GitError`.
    """
    options = [option for parent in parents for option in ("-p", parent)]
    text = message.replace("\0", "").encode("utf-8", "replace")
    writing = (*_UNGUESSED, *_SETTINGS, "commit-tree", *options, tree)
    status, output, _ = repository.attempt(*writing, stdin=text)
    if status:
        output = repository.run(*writing, stdin=text, env=_stand_in(repository))
    return output.decode().strip()


def _stand_in(repository: Repository) -> dict[str, str]:
    """The variables that name Gatekeeper in the roles in which the user is unknown."""
    roles = ("AUTHOR", "COMMITTER")
    unknown = [role for role in roles if repository.attempt(*_UNGUESSED, "var", f"GIT_{role}_IDENT")[0]]
    return {f"GIT_{role}_{key}": value for role in unknown for key, value in (("NAME", _NAME), ("EMAIL", _EMAIL))}
