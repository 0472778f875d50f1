"""Tells whether a path is one of a lane, whose entries are paths or patterns tied to the root of the repository."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.globs import matches
from gatekeeper.formats.task_file import tied


def in_lane(path: str, lane: Sequence[str]) -> bool:
    """Whether a path is one of a lane, by its very name or by a pattern; an empty lane has none."""
    return path in lane or (bool(lane) and matches(path, tied(lane)))
