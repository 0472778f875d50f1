"""Tells whether the working tree is the candidate, file for file, so that it can be judged where it lies."""

from __future__ import annotations

import os
from pathlib import Path

from gatekeeper.edges.branches import tip_in_files
from gatekeeper.edges.git import Repository
from gatekeeper.edges.index import hidden_edits, index_tree
from gatekeeper.edges.shadow import VERSION_FILES

_STATUS = (
    *("--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--no-renames"),
    *("--untracked-files=normal", "--ignored=traditional"),
)
_INITIAL = "(initial)"
_IMPORTABLE = (".py", ".pth", ".so", ".pyd")
_MANY = 5000
_HARMLESS_FOLDERS = frozenset(
    {"__pycache__", ".venv", "venv", "env", ".env", "node_modules", ".tox", ".nox", ".eggs", "dist", "build", "htmlcov"}
    | {
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".import_linter_cache",
        ".idea",
        ".vscode",
        ".cache",
    }
)


def is_in_place(repository: Repository, tree: str, commit: str = "") -> bool:
    """Whether the working tree is, file for file, this tree, and holds nothing else that Python could import.

    `commit` is the one that has this tree, if there is one: where HEAD is seen to have another, Git is asked no more.
    """
    if repository.top is None or repository.submodules(tree):
        return False
    tip = tip_in_files(repository) if commit else ""
    if tip not in ("", commit) and repository.tree(tip) != tree:
        return False
    status = repository.run("status", *_STATUS).split(b"\0")
    records = [record for record in status if record and not record.startswith(b"# ")]
    if not all(_is_as_staged(record, Path(repository.top)) for record in records):
        return False
    head = next((record.split()[2].decode() for record in status if record.startswith(b"# branch.oid ")), _INITIAL)
    if head == _INITIAL or any(record[:1].isdigit() for record in records):
        staged = index_tree(repository)
    else:
        staged = repository.tree(head)  # no record of a tracked file: the index is as HEAD
    return staged == tree and not hidden_edits(repository)


def _is_as_staged(record: bytes, top: Path) -> bool:
    """Whether a record of `git status` is about a file that is as staged, or about one that no test could import."""
    name = os.fsdecode(record[2:])
    if record.startswith(b"? "):
        return (top / name / "pyvenv.cfg").exists()
    if record.startswith(b"! "):
        return _harmless(top, name)
    return not record.startswith(b"u") and record[3:4] == b"."


def _harmless(top: Path, name: str) -> bool:
    """Whether an ignored file or folder cannot be imported, or is what an install step puts there."""
    parts = Path(name).parts
    if any(part in _HARMLESS_FOLDERS or part.endswith(".egg-info") for part in parts):
        return True
    if name.endswith("/"):
        return (top / name / "pyvenv.cfg").exists() or not _holds_code(top / name)
    return not name.endswith((".py", ".pth")) or Path(name).name in VERSION_FILES


def _holds_code(folder: Path) -> bool:
    """Whether something in the folder could be imported; a folder too large to tell quickly counts as one that does."""
    seen = 0
    for _, _, files in os.walk(folder):
        seen += len(files) + 1
        if seen > _MANY or any(file.endswith(_IMPORTABLE) for file in files):
            return True
    return False
