"""Listens to a running program: keeps what it prints, tells its progress lines apart, and takes few turns for it."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

FLOOD = 32 << 20
"""How many bytes of a stream are kept."""

PAUSE_SECONDS = 0.03
"""How long a program is left alone after `listen` has said that it may be."""

PROGRESS = b"::gatekeeper "
"""What a line begins with by which a program shows its progress."""

_LONGEST_PROGRESS = 1 << 16
_CHUNK = 1 << 16  # bytes; what a pipe holds


class Taker(Protocol):
    """Whoever hears what a program prints."""

    def take(self, stream: str, chunk: bytes) -> None:
        """Take in what came from "stdout" or "stderr"."""


class Listener:
    """Collects what a program prints, up to a limit, and hands on its progress lines: those that begin with `mark`."""

    def __init__(self, said: Callable[[bytes], None], mark: bytes = PROGRESS) -> None:
        self._said = said
        self._mark = mark
        self._texts = {"stdout": bytearray(), "stderr": bytearray()}
        self._partial = b""
        self.flooded = False

    def take(self, stream: str, chunk: bytes) -> None:
        """Take in what came; a line of stdout is looked at when its end has come."""
        if stream == "stderr":
            self._keep(stream, chunk)
            return
        *lines, self._partial = (self._partial + chunk).split(b"\n")
        for line in lines:
            if line.startswith(self._mark):
                self._said(line[len(self._mark) :])
            else:
                self._keep(stream, line + b"\n")
        if len(self._partial) > _LONGEST_PROGRESS:
            self._keep(stream, self._partial)
            self._partial = b""

    def text(self, stream: str) -> str:
        """All that was kept of a stream."""
        rest = self._partial if stream == "stdout" else b""
        return bytes(self._texts[stream] + rest).decode("utf-8", "replace")

    def _keep(self, stream: str, chunk: bytes) -> None:
        text = self._texts[stream]
        room = max(FLOOD - len(text), 0)
        self.flooded = self.flooded or len(chunk) > room
        text += chunk[:room]


class ProcessEnd:
    """The end of a process, to wait for a little."""

    def __init__(self, pid: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._handle = -1
        with suppress(AttributeError, OSError):  # not every system tells the end of a process by a file
            self._handle = os.pidfd_open(pid)
            self._selector.register(self._handle, selectors.EVENT_READ)

    def __enter__(self) -> ProcessEnd:
        return self

    def __exit__(self, *details: object) -> None:
        self._selector.close()
        if self._handle >= 0:
            os.close(self._handle)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the process ends where the system tells of that."""
        if self._handle >= 0:
            self._selector.select(seconds)
        else:
            time.sleep(seconds / 3)


def listen(selector: selectors.BaseSelector, listener: Taker) -> bool:
    """Take what the pipes hold, waiting a moment for it; tell whether the program may be left alone for a while.

    One that prints dot by dot need not be heard dot by dot: that would take a core from it each time. One that prints
    much must not wait for us.
    """
    if not selector.get_map():
        time.sleep(0.005)
        return False
    longest = 0
    for key, _ in selector.select(0.05):
        chunk = os.read(key.fd, _CHUNK)
        longest = max(longest, len(chunk))
        if chunk:
            listener.take(key.data, chunk)
        else:
            selector.unregister(key.fileobj)
    return 0 < longest < _CHUNK // 4
