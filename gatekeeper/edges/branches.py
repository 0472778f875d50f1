"""Tells the name of the branch on which a change was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target


def branch_of(repository: Repository, target: Target, environment: Mapping[str, str]) -> str:
    """The branch of a target, or empty where that is unknown.

    It is the one that is checked out, as long as the target ends there. GitHub checks out a merge commit of no branch
    and names the branch of the pull request in the environment.
    """
    if target.head and target.head != repository.commit("HEAD"):
        return ""
    name = _named_in_file(repository)
    if name:
        return name
    status, output, _ = repository.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
    if status == 0:
        return output.decode("utf-8", "surrogateescape").strip()
    return environment.get("GITHUB_HEAD_REF", "")


def _named_in_file(repository: Repository) -> str:
    """The branch that the file HEAD names, which spares a Git process; empty where references are kept otherwise."""
    try:
        text = Path(repository.git_dir, "HEAD").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    name = text.strip().removeprefix("ref: refs/heads/")
    return "" if name == text.strip() or name == ".invalid" else name
