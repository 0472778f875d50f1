"""Tells the name of the branch on which a change was made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def branch_of(repository: Repository, target: Target, environment: Mapping[str, str]) -> str:
    """The branch of a target, or empty where that is unknown.

    It is the one that is checked out, as long as the target ends there. GitHub checks out a merge commit of no branch
    and names the branch of the pull request in the environment.
    """
    name = _named_in_file(repository)
    if target.head and target.head != (tip_in_files(repository) or repository.commit("HEAD")):
        return ""
    return name or _told_by_git(repository) or environment.get("GITHUB_HEAD_REF", "")


def _told_by_git(repository: Repository) -> str:
    """The branch that HEAD is, in Git's words; Git is not asked where HEAD is seen to be a commit and no branch."""
    head = _head(repository)
    if _ID.fullmatch(_text(head).strip()) and not head.is_symlink():  # Git once made HEAD a link to its branch
        return ""
    status, output, _ = repository.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
    return output.decode("utf-8", "surrogateescape").strip() if status == 0 else ""


def _named_in_file(repository: Repository) -> str:
    """The branch that the file HEAD names, which spares a Git process; empty where references are kept otherwise."""
    text = _text(_head(repository))
    name = text.strip().removeprefix("ref: refs/heads/")
    return "" if name == text.strip() or name == ".invalid" else name


def tip_in_files(repository: Repository) -> str:
    """The commit of HEAD, as it or the file of its branch names it; empty where it stands elsewhere."""
    name = _named_in_file(repository)
    text = _text(Path(repository.common_dir, "refs/heads", name) if name else _head(repository)).strip()
    return text if _ID.fullmatch(text) else ""


def _head(repository: Repository) -> Path:
    return Path(repository.git_dir, "HEAD")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
