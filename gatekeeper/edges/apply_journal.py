"""The journal of work that is being applied to the user's files: on the disk before the first of them is moved."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.git import Repository


@dataclass(frozen=True, slots=True)
class Move:
    """A file with the marks of what stands there before and after; an empty mark means nothing."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moves:
    """A journal on the disk: its folder, the commits before and after, the files, and the folders that it makes."""

    folder: Path
    ends: tuple[str, str]
    files: tuple[Move, ...]
    made: tuple[str, ...]
    index: str

    @property
    def new_index(self) -> Path:
        """The index that shall be; Git's lock of the index is a second name of it."""
        return self.folder / "index.new"

    @property
    def go(self) -> Path:
        """Stands once everything was found as expected, before the first file is moved."""
        return self.folder / "go"

    def aside(self, number: int) -> Path:
        """Where the old file of a move lies."""
        return self.folder / "old" / str(number)


def write_moves(repository: Repository, draft: Path, files: Sequence[Move], ends: tuple[str, str]) -> Moves:
    """Make a journal of a draft that holds `index.new` and the new files in `new`; it is on the disk then."""
    top = Path(repository.top or "")
    (draft / "old").mkdir()
    above = {parent for file in files if file.after for parent in parents_of(file.path)}
    made = sorted(parent for parent in above if not (top / parent).is_dir())
    index = Path(repository.git_dir, "index").resolve()
    manifest = {
        "ends": list(ends),
        "files": [[file.path, file.before, file.after] for file in files],
        "made": made,
        "index": mark_of(index),
    }
    write_durably(draft / "manifest.json", json.dumps(manifest).encode())
    shutil.copymode(index, draft / "index.new")
    settle_folder(draft)
    draft.rename(place_of(repository))
    settle_folder(place_of(repository).parent)
    return read_moves(repository)


def mark_of(place: Path) -> str:
    """What tells one file from another: kind, right to execute and content; empty where nothing stands."""
    try:
        mode = place.lstat().st_mode
        if stat.S_ISLNK(mode):
            content = b"link" + os.fsencode(os.readlink(place))  # noqa: PTH115 - a path would lose doubled slashes
        elif stat.S_ISREG(mode):
            content = (b"program" if mode & 0o100 else b"file") + place.read_bytes()
        else:
            return "other"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return sha256(content).hexdigest()


def is_folder(place: Path) -> bool:
    """Whether a folder stands here, and no link to one."""
    return place.is_dir() and not place.is_symlink()


def read_moves(repository: Repository) -> Moves:
    """The journal of a working tree; raises `ValueError` for one that names anything but files of the working tree."""
    data = read_manifest(place_of(repository))
    files = tuple(Move(str(path), str(before), str(after)) for path, before, after in data["files"])
    for path in (*(file.path for file in files), *data["made"]):
        if any(word in ("", ".", "..") or word.lower() == ".git" for word in path.split("/")):
            raise ValueError(f"the journal names {path!r}, which is no file of the working tree")
    old, new = data["ends"]
    index = str(Path(repository.git_dir, "index").resolve())
    return Moves(place_of(repository), (str(old), str(new)), files, tuple(data["made"]), index)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The journal as it was written."""
    return dict(json.loads((folder / "manifest.json").read_bytes()))


def place_of(repository: Repository) -> Path:
    """Where the journal of a working tree lies."""
    return Path(repository.git_dir, "gatekeeper", "apply")


def parents_of(path: str) -> list[str]:
    """The folders above a path, the highest first."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
