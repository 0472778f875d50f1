"""Finds and ends the processes that a program left behind: outside its group, outside its session, or orphaned."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

BIRTHS = threading.Lock()
"""Held while a program is started in a session of its own, until its number is in `LEADERS`."""
LEADERS: set[int] = set()
"""The numbers of the programs that we started in sessions of their own, and whose end we have not seen."""

_SET_CHILD_SUBREAPER = 36  # of prctl(2)
_ROUNDS = 20
_ZOMBIE = "Z"


def kill_strays(mark: str) -> tuple[int, ...]:
    """Kill what bears a variable that begins with `mark` ("NAME=value") in its environment, and tell the process ids.

    That is how those are recognised that left their group. Only where /proc tells it.
    """
    wanted = mark.encode()
    killed = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid != os.getuid() or not _bears(entry, wanted):
                continue
            if kill_one(int(entry.name), partial(_bears, entry, wanted)):
                killed.append(int(entry.name))
        except OSError:
            continue
    return tuple(killed)


def kill_one(pid: int, is_meant: Callable[[], bool]) -> bool:
    """Kill a process if `is_meant` says so; tells whether. An `OSError` of `is_meant` is a no.

    It is asked while the process is held by a handle: should the process end after that, and its number become that of
    another, nobody is killed. Without handles (Linux before 5.3, macOS) a moment remains in which that could be.
    """
    handle = -1
    try:
        handle = _handle(pid)
        if not is_meant():
            return False
        if handle < 0:
            os.kill(pid, signal.SIGKILL)
        else:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except OSError:
        return False
    finally:
        if handle >= 0:
            os.close(handle)


def adopt_orphans(*, wanted: bool = True) -> None:
    """Become the parent of every descendant that loses its own (Linux), so that they can be found and reaped.

    Or, where that is not wanted any more, leave them to the first process again.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - slow to import, and only where coding agents work

        with suppress(OSError, AttributeError):  # without it they go to the first process, and are killed all the same
            ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def clear_away(mark: str, session: int) -> None:
    """End everything that a program left: what bears `mark`, and what is in its session, whose leader it was.

    Until nothing is found any more, since a process may start another one while it is being killed. The orphans among
    them that came to us are reaped.
    """
    for _ in range(_ROUNDS):
        found = {*kill_strays(mark), *_kill_session(session)}
        for pid in found:
            _reap(pid)
        if not found:
            break
        time.sleep(0.01)
    for pid in _members(session, of_us=True):
        _reap(pid)


def clear_adopted() -> None:
    """End every orphan that came to us, whatever it cleared away to be found by; for when nobody works any more.

    A child of ours that is in a session of its own, and that we did not start, is one.
    """
    for _ in range(_ROUNDS):
        with BIRTHS:
            found = _adopted()
            for pid in found:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        for pid in found:
            _reap(pid)
        if not found:
            break


def _handle(pid: int) -> int:
    """A handle of a process; -1 where the kernel has none. Raises `ProcessLookupError` if there is no such process."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):
        return -1


def _bears(entry: Path, mark: bytes) -> bool:
    return any(variable.startswith(mark) for variable in (entry / "environ").read_bytes().split(b"\0"))


def _kill_session(session: int) -> tuple[int, ...]:
    """Kill the members; the leader is not reaped yet, so the number of the session is still its own."""
    return tuple(pid for pid in _members(session) if kill_one(pid, partial(_belongs, pid, session)))


def _belongs(pid: int, session: int) -> bool:
    return os.getsid(pid) == session


def _members(session: int, *, of_us: bool = False) -> tuple[int, ...]:
    """The living members of a session but its leader; `of_us`: instead the dead ones that wait for us to reap them."""
    found = []
    for pid, state, parent, belongs in _processes():
        fits = (state != _ZOMBIE) if not of_us else (state == _ZOMBIE and parent == os.getpid())
        if fits and belongs == session != pid:
            found.append(pid)
    return tuple(found)


def _adopted() -> tuple[int, ...]:
    own, session = os.getpid(), os.getsid(0)
    return tuple(
        pid for pid, _, parent, belongs in _processes() if parent == own and belongs != session and pid not in LEADERS
    )


def _processes() -> Iterator[tuple[int, str, int, int]]:
    """Our user's processes: their number, state, parent and session; none where there is no /proc."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            # the name of the program, in parentheses, may hold anything
            state, parent, _, session = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:4]
            if entry.stat().st_uid == os.getuid():
                yield int(entry.name), state, int(parent), int(session)


def _reap(pid: int) -> None:
    """Take the end of an adopted child; of one that is not ours there is nothing to take."""
    deadline = time.monotonic() + 0.5
    with suppress(ChildProcessError):
        while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
            time.sleep(0.005)
