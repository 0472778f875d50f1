"""Finds, counts and ends the warm servers of pylint, which wait in the background for the next run.

A server is never needed: a run without one looks from cold. `inside/lint_server.py` is the server itself.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.edges.places import warm_place

_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Warm:
    """A server that lives: the number of its process, and the bytes that it has in memory."""

    process: int
    bytes: int


def servers() -> tuple[Warm, ...]:
    """The servers that listen, those of every repository of this user."""
    return tuple(Warm(process, _memory(process)) for _, process in _listening())


def stop_servers() -> int:
    """End every server, also one that no longer answers, and tell how many there were."""
    count = 0
    for place, process in _listening():
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)  # it has nothing to clear up, and one that hangs hears nothing else
            count += 1
        with suppress(OSError):
            place.unlink()
    return count


def _listening() -> Iterator[tuple[Path, int]]:
    """The sockets behind which a process of this user listens, and the number of that process."""
    try:
        places = sorted(place for place in warm_place().iterdir() if place.is_socket())
        number = os.open(warm_place(), os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        for place in places:
            # by the number of the folder, since the name of a socket has at most 107 bytes
            process = _behind(f"/proc/self/fd/{number}/{place.name}")
            if process > 1:
                yield place, process
    finally:
        os.close(number)


def _behind(name: str) -> int:
    """The number of the process of this user that listens there; 0 where none does."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(name)
        told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        process, user, _ = struct.unpack("3i", told)
        return int(process) if user == os.getuid() else 0
    return 0


def _memory(process: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
