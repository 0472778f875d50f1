"""What fixers did to a change, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BUILT_IN = ("ruff-check", "isort", "black", "ruff-format", "trailing-whitespace", "end-of-file")
"""The fixers that need no command, in the order in which they run; those of a project come before the last two."""


@dataclass(frozen=True, slots=True)
class Fixer:
    """A program that corrects files: its command line with `{files}` in it, and the patterns of the files it is for.

    The patterns are relative to the project. `problem` says why it cannot be started, if so.
    """

    name: str
    run: str
    paths: tuple[str, ...] = ()
    seconds_limit: float = 300.0
    problem: str = ""


class FixState(StrEnum):
    """What became of the fixes: there were none, they were only shown, they were applied, or they could not be."""

    NOTHING = "nothing"
    SHOWN = "shown"
    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file that fixers changed: how many lines came and went, and the fixers that changed it, in order."""

    path: str
    added: int
    removed: int
    fixers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixes:
    """All that the fixers of a run did.

    `diff` is the patch as text, and `patch` the file that holds it, empty where it could not be kept. `problem` and
    `hint` say why the fixes were not applied. `failures` says of each fixer that could not be used why, and `notes`
    which files were left out.
    """

    state: FixState
    fixers: tuple[str, ...] = ()
    files: tuple[FixedFile, ...] = ()
    diff: str = ""
    patch: str = ""
    problem: str = ""
    hint: str = ""
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
