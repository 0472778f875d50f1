"""Reads and replaces single files of a working tree, never through a link, each by one rename."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Spot:
    """A name in a folder that is held open, so that nobody can put a link in its way."""

    folder: int
    name: str

    def read(self) -> bytes | None:
        """The content of the regular file here; None where there is none, or something else."""
        try:
            number = os.open(self.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self.folder)
        except OSError:
            return None
        with os.fdopen(number, "rb") as file:
            return file.read() if stat.S_ISREG(os.fstat(number).st_mode) else None

    def write(self, content: bytes, like: Path, with_times: bool) -> None:
        """Write a new file that reaches the disk, with the mode (and the times) of another; it replaces nothing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self.name, flags, 0o600, dir_fd=self.folder), "wb") as file:
            file.write(content)
            file.flush()
            shutil.copystat(like, file.fileno())  # type: ignore[arg-type]  # a number will do, say the docs of os.chmod
            if not with_times:
                os.utime(file.fileno())
            os.fsync(file.fileno())

    def keep_as(self, other: str) -> None:
        """Give what lies here a second name; a copy where the file system knows no second names."""
        with suppress(FileNotFoundError):
            os.unlink(other, dir_fd=self.folder)
        try:
            os.link(self.name, other, src_dir_fd=self.folder, dst_dir_fd=self.folder, follow_symlinks=False)
        except PermissionError:
            place = f"/proc/self/fd/{self.folder}"
            shutil.copy2(f"{place}/{self.name}", f"{place}/{other}")

    def take(self, other: str) -> None:
        """Put the file of another name in this folder here, in place of what is here."""
        os.rename(other, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        os.fsync(self.folder)

    def beside(self, name: str) -> Spot:
        """Another name in the same folder."""
        return Spot(self.folder, name)

    def remove(self) -> None:
        """Take the file away, if there is one."""
        with suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self.folder)


@contextmanager
def spot(top: str, path: str) -> Iterator[Spot | None]:
    """The place of a path below a folder; None where the way there is missing, or leads through a link."""
    *folders, name = path.split("/")
    try:
        number = os.open(top, _FOLDER & ~os.O_NOFOLLOW)  # that the top itself is reached by a link is the user's doing
    except OSError:
        yield None
        return
    try:
        for folder in folders:
            try:
                inner = os.open(folder, _FOLDER, dir_fd=number)
            except OSError:
                yield None
                return
            os.close(number)
            number = inner
        yield Spot(number, name)
    finally:
        os.close(number)


def read_file(top: str, path: str) -> bytes | None:
    """The content of a regular file below a folder, or None where there is none that can be reached without a link."""
    with spot(top, path) as place:
        return place.read() if place else None


def write_durably(place: Path, content: bytes) -> None:
    """Write a file whose content reaches the disk."""
    with place.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def settle_folder(folder: Path) -> None:
    """Let what was renamed or made in a folder reach the disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
