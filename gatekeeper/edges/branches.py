"""Tells the name of the branch on which a change was made."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target


def branch_of(repository: Repository, target: Target, environment: Mapping[str, str]) -> str:
    """The branch of a target, or empty where that is unknown.

    It is the one that is checked out, as long as the target ends there. GitHub checks out a merge commit of no branch
    and names the branch of the pull request in the environment.
    """
    if target.head and target.head != repository.commit("HEAD"):
        return ""
    status, output, _ = repository.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
    if status == 0:
        return output.decode("utf-8", "surrogateescape").strip()
    return environment.get("GITHUB_HEAD_REF", "")
