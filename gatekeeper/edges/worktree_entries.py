"""Removes worktrees and the entries that Git keeps for them, also damaged ones, and never those of anybody else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def entries_of(common_dir: str, place: Path) -> list[Path]:
    """The entries of a worktree: those that name its folder and, where one is cut off, those that bear its name."""
    home = Path(common_dir, "worktrees")
    if not home.is_dir():
        return []
    return [entry for entry in home.iterdir() if entry.is_dir() and not entry.is_symlink() and _is_of(entry, place)]


def remove_entry(entry: Path) -> None:
    """Remove the entry of a worktree, and the folder of entries with the last one, as Git does."""
    destroy(entry)
    if not any(entry.parent.iterdir()):
        entry.parent.rmdir()


def destroy(folder: Path) -> None:
    """Remove a folder with everything in it, also what somebody has closed; links are not followed."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    if not folder.is_dir():
        return
    _open(folder)
    shutil.rmtree(folder)


def _open(folder: Path) -> None:
    folder.chmod(0o700)
    with os.scandir(folder) as entries:
        inner = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    for each in inner:
        _open(each)


def _is_of(entry: Path, place: Path) -> bool:
    try:
        link = (entry / "gitdir").read_text("utf-8", "surrogateescape").strip()
    except OSError:
        link = ""
    # every folder of an orchestration bears the name of its run, so that no other worktree has this name
    return link == f"{place}/.git" or (entry.name == place.name and not link)
