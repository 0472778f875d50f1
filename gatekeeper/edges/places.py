"""Where Gatekeeper keeps what it remembers between runs, outside every repository."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.frozen import dataclass

_SLOTS = 16
_OFF = ("0", "off", "false", "no")


@dataclass(frozen=True, slots=True)
class Slot:
    """A folder that belongs to this run alone, kept for the next one; `scratch` inside it is empty at the start.

    `lock` is the number of the locked file: what a killed run leaves behind goes on holding it, if it was given to it.
    """

    folder: Path
    scratch: Path
    lock: int


def cache_folder() -> Path:
    """The folder for everything remembered: $GATEKEEPER_CACHE, or gatekeeper in the user's cache folder."""
    chosen = os.environ.get("GATEKEEPER_CACHE")
    folder = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "gatekeeper")
    return folder.resolve()  # tools resolve links, and their paths are compared with ours


def repository_folder(common_dir: str) -> Path:
    """The folder of one repository, shared by its linked worktrees; made when missing."""
    name = sha256(os.fsencode(common_dir)).hexdigest()[:16]
    folder = cache_folder() / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            if is_of_us(folder):
                return folder
            raise PermissionError(f"{folder} belongs to someone else")
    except OSError:
        folder = Path(tempfile.gettempdir(), f"gatekeeper-{os.getuid()}", name)
        for place in (folder.parent, folder):
            if not place.is_symlink():
                place.mkdir(exist_ok=True, mode=0o700)
        if not (is_of_us(folder.parent) and is_of_us(folder)):  # someone else could plant a tree there
            raise GatekeeperError(
                f"{cache_folder()} cannot be written and {folder.parent} belongs to someone else",
                "set GATEKEEPER_CACHE to a folder that you can write",
            ) from None
        return folder


def warm_place() -> Path:
    """Where the sockets of this user's warm servers lie, whichever repository they serve."""
    return cache_folder() / "warm"


def warm_folder() -> str:
    """The same, made when missing; empty where no server may be used.

    None may in CI, with GATEKEEPER_WARM=off, on another system than Linux, and where the folder is not ours alone.
    """
    if os.environ.get("CI") or os.environ.get("GATEKEEPER_WARM", "").lower() in _OFF or sys.platform != "linux":
        return ""
    folder = warm_place()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.lstat()
    except OSError:
        return ""
    is_ours = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and not seen.st_mode & 0o077
    return str(folder) if is_ours else ""


def is_of_us(folder: Path) -> bool:
    """Whether this is a folder, and no link, in which nobody but this user and the administrator decides."""
    seen = folder.lstat()
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid in (os.getuid(), 0) and not seen.st_mode & 0o002


def known_folder(common_dir: str) -> Path | None:
    """The folder of one repository where a run has made it already; nothing is made or written."""
    folder = cache_folder() / sha256(os.fsencode(common_dir)).hexdigest()[:16]
    return folder if folder.is_dir() else None


@contextmanager
def own_slot(common_dir: str) -> Iterator[Slot]:
    """A slot that no other run uses; the lock goes with the processes that hold it, so none is ever left behind."""
    for number in range(_SLOTS):
        folder = repository_folder(common_dir) / f"slot-{number}"
        _make(folder)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            scratch = folder / "scratch"
            shutil.rmtree(scratch, ignore_errors=True)
            _make(scratch)
            yield Slot(folder, scratch, lock.fileno())
            return
    raise GatekeeperError(f"{_SLOTS} runs are already judging this repository", "wait for one of them to end")


def _make(folder: Path) -> None:
    """Make a folder of ours, in place of anything else that has its name."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    folder.mkdir(exist_ok=True)
