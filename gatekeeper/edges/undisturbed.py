"""Lets signals wait while the files of the user are written, and has later ones say that they were."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gatekeeper.model.errors import GatekeeperError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let an interrupt wait until the fixes are applied.

    Raises `KeyboardInterrupt` where a signal came: without words where nothing was applied. Once the fixes are, this
    interrupt and every later one say that they stay, wherever the run stands by then.
    """
    came: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = {number: handler for number, handler in before.items() if callable(handler) or handler is signal.SIG_DFL}
    for number in heard:
        signal.signal(number, wait)
    try:
        yield
    except BaseException as failure:
        for number, handler in heard.items():
            signal.signal(number, handler)
        if came and isinstance(failure, GatekeeperError):
            raise KeyboardInterrupt from None
        raise
    for number in heard:
        signal.signal(number, _interrupt)
    if came:
        _interrupt(came[0], None)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """As an interrupt before: a second one must not cut the clearing up short."""
    for further in _SIGNALS:
        signal.signal(further, signal.SIG_IGN)
    raise KeyboardInterrupt("interrupted; nothing is left running, and the fixes that were applied stay")
