"""Makes small Git repositories for the benchmarks that need no real project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "-c", "commit.gpgsign=false")


def make(folder: Path, files: dict[str, str]) -> None:
    """A repository with one commit of these files."""
    folder.mkdir(parents=True)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, files)


def commit(folder: Path, files: dict[str, str]) -> None:
    """One more commit, which writes these files."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    _git(folder, "add", "--all")
    _git(folder, *_IDENTITY, "commit", "--quiet", "--no-verify", "--message=bench")


def tree_of(folder: Path, name: str) -> str:
    """The id of the tree of a commit."""
    return _git(folder, "rev-parse", f"{name}^{{tree}}").strip()


def _git(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    argv = ["git", "-C", str(folder), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout
