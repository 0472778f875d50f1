"""Hears from the kernel what is opened in some folders, by whomever; runs in the project's interpreter.

That is `inotify`, which Linux has. What a test may put in the place of functions of `os` is bound here before it runs.
"""

from __future__ import annotations

import os
import struct
import sys
from os import close, getpid, read, readlink, scandir
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

MOST_FOLDERS = 2000
EXAMPLES = ".hypothesis"  # has a folder for each test, and what is found there is chance anyway
SIZE = 1 << 16
EVENT = struct.Struct("iIII")
OPENED, MOVED_FROM, MOVED_TO, CREATED, OVERFLOW, IS_FOLDER = 0x20, 0x40, 0x80, 0x100, 0x4000, 0x40000000
ASKED = OPENED | MOVED_FROM | MOVED_TO | CREATED


class Event(NamedTuple):
    """What happened to a name in a folder, or to the folder itself; what was `meant` by watching it."""

    mask: int
    folder: str
    name: str
    meant: str


class Watch:
    """The folders that are watched, with what each is watched for; nothing is where that cannot be done."""

    def __init__(self) -> None:
        self.file = -1
        self.owner = getpid()
        self.add: Any = None
        self.watched: Dict[int, Tuple[str, str]] = {}

    def begin(self) -> bool:
        """Begin; tells whether this system has the means."""
        if not sys.platform.startswith("linux") or getattr(sys, "pycache_prefix", None):
            return False  # bytecode that lies elsewhere would be read in the place of what is watched
        try:
            import ctypes

            library = ctypes.CDLL(None, use_errno=True)
            self.add = library.inotify_add_watch
            self.file = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except (ImportError, OSError, AttributeError):
            return False
        return self.is_open()

    def end(self) -> None:
        """Watch nothing any more."""
        if self.is_open():
            close(self.file)
        self.file = -1

    def is_open(self) -> bool:
        """Whether we listen, in this process and not in a fork of it, and to what is still ours.

        A test may close all files, and open others in their place.
        """
        try:
            is_own = self.file >= 0 and self.owner == getpid()
            return is_own and readlink("/proc/self/fd/{}".format(self.file)).endswith("inotify")
        except OSError:
            return False

    def tree(self, top: str, meant: str, git: str) -> List[str]:
        """Watch a folder with all in it, but for environments, and repositories of Git for `git`; tells which."""
        found, waiting = [], [top]
        while waiting and self.file >= 0:
            folder = waiting.pop()
            self.one(folder, meant)
            found.append(folder)
            for name in folders_in(folder):
                place = folder + os.sep + name
                if name == ".git":
                    self.one(place, git)
                elif name != EXAMPLES and not is_environment(place, place[len(top) + 1 :]):
                    waiting.append(place)
        return found

    def one(self, place: str, meant: str) -> None:
        """Watch one folder or file; where the system allows no more of them, or they are very many, watch nothing."""
        number = self.add(self.file, os.fsencode(place), ASKED) if self.file >= 0 else -1
        if number >= 0 and len(self.watched) < MOST_FOLDERS:
            self.watched[number] = (place, meant)
        elif os.path.lexists(place):
            self.end()

    def events(self) -> Iterator[Event]:
        """What was told since the last time."""
        while self.is_open():
            try:
                told = read(self.file, SIZE)
            except BlockingIOError:
                return
            start = 0
            while start < len(told):
                number, mask, _, length = EVENT.unpack_from(told, start)
                start += EVENT.size + length
                folder, meant = self.watched.get(number, ("", ""))
                if folder or mask & OVERFLOW:
                    yield Event(mask, folder, os.fsdecode(told[start - length : start].rstrip(b"\0")), meant)


def folders_in(folder: str) -> List[str]:
    """The names of the folders in a folder, links left out; none where it cannot be read."""
    try:
        with scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def names_in(folder: str) -> List[str]:
    """All names in a folder; none where it cannot be read."""
    try:
        with scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []


def is_environment(folder: str, inner: str) -> bool:
    """Whether a folder is an environment that somebody made here: ours is compared as a whole, nobody runs others.

    `inner` is its path below what is watched. A project may hold one as data for its tests: that is told by the place.
    """
    if not any(os.path.lexists(os.path.join(folder, name)) for name in ("pyvenv.cfg", "conda-meta")):
        return False
    is_usual = inner.startswith(".") or inner in ("venv", "env", "virtualenv")
    own = os.path.realpath(folder) == os.path.realpath(sys.prefix)
    return is_usual or own or os.path.lexists(os.path.join(folder, ".gitignore"))
