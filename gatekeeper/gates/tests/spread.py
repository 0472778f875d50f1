"""Decides over how many processes the tests are spread, by how long those take that have to run."""

from __future__ import annotations

from gatekeeper.formats.pytest_request import PYTEST
from gatekeeper.model.frozen import dataclass
from gatekeeper.ports import Request

LEAST_SAVED = 5.0
"""Seconds. Each process starts pytest and collects all tests anew, which takes a second or two beside the others."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Over how many processes the tests are spread, and why; there is no reason to tell where nothing was to decide."""

    processes: int = 1
    reason: str = ""


def spread_of(request: Request) -> Spread:
    """What the setting `processes` comes to for this run. Nothing is spread where pytest-xdist is not installed."""
    wanted = request.policy.value("processes", 1)
    if wanted == 1:
        return Spread()
    if not request.environment.has("pytest-xdist"):
        return Spread(1, "the tests ran in one process: `processes` needs pytest-xdist in the project's environment")
    return _by_time(request) if wanted == "auto" else Spread(int(wanted))


def _by_time(request: Request) -> Spread:
    """All cores where that is known to pay, else one."""
    if request.cores < 2:
        return Spread(1, "the tests ran in one process: there is one core")
    seconds = request.selection.seconds if request.selection else None
    if seconds is None:
        return Spread(1, "the tests ran in one process: it was not known how long they take")
    cores, known = request.cores, f"those known to have to run take {seconds:.0f} s one after another"
    if seconds * (1 - 1 / cores) < LEAST_SAVED:
        return Spread(1, f"the tests ran in one process: {known}, and {cores} processes would not save enough")
    return Spread(cores, f"the tests ran in {cores} processes: {known}")


def spread_notes(request: Request) -> tuple[str, ...]:
    """Why the tests of this run were spread, or were not; nothing where none had to be started."""
    is_known = request.selection and PYTEST in request.selection.answers
    reason = "" if is_known else spread_of(request).reason
    return (reason,) if reason else ()
