"""Sees what programs read of the tree that a test starts; runs in the project's interpreter.

The kernel is asked for it (`inotify`, Linux alone): it tells of every file and folder that is opened, by whomever, and
so of more than the programs of the test opened. What they ask about a file without opening it, it does not tell. A
program may have looked at files another time and ask now whether their sizes and times are the same: that shows in the
folders which it lists, so that all files in these count as read.
"""

from __future__ import annotations

import os
import struct
import sys
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Set, Tuple

PROGRAMS = ("subprocess.Popen", "os.system", "os.posix_spawn")  # what is started by these is no fork of this process
MOST_FOLDERS = 2000
SIZE = 1 << 16
EVENT = struct.Struct("iIII")
OPENED, MOVED_FROM, MOVED_TO, CREATED, OVERFLOW = 0x20, 0x40, 0x80, 0x100, 0x4000
ONLY_FOLDERS, IS_FOLDER = 0x1000000, 0x40000000
ASKED = OPENED | MOVED_FROM | MOVED_TO | CREATED | ONLY_FOLDERS
BYTECODE = "__pycache__"
FOREIGN, GIT = "it starts a program that reads code outside of the tree", "it starts a program that asks Git"
UNSEEN = "it starts another process"
GOES_ON = "it starts a process that goes on"
MARK = b"GATEKEEPER_RUN="


class Children:
    """Watches the folders of the tree of a `Ground`, from `prepare` on, if that is possible here."""

    def __init__(self, ground: Any) -> None:
        self.ground = ground
        self.top = ground.tree.rstrip(os.sep)
        self.file = -1
        self.add: Any = None
        self.folders: Dict[int, Tuple[str, str]] = {}  # by the number of each watch, with what any event there means
        self.reads: Set[str] = set()
        self.meanings: Set[str] = set()
        self.before: Set[str] = set()
        self.is_begun = False
        self.is_kept = False
        self.is_lost = False

    def prepare(self, beside: List[str]) -> None:
        """Begin to watch, also the folders `beside` the tree that programs may take code from."""
        if sys.platform != "linux":
            return
        try:
            import ctypes

            library = ctypes.CDLL(None, use_errno=True)
            self.add = library.inotify_add_watch
            self.file = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except (ImportError, OSError, AttributeError):
            return
        self.watch(self.top, "")
        for folder in beside:
            self.watch(folder, FOREIGN)
        self.forget()
        os.listdir(self.top)
        self.hear()
        if "/" not in self.reads:  # a file system, or a sandbox, that tells nothing
            self.close()

    def close(self) -> None:
        """Watch nothing any more."""
        if self.is_open():
            os.close(self.file)
        self.file = -1

    def is_open(self) -> bool:
        """Whether what we listen to is still ours: a test may close all files, and open others in their place."""
        try:
            return self.file >= 0 and os.readlink("/proc/self/fd/{}".format(self.file)).endswith("inotify")
        except OSError:
            return False

    def watch(self, top: str, meaning: str) -> List[str]:
        """Watch a folder with those in it, and repositories of Git in them; returns those that were there."""
        found = []
        for folder, inner, _ in os.walk(top):
            if ".git" in inner:
                inner.remove(".git")
                self.watch_one(os.path.join(folder, ".git"), GIT)
            inner[:] = [name for name in inner if not is_environment(os.path.join(folder, name))]
            self.watch_one(folder, meaning)
            if self.file < 0:
                break
            found.append(folder)
        return found

    def watch_one(self, folder: str, meaning: str) -> None:
        """Watch a folder alone; where the system allows no more of them, or they are very many, watch nothing."""
        number = self.add(self.file, os.fsencode(folder), ASKED) if self.file >= 0 else -1
        if number >= 0 and len(self.folders) < MOST_FOLDERS:
            self.folders[number] = (folder, meaning)
        elif os.path.isdir(folder):
            self.close()

    def begin(self, event: str, frame: Any) -> bool:
        """A process is started; tells whether it is by a test, and all that it reads will be seen."""
        ground = self.ground
        if self.file < 0 or ground.buckets[-1] is not ground.test or not starts_program(event, frame):
            return False
        with self.unheard():
            if not self.is_begun:
                self.forget()
                self.before = processes()
                self.is_begun, self.is_kept = True, False
            if ground.keeping.may_be and ground.keeping.is_at_work(frame):
                self.is_kept = True  # what the process tells is kept for later tests
        return self.file >= 0

    def end(self, bucket: Any) -> None:
        """A test is over: credit to it what was read since it started its first process, if it started one."""
        with self.unheard():
            if self.is_begun:
                self.hear()
                self.credit(bucket)
            self.is_begun = False
            self.forget()

    def credit(self, bucket: Any) -> None:
        """Have a test depend on what was read."""
        bucket.starts = True
        reason = UNSEEN if self.file < 0 or self.is_lost else next(iter(sorted(self.meanings)), "")
        reason = reason or (GOES_ON if goes_on(self.before) else "")
        for each in (bucket, self.ground.session) if self.is_kept else (bucket,):
            each.reads |= self.reads
            each.everything = each.everything or reason

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Whatever we open ourselves is not what the tests open."""
        was, self.ground.deaf = self.ground.deaf, True
        try:
            yield
        finally:
            self.ground.deaf = was

    def forget(self) -> None:
        """What was opened until now is of no interest: not by processes that a test started."""
        self.hear()
        if self.is_lost:
            self.watch(self.top, "")
            self.hear()
        self.is_lost = False
        self.reads.clear()
        self.meanings.clear()

    def hear(self) -> None:
        """Take in what was opened since the last time."""
        for number, mask, name in self.events():
            if mask & OVERFLOW:
                self.is_lost = True
            elif number in self.folders:
                folder, meaning = self.folders[number]
                if meaning == FOREIGN and mask & IS_FOLDER:
                    continue  # an import that finds nothing lists all folders of its path
                if meaning or name == ".git":
                    self.meanings.add(meaning or GIT)
                elif mask & IS_FOLDER:
                    self.hear_folder(os.path.join(folder, name) if name else folder, mask)
                elif mask & OPENED:
                    self.reads.add(self.source(folder, name))

    def hear_folder(self, place: str, mask: int) -> None:
        """A folder was opened, or came, or went."""
        if mask & MOVED_FROM:
            self.is_lost = True  # its watch goes on under another name
        elif mask & OPENED:
            self.reads.add(self.ground.below(place) + "/")
        elif not is_environment(place):
            for folder in self.watch(place, ""):  # too late for what was opened in it already
                self.reads.update(self.source(folder, name) for name in names_in(folder))

    def source(self, folder: str, name: str) -> str:
        """The path of a file in relation to the tree; of bytecode that of its source."""
        if os.path.basename(folder) == BYTECODE:
            folder, name = os.path.dirname(folder), name.partition(".")[0] + ".py"
        return str(self.ground.below(os.path.join(folder, name)))

    def events(self) -> Iterator[Tuple[int, int, str]]:
        """What the kernel has told: the number of a watch, what happened, and to which name in the folder."""
        while self.file >= 0:
            if not self.is_open():
                self.file = -1
                return
            try:
                told = os.read(self.file, SIZE)
            except BlockingIOError:
                return
            start = 0
            while start < len(told):
                number, mask, _, length = EVENT.unpack_from(told, start)
                start += EVENT.size + length
                yield number, mask, os.fsdecode(told[start - length : start].rstrip(b"\0"))


def is_environment(folder: str) -> bool:
    """Whether a folder is an environment: ours is compared as a whole, others are as if outside of the tree."""
    return any(os.path.exists(os.path.join(folder, name)) for name in ("pyvenv.cfg", "conda-meta"))


def names_in(folder: str) -> List[str]:
    """The names in a folder; none where it is gone."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def starts_program(event: str, frame: Any) -> bool:
    """Whether nothing but a program of its own is started: `preexec_fn` runs code of the project in a fork."""
    if event != "subprocess.Popen":
        return event in PROGRAMS
    return frame.f_code.co_name == "_execute_child" and frame.f_locals.get("preexec_fn", frame) is None


def processes() -> Set[str]:
    """The numbers of all processes, as texts."""
    return set(filter(str.isdigit, os.listdir("/proc")))


def goes_on(before: Set[str]) -> bool:
    """Whether a process is at work that was not there before and that this one has started, directly or not."""
    own = {str(os.getpid())}
    session, mark = stat_of(*own)[1:2], mark_of(*own)
    born = {number: stat_of(number) for number in processes() - before}
    while True:
        more = {
            number
            for number, (parent, *rest) in born.items()
            if parent in own or (parent and (rest == session or (mark and mark_of(number) == mark)))
        } - own
        if not more:
            return len(own) > 1
        own |= more


def stat_of(number: str) -> List[str]:
    """The number of the parent of a process and that of its session; both empty where it has come to its end."""
    try:
        with open("/proc/{}/stat".format(number), encoding="utf-8", errors="replace") as file:
            state, parent, _, session = file.read().rpartition(")")[2].split()[:4]
    except (OSError, ValueError):
        return ["", ""]
    return ["", ""] if state in "ZX" else [parent, session]


def mark_of(number: str) -> bytes:
    """By what Gatekeeper knows the processes of a job, which have it in their environment; empty without that."""
    try:
        with open("/proc/{}/environ".format(number), "rb") as file:
            found = [each for each in file.read().split(b"\0") if each.startswith(MARK)]
    except OSError:
        return b""
    return b"".join(found)
