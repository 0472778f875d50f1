"""Writes and reads a list of relaxations for a later run, and names all that such a list stands on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from gatekeeper import __version__
from gatekeeper.model.candidate import Target
from gatekeeper.model.change import Change, FileChange
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_FIELD = "relaxations"


def basis_of(change: Change, target: Target, settings: Sequence[PolicyChange]) -> str:
    """A digest of what the list is made from: where it is the same, so is the list.

    The trees stand for the texts. What the files are said to be stands for itself: it is Git that finds the lines.
    """
    words = [
        __version__, sys.version, change.base_tree, change.head_tree, target.kind.value, target.whole,
        list(map(_row, settings)), list(map(_said, change.files)),
    ]  # fmt: skip
    return sha256(json.dumps(words).encode()).hexdigest()


def write_relaxations(found: Sequence[PolicyChange]) -> str:
    """The list as JSON, in ASCII whatever the paths are."""
    return json.dumps({_FIELD: list(map(_row, found))})


def read_relaxations(text: str) -> tuple[PolicyChange, ...] | None:
    """The list, or None for a text that is none; nothing of it is left out or made up."""
    try:
        return tuple(map(_change, json.loads(text)[_FIELD]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _row(change: PolicyChange) -> list[str | int | bool | None]:
    return [change.kind.value, change.path, change.line, change.what, change.before, change.after, change.held]


def _change(row: list[Any]) -> PolicyChange:
    """The relaxation of a row; raises ValueError or TypeError for what is none."""
    kind, path, line, what, before, after, held = row
    if not all(isinstance(word, str) for word in (path, what, before, after)) or type(held) is not bool:
        raise TypeError("not a relaxation")
    if line is not None and type(line) is not int:
        raise TypeError("not a line")
    return PolicyChange(Relaxed(kind), path, line, what, before, after, held)


def _said(file: FileChange) -> list[object]:
    hunks = [[hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count] for hunk in file.hunks]
    return [
        file.path, file.kind.value, file.old_path, file.mode, file.old_mode, file.binary, hunks,
        file.text is None, file.base_text is None,
    ]  # fmt: skip
