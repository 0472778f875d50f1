"""Writes commits without a working tree, in the name of the user or, where nobody has given one, of Gatekeeper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from gatekeeper.edges.git import Repository

_NAME, _EMAIL = "Gatekeeper", "gatekeeper@localhost"


class Author:
    """In whose name the commits of a repository are written."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables for Git; empty where the user's identity is known, without guessing it."""
        known = ("-c", "user.useConfigOnly=true", "var")
        roles = [role for role in ("AUTHOR", "COMMITTER") if self._repository.attempt(*known, f"GIT_{role}_IDENT")[0]]
        return {f"GIT_{role}_{key}": value for role in roles for key, value in (("NAME", _NAME), ("EMAIL", _EMAIL))}


def write_commit(repository: Repository, tree: str, parents: Sequence[str], message: str, author: Author) -> str:
    """Write a commit and tell its id; no reference is moved, nothing is signed, and no hook is asked."""
    options = [option for parent in parents for option in ("-p", parent)]
    text = message.replace("\0", "").encode("utf-8", "replace")
    settings = ("-c", "i18n.commitEncoding=UTF-8", "-c", "commit.gpgSign=false")
    output = repository.run(*settings, "commit-tree", *options, tree, stdin=text, env=author.environment)
    return output.decode().strip()
