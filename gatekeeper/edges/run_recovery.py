"""Clears up after orchestrations whose supervisor was killed: ends what runs on, saves all work, removes worktrees."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from gatekeeper.edges.apply_steps import recover_apply
from gatekeeper.edges.git import Repository
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.run_list import ending_of, folders, is_alive, marks
from gatekeeper.edges.strays import kill_one, kill_strays
from gatekeeper.edges.user_refs import moved_refs
from gatekeeper.edges.user_settings import note_alterations
from gatekeeper.edges.worktree_entries import destroy
from gatekeeper.edges.worktrees import Worktrees
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.errors import GatekeeperError

_PATIENCE = 10.0
_PAUSE = 0.05
_TOLD = "cut-off"


def recover(repository: Repository) -> tuple[str, ...]:
    """Clear up after every orchestration of a repository that was cut off; tells what was done, in lines for people.

    What it left running is ended, what lies in its worktrees is saved, and these are removed. Of a run that can be gone
    on with the command is told, once.
    """
    told = []
    try:
        told += [line for line in (recover_apply(repository),) if line]
    except GatekeeperError as error:
        told += [error.message, error.hint]
    for folder in folders(repository):
        try:
            told += _recover_one(repository, folder)
        except (GatekeeperError, OSError, ValueError, TypeError) as error:
            told.append(f"the run {folder.name} cannot be cleared up: {phrase(str(error))}; look into {folder}")
    return tuple(told)


def _recover_one(repository: Repository, folder: Path) -> list[str]:
    if not _was_cut_off(folder) or is_alive(folder):
        return []
    try:
        with suppress(BlockingIOError):
            return _clear_up(repository, folder)
    except FileNotFoundError:
        if folder.exists():
            raise
    return []  # another command is at it


def _clear_up(repository: Repository, folder: Path) -> list[str]:
    run = RunFolder(folder, joins=False)
    try:
        if not _ended_everything(folder):
            return [f"programs of the run {run.name} cannot be ended; end them, then run again"]
        told = list(Worktrees(repository, run).sweep())
        told += moved_refs(repository, run)
        told += note_alterations(repository, run)
        if not (folder / "state.json").exists() and not told:
            destroy(folder)  # it had not begun
            return []
        if ending_of(folder):
            return told
        (folder / _TOLD).touch()
        return [f"the run {run.name} was cut off", *told, f"gatekeeper orchestrate --resume {run.name} goes on with it"]
    finally:
        run.close()


def _was_cut_off(folder: Path) -> bool:
    """Whether there is something to do or to tell."""
    if any((folder / "attempts").glob("*.json")):
        return True
    return not ending_of(folder) and not (folder / _TOLD).exists()


def _ended_everything(folder: Path) -> bool:
    """End every program that an orchestration has left: by its cookie, the lock that it inherited, or where it is."""
    deadline = time.monotonic() + _PATIENCE
    with (folder / "lock").open("w") as lock:
        while True:
            found = sum(len(kill_strays(mark)) for mark in marks(folder))
            found += _kill_all(partial(_holds, folder / "lock")) + _kill_all(partial(_dwells, folder / "worktrees"))
            try:
                if found:  # one of them may have started another while it was being killed
                    raise BlockingIOError
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(_PAUSE)
            else:
                return True


def _kill_all(is_meant: Callable[[Path], bool]) -> int:
    """Kill the other processes of this user that are meant, by their folders in /proc; tells how many there were."""
    found = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            pid = int(entry.name)
            if pid != os.getpid() and entry.stat().st_uid == os.getuid() and is_meant(entry):
                found += 1
                kill_one(pid, partial(is_meant, entry))
    return found


def _dwells(folder: Path, entry: Path) -> bool:
    """Whether a process works inside a folder and has no terminal: a person may be looking around."""
    if not str((entry / "cwd").readlink()).startswith(f"{folder}/"):
        return False
    # the name of the program, in parentheses, may hold anything; state, parent, group, session, terminal follow
    fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return int(fields[4]) == 0


def _holds(place: Path, entry: Path) -> bool:
    """Whether a process has a file open."""
    known = place.stat()
    opened = [number.stat() for number in (entry / "fd").iterdir()]
    return any((each.st_dev, each.st_ino) == (known.st_dev, known.st_ino) for each in opened)
