"""Reads a JSON document that somebody else left in a file, and which may be anything."""

from __future__ import annotations

import json
import os
import stat

from gatekeeper.model.errors import GatekeeperError

WRITE_REPORT = "write it by `gatekeeper run --format json --output report.json`"
"""What helps where a report cannot be read."""


def read_document(path: str, most: int, what: str, hint: str = WRITE_REPORT) -> object:
    """The values of a JSON file of at most `most` bytes; `what` names it in an error, `hint` says what helps then.

    A link, a pipe or a device is not opened for long: raises GatekeeperError for everything that is no plain file, is
    too large, or is no JSON in UTF-8.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise GatekeeperError(f"{what} {path!r} cannot be read: {reason}", hint) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise GatekeeperError(f"{what} {path!r} is no plain file", hint)
    with os.fdopen(handle, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise GatekeeperError(f"{what} {path!r} has more than {most:,} bytes", hint)
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise GatekeeperError(f"{what} {path!r} is no JSON", hint) from None
