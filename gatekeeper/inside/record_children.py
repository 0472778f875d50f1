"""Sees what programs read of the tree that a test starts; runs in the project's interpreter.

The kernel tells of every file and folder that is opened, by whomever, and so of more than the programs of the test
opened. What they ask about a file without opening it, it does not tell. A program may have looked at files another time
and ask now whether their sizes and times are the same: that shows in the folders which it lists, so that all files in
these count as read.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from threading import RLock
from typing import Any, Iterable, Iterator, List, Set

BYTECODE = "__pycache__"
FOREIGN, GIT = "it starts a program that reads code outside of the tree", "it starts a program that asks Git"
UNSEEN = "it starts another process"
GOES_ON = "it starts a process that goes on"
LATER = "it starts a process, and an earlier test one that went on"


class Children:
    """Watches the folders of the tree of a `Ground`, from `prepare` on, if that is possible here.

    `programs` are the audited events that start no fork of this process.
    """

    def __init__(self, ground: Any, load: Any, programs: Iterable[str]) -> None:
        self.ground, self.programs = ground, frozenset(programs)
        self.kinds = load("record_watch")
        self.processes = load("record_processes")
        self.watch = self.kinds.Watch()
        self.top = ground.tree.rstrip(os.sep)
        self.lock = RLock()
        self.reads: Set[str] = set()
        self.meanings: Set[str] = set()
        self.before: Set[str] = set()
        self.owners: List[Any] = []  # who started processes in this test: it, fixtures, and the session
        self.survivors: Set[str] = set()
        self.is_lost = False

    def prepare(self, beside: List[str]) -> None:
        """Begin to watch, also the folders `beside` the tree that programs may take code from.

        Where no repository lies around the tree, Git opens nothing, and is watched itself: where there is one, it
        answers otherwise.
        """
        if not self.watch.begin():
            return
        self.watch.tree(self.top, "", GIT)
        for folder in beside:
            self.watch.tree(folder, FOREIGN, FOREIGN)
        program = shutil.which("git")
        if program and not os.path.lexists(os.path.join(self.top, ".git")):
            self.watch.one(os.path.realpath(program), GIT)
        self.forget()
        self.kinds.names_in(self.top)
        self.hear()
        if "/" not in self.reads:  # a file system, or a sandbox, that tells nothing
            self.watch.end()
        self.forget()

    def end(self) -> None:
        """Watch nothing any more."""
        self.watch.end()

    def begin(self, event: str, frame: Any) -> bool:
        """A process is started; tells whether it is in a test, and all that it reads will be seen."""
        ground = self.ground
        if ground.test is None or not self.watch.is_open():
            return False
        with self.lock, ground.deaf.here():
            if not self.owners:
                self.forget()
                self.before = self.processes.processes()
                self.owners = [ground.test]
            if ground.buckets[-1] not in self.owners:  # a fixture of a wider scope
                self.owners.append(ground.buckets[-1])
            if ground.session not in self.owners and ground.keeping.may_be and ground.keeping.is_at_work(frame):
                self.owners.append(ground.session)  # what the process tells is kept for later tests
        is_program = event in self.programs and (event != "subprocess.Popen" or starts_program(frame))
        return is_program and bool(self.watch.is_open())

    def end_fixture(self, bucket: Any) -> None:
        """A fixture is made, or done away with: what its programs read is no matter of what the test does then."""
        if bucket in self.owners:
            with self.at_work():
                self.hear()
                if not self.credit([bucket]):
                    self.owners.remove(bucket)

    def end_test(self) -> None:
        """A test is over: what was read since its first process was started is credited to whoever started any."""
        if self.watch.file < 0 and not self.owners:
            return
        with self.at_work():
            if self.owners:
                self.hear()
                self.credit(self.owners)
            self.owners = []
            self.forget()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """One thread at a time, and what it does is nobody's."""
        with self.lock, self.ground.deaf.here():
            try:
                yield
            except Exception as error:  # noqa: BLE001 - no test may fail by it
                self.ground.give_up(error)

    def credit(self, owners: List[Any]) -> bool:
        """Have those that started processes depend on what was read; tells whether one of these goes on."""
        going_on = self.processes.descendants(self.before)
        was_there = set(filter(self.processes.is_alive, self.survivors))
        self.survivors = was_there | going_on
        reason = GIT if GIT in self.meanings else next(iter(self.meanings), "")
        reason = reason or (UNSEEN if self.is_lost or not self.watch.is_open() else "")
        reason = reason or (GOES_ON if going_on else LATER if was_there else "")
        for each in owners:
            each.starts = each is not self.ground.session
            each.reads |= self.reads
            each.everything = reason if reason == GIT else each.everything or reason
        return bool(going_on)

    def forget(self) -> None:
        """What was opened until now is of no interest: not by processes that a test started."""
        self.hear()
        if self.is_lost:
            self.watch.tree(self.top, "", GIT)
            self.hear()
        self.is_lost = False
        self.reads.clear()
        self.meanings.clear()

    def hear(self) -> None:
        """Take in what was opened since the last time."""
        for event in self.watch.events():
            if event.mask & self.kinds.OVERFLOW:
                self.is_lost = True
            elif event.meant == FOREIGN and event.mask & self.kinds.IS_FOLDER:
                continue  # an import that finds nothing lists all folders of its path
            elif event.meant or event.name == ".git":
                self.meanings.add(event.meant or GIT)
            elif event.mask & self.kinds.IS_FOLDER:
                self.hear_folder(event)
            else:
                self.reads |= self.sources(event.folder, event.name)

    def hear_folder(self, event: Any) -> None:
        """A folder was opened, or came, or went."""
        place = os.path.join(event.folder, event.name) if event.name else event.folder
        if event.mask & self.kinds.MOVED_FROM:
            self.is_lost = True  # its watch goes on under another name
        elif event.mask & self.kinds.OPENED:
            self.reads.add(self.ground.below(place) + "/")
        elif event.mask & (self.kinds.CREATED | self.kinds.MOVED_TO):
            for folder in self.watch.tree(place, "", GIT):  # too late for what was opened in it already
                for name in self.kinds.names_in(folder):
                    self.reads |= self.sources(folder, name)

    def sources(self, folder: str, name: str) -> Set[str]:
        """The path of a file in relation to the tree; of bytecode those that its source may have."""
        names = [name]
        if os.path.basename(folder) == BYTECODE:
            parts = name.split(".")  # those of the name, of the interpreter, and `pyc`
            names = [".".join(parts[:count]) + ".py" for count in range(1, max(len(parts) - 1, 2))]
            folder = os.path.dirname(folder)
        return {self.ground.below(os.path.join(folder, each)) for each in names} - {""}


def starts_program(frame: Any) -> bool:
    """Whether `subprocess` starts a program and nothing else: `preexec_fn` runs code of the project in a fork."""
    return frame.f_code.co_name == "_execute_child" and frame.f_locals.get("preexec_fn", frame) is None
