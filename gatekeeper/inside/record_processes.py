"""Tells which processes go on that were started here; runs in the project's interpreter, on Linux.

What a test may put in the place of functions of `os` is bound here before it runs.
"""

from __future__ import annotations

import os
from os import O_RDONLY, close, environ, getpid, listdir, read
from os import open as open_file
from time import sleep
from typing import List, Set

MARK = b"GATEKEEPER_RUN="  # in the environment of all processes of a job
WORKER = b"PYTEST_XDIST_WORKER="  # and of those that a worker of pytest-xdist starts, beside others in the same session
SIZE = 1 << 16
LOOKS = 50  # for the arguments of a process that is being started
PAUSE = 0.001  # seconds between them


def processes() -> Set[str]:
    """The numbers of all processes, as texts."""
    return set(filter(str.isdigit, listdir("/proc")))


def descendants(before: Set[str]) -> Set[str]:
    """The processes at work that were not there before and that this one has started, directly or not.

    One that has lost its parent is known by its session, or by its environment.
    """
    own = {str(getpid())}
    session = _parent_and_session(*own)[1]
    mark = _marks(_content("/proc/self/environ"), MARK)
    worker = WORKER + os.fsencode(environ.get("PYTEST_XDIST_WORKER", ""))
    born = {number: _parent_and_session(number) for number in processes() - before}

    def is_of_ours(number: str, its_session: str) -> bool:
        variables = _content("/proc/{}/environ".format(number))
        if worker != WORKER:
            return _marks(variables, WORKER) == [worker]
        return its_session == session or bool(mark and _marks(variables, MARK) == mark)

    while True:
        more = {n for n, (parent, its) in born.items() if parent and (parent in own or is_of_ours(n, its))} - own
        if not more:
            return {number for number in own - {str(getpid())} if not _is_tracker(number)}
        own |= more


def is_alive(number: str) -> bool:
    """Whether a process is at work."""
    return bool(_parent_and_session(number)[0])


def _is_tracker(number: str) -> bool:
    """Whether this is what multiprocessing leaves running to clear up, and which nobody asks."""
    return b"multiprocessing.resource_tracker" in _command(number)


def _command(number: str) -> bytes:
    """The arguments of a process; nothing of one that is gone, or that keeps them to itself.

    Whoever starts a process goes on before that has its arguments. Until then it has none, or still ours.
    """
    said, own = b"", _content("/proc/self/cmdline")
    for _ in range(LOOKS):
        said = _content("/proc/{}/cmdline".format(number))
        if said not in (b"", own) or not is_alive(number):
            break
        sleep(PAUSE)
    return said


def _parent_and_session(number: str) -> List[str]:
    """The number of the parent of a process and that of its session; both empty where it has come to its end."""
    fields = _content("/proc/{}/stat".format(number)).rpartition(b")")[2].split()
    if len(fields) < 4 or fields[0] in (b"Z", b"X"):
        return ["", ""]
    return [fields[1].decode(), fields[3].decode()]


def _marks(variables: bytes, name: bytes) -> List[bytes]:
    return [each for each in variables.split(b"\0") if each.startswith(name)]


def _content(place: str) -> bytes:
    """What a file says; nothing where it cannot be read, or is gone."""
    parts = []
    try:
        file = open_file(place, O_RDONLY)
        try:
            part = read(file, SIZE)
            while part:
                parts.append(part)
                part = read(file, SIZE)
        finally:
            close(file)
    except OSError:
        return b""
    return b"".join(parts)
