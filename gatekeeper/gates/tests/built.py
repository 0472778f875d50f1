"""Tells which files that a build makes the tests ran with; Gatekeeper itself builds nothing."""

from __future__ import annotations

from pathlib import PurePosixPath

from gatekeeper.model.change import Role
from gatekeeper.ports import Request

_COMPILED = frozenset(
    {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".pyx", ".pxd", ".pxi", ".rs", ".f", ".f90", ".i", ".go"}
)
_MOST_NAMED = 5


def built_notes(request: Request) -> tuple[str, ...]:
    """The built files that were taken over, and the sources of the change that only a build brings to the tests."""
    notes = []
    borrowed = [name for name in request.candidate.borrowed if PurePosixPath(name).name != "node_modules"]
    if borrowed:
        notes.append(f"built files taken over from the working tree: {_named(borrowed)}")
    sources = [
        file.path
        for file in request.change.files
        if file.role is Role.SOURCE and PurePosixPath(file.path).suffix in _COMPILED
    ]
    if sources:
        notes.append(
            f"Gatekeeper builds nothing, so the tests ran with what was built last of {_named(sources)}: "
            "build it before the run"
        )
    return tuple(notes)


def _named(paths: list[str]) -> str:
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return ", ".join(paths[:_MOST_NAMED]) + more
