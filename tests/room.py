"""Starts programs that have little room: no file of theirs may grow beyond a limit, as on a full disk."""

from __future__ import annotations

import os
import resource
from typing import Any


def little_room(limit: int) -> dict[str, Any]:
    """Options of `subprocess.Popen` for a program whose files may have `limit` bytes at most.

    It writes no bytecode: Python before 3.12.8 and 3.13.1 takes half of a file for a whole one, and every later test
    that starts a program would stumble over ours. It is not measured either: coverage would complain on its own account.
    """

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    unmeasured = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}
    return {"preexec_fn": bound, "env": {**os.environ, **unmeasured, "PYTHONDONTWRITEBYTECODE": "1"}}
