"""Remembers for the later hooks of one Git command what an earlier one of them has passed."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.edges.places import repository_folder
from gatekeeper.model.candidate import Target

_NAME = "passed-by-hook.json"
_START_TIME = 19  # fields of /proc/PID/stat after the name of the program


def remember_passed(repository: Repository, target: Target) -> None:
    """Note that this change has passed, for whatever the same Git command asks next."""
    note = _note(target)
    if note is None:
        return
    place = _place(repository)
    aside = place.with_name(f"{_NAME}.{os.getpid()}")
    with suppress(OSError):  # without the note the same is judged once more, and that is all
        aside.write_text(note)
        aside.replace(place)


def has_passed(repository: Repository, target: Target) -> bool:
    """Whether an earlier hook of this very Git command has passed the same change."""
    note = _note(target)
    try:
        return note is not None and _place(repository).read_text() == note
    except OSError:
        return False


def _place(repository: Repository) -> Path:
    return repository_folder(repository.common_dir) / _NAME


def _note(target: Target) -> str | None:
    """What is remembered, or None where the Git command cannot be told from another one of the same number."""
    parent = os.getppid()
    try:
        stat = Path(f"/proc/{parent}/stat").read_text()
        start = stat.rpartition(")")[2].split()[_START_TIME]
    except (OSError, IndexError):
        return None
    return json.dumps([parent, start, target.base, target.base_tree, target.head_tree])
