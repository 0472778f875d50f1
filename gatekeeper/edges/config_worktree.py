"""Reads the policy that the files of the working tree hold, committed or not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from gatekeeper.edges.config import NAMES, read_policy
from gatekeeper.edges.git import Repository
from gatekeeper.model.errors import UsageError
from gatekeeper.model.policy import Policy

_READ_LIMIT = 4 << 20  # more than any configuration may have, so that the reader can say that it is too much


def read_worktree_policy(repository: Repository, environment: Mapping[str, str]) -> Policy:
    """The policy of the working tree; files that Git ignores have no say. Raises `UsageError` where it is wrong."""
    if repository.top is None:
        raise UsageError("a bare repository has no working tree", "run this inside a clone")
    top = Path(repository.top)
    output = repository.run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = dict.fromkeys(name for name in output.decode("utf-8", "surrogateescape").split("\0") if name)
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents} - {"."}
    there = [name for name in names if PurePosixPath(name).name in NAMES and _exists(top / name)]

    def read(path: str) -> bytes | None:
        place = top / path
        if place.is_symlink() or not place.is_file():
            return None  # a link could point out of the repository
        with place.open("rb") as file:
            return file.read(_READ_LIMIT)

    return read_policy(
        read, there, source="the working tree", flags={}, environment=environment, folders=sorted(folders)
    )


def _exists(place: Path) -> bool:
    return place.exists() or place.is_symlink()
