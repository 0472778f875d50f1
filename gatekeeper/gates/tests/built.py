"""Tells which files that a build makes the tests ran with; Gatekeeper itself builds nothing."""

from __future__ import annotations

from pathlib import PurePosixPath

from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

_MOST_NAMED = 5


def built_notes(request: Request) -> tuple[str, ...]:
    """The built files that were taken over, and the sources of the change that only a build brings to the tests."""
    notes = []
    borrowed = [name for name in request.candidate.borrowed if PurePosixPath(name).name != "node_modules"]
    if borrowed:
        notes.append(f"built files taken over from the working tree: {_named(borrowed)}")
    sources = [file.path for file in request.change.files if file.is_compiled]
    if sources:
        notes.append(
            f"Gatekeeper builds nothing, so the tests ran with what was built last of {_named(sources)}: "
            "build it before the run"
        )
    return tuple(notes)


def absent_notes(request: Request) -> tuple[str, ...]:
    """What to know of a failure where the working tree holds more than would be committed."""
    absent = request.candidate.absent
    if not absent:
        return ()
    return (f"untracked, and so not there for the tests: {_named(list(absent))}; add what they need, or `borrow` it",)


def outdated(request: Request) -> Verdict:
    """The error verdict on tests that would run other code than the change holds."""
    files = _named(list(request.candidate.outdated))
    hint = f"Build the project again, for example: {request.environment.python} -m pip install --editable ."
    return Verdict("tests", Status.ERROR, f"built files are older than their changed sources: {files}", hint=hint)


def _named(paths: list[str]) -> str:
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return ", ".join(paths[:_MOST_NAMED]) + more
