"""Replaces files of the working tree and the index, step by step, so that a kill leaves all of it done, or none.

The files are replaced first, each by a rename, and the index last, under Git's own lock; so it never has to be put
back. Each step may be done again, and the journal tells what there is to finish or to take back.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path

from gatekeeper.edges.fix_files import read_file, settle_folder, spot, write_durably
from gatekeeper.edges.fix_journal import (
    PATIENCE,
    PAUSE,
    Journal,
    LockedError,
    StaleError,
    alone,
    mark,
    place_of,
    read_journal,
)


class State(Enum):
    """What a file holds: its content before, its content after, or anything else."""

    OLD = "old"
    NEW = "new"
    OTHER = "other"


class Ending(Enum):
    """What became of a journal."""

    FINISHED = "the fixes that an interrupted run had begun to apply were completed"
    UNDONE = "the fixes that an interrupted run had begun to apply were taken back: everything is as it was"
    POSTPONED = "an interrupted run left fixes half applied, and the index is locked: run this again when it is free"


def carry_out(journal: Journal) -> None:
    """Do all that the journal says; where that fails everything is put back, and the reason is raised.

    Raises `StaleError` and `LockedError` before anything was written.
    """
    try:
        for _, step in steps(journal):
            step()
    except BaseException as error:
        ending = settle(journal, forward=False) if journal.folder.exists() else Ending.FINISHED
        if ending is not Ending.FINISHED or not isinstance(error, OSError):
            raise


def steps(journal: Journal) -> list[tuple[str, Callable[[], None]]]:
    """What is to be done, in order, each step by its name; each may be done again."""
    numbers = range(len(journal.paths))
    return [
        ("lock", partial(_lock, journal)),
        ("verify", partial(_verify, journal)),
        ("go", partial(_mark_go, journal)),
        *((f"prepare {number}", partial(_prepare, journal, number)) for number in numbers),
        *((f"swap {number}", partial(_swap, journal, number)) for number in numbers),
        ("index", partial(_replace_index, journal)),
        ("clear", partial(_clear, journal)),
    ]


def recover(git_dir: str, top: str) -> Ending | None:
    """Finish, or take back, what an interrupted run left behind; None where there was nothing."""
    place = place_of(git_dir)
    if not place.exists():
        return None
    with alone(git_dir):
        if not place.exists():  # the other run was alive, and has ended
            return None
        return settle(read_journal(place, top), forward=True)


def settle(journal: Journal, forward: bool) -> Ending:
    """Bring a journal to its end: complete it if that is wanted and nothing was edited since, or else undo it."""
    index = index_state(journal)
    states = [file_state(journal, number) for number in range(len(journal.paths))]
    everything_new = all(state is State.NEW for state in states) and index is not State.OLD
    if journal.go.exists() and everything_new:
        _clear(journal)
        return Ending.FINISHED
    if forward and journal.go.exists() and index is not State.OTHER and State.OTHER not in states:
        try:
            _lock(journal)
        except LockedError:
            return Ending.POSTPONED
        for number, state in enumerate(states):
            if state is State.OLD:
                _prepare(journal, number)
                _swap(journal, number)
        _replace_index(journal)
        _clear(journal)
        return Ending.FINISHED
    for number, state in enumerate(states):
        if state is State.NEW and journal.go.exists():
            _put_back(journal, number)
    _release(journal)
    _clear(journal)
    return Ending.UNDONE


def index_state(journal: Journal) -> State:
    """What the index holds; where none is to be replaced, it counts as done."""
    if not journal.index:
        return State.NEW
    try:
        return _state(Path(journal.index).read_bytes(), journal.index_marks)
    except FileNotFoundError:
        return _state(b"", journal.index_marks)


def file_state(journal: Journal, number: int) -> State:
    """What a file of the working tree holds."""
    content = read_file(journal.top, journal.paths[number])
    return State.OTHER if content is None else _state(content, journal.marks[number])


def _state(content: bytes, marks: tuple[str, str]) -> State:
    found = mark(content)
    return State.NEW if found == marks[1] else State.OLD if found == marks[0] else State.OTHER


def _lock(journal: Journal) -> None:
    """Take Git's lock: a second name of our new index, so that it can be told from the lock of somebody else."""
    if not journal.index or _holds_lock(journal):
        return
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            os.link(journal.new_index, journal.lock)
            return
        except FileExistsError:
            if time.monotonic() > deadline:
                raise LockedError(
                    f"the index is locked: {journal.lock} exists",
                    "wait for the other Git command to end; if there is none, remove that file; then run again",
                ) from None
            time.sleep(PAUSE)


def _holds_lock(journal: Journal) -> bool:
    try:
        return journal.lock.samefile(journal.new_index)
    except OSError:
        return False


def _release(journal: Journal) -> None:
    if journal.index and _holds_lock(journal):
        journal.lock.unlink()


def _verify(journal: Journal) -> None:
    if journal.index and index_state(journal) is not State.OLD:
        raise StaleError("the index was changed while the fixes were made", "run again")
    for number, path in enumerate(journal.paths):
        if file_state(journal, number) is not State.OLD:
            raise StaleError(f"{path} was edited while the fixes were made", "run again")


def _mark_go(journal: Journal) -> None:
    write_durably(journal.go, b"")
    settle_folder(journal.folder)


def _prepare(journal: Journal, number: int) -> None:
    """Write the new content beside the file."""
    with spot(journal.top, journal.paths[number]) as place:
        if place is None:
            raise StaleError(
                f"the folder of {journal.paths[number]} was changed while the fixes were made", "run again"
            )
        new = place.beside(journal.aside(number, "new"))
        new.remove()
        new.write((journal.folder / f"{number}.new").read_bytes(), journal.folder / f"{number}.old", with_times=False)


def _swap(journal: Journal, number: int) -> None:
    """Give the old file a second name and put the new one in its place."""
    path = journal.paths[number]
    with spot(journal.top, path) as place:
        if place is None:
            raise StaleError(f"the folder of {path} was changed while the fixes were made", "run again")
        kept = place.beside(journal.aside(number, "old"))
        place.keep_as(kept.name)
        if mark(place.read() or b"") != journal.marks[number][0]:
            kept.remove()
            raise StaleError(f"{path} was edited while the fixes were made", "run again")
        place.take(journal.aside(number, "new"))
        if mark(kept.read() or b"") != journal.marks[number][0]:  # edited in the very last moment
            raise StaleError(f"{path} was edited while the fixes were made", "run again")


def _put_back(journal: Journal, number: int) -> None:
    """The old file itself where it still has its second name, or else its content from the journal."""
    with spot(journal.top, journal.paths[number]) as place:
        if place is None:
            return
        kept = place.beside(journal.aside(number, "old"))
        if kept.read() is None:
            old = journal.folder / f"{number}.old"
            kept.write(old.read_bytes(), old, with_times=True)
        place.take(kept.name)


def _replace_index(journal: Journal) -> None:
    if journal.index and index_state(journal) is not State.NEW:
        journal.lock.rename(journal.index)
        settle_folder(Path(journal.index).parent)
    _release(journal)


def _clear(journal: Journal) -> None:
    """Take away what lies beside the files, and then the journal."""
    for number, path in enumerate(journal.paths):
        with spot(journal.top, path) as place:
            for kind in ("old", "new") if place else ():
                place.beside(journal.aside(number, kind)).remove()  # type: ignore[union-attr]
    done = journal.folder.with_name("fix.done")
    shutil.rmtree(done, ignore_errors=True)
    journal.folder.rename(done)
    shutil.rmtree(done, ignore_errors=True)
