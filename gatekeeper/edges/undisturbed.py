"""Lets signals wait while the files of the user are written."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.report import Exit

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let an interrupt wait until the fixes are applied, and tell then that they are.

    Raises `KeyboardInterrupt` where a signal came and nothing was applied.
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
    except GatekeeperError:
        if came:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
    if came:
        raise interrupted()


def interrupted() -> GatekeeperError:
    """What is said when a run is interrupted after its fixes were applied."""
    return GatekeeperError(
        "interrupted; nothing is left running, and the fixes that were applied stay", "", Exit.INTERRUPTED
    )
