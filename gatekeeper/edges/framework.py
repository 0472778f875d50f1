"""Knows the environment that the pre-commit framework or prek makes for a hook alone, and looks past it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_MARKS = (".install_state_v1", ".install_state_v2", ".prek-hook.json")
_OWN_VARIABLES = ("PRE_COMMIT", "PREK_")
_STORES = frozenset({"PRE_COMMIT_HOME", "PREK_HOME"})


@cache
def is_isolated(prefix: str = sys.prefix) -> bool:
    """Whether the environment `prefix`, by default the one that runs Gatekeeper, was made for a hook of the framework.

    Such an environment holds the hook and what it needs, and cannot import the project. An environment of the project
    in which a hook of `language: system` runs is none.
    """
    return any(Path(prefix, mark).exists() for mark in _MARKS)


def without_framework(variables: Mapping[str, str], prefix: str = sys.prefix) -> dict[str, str]:
    """The variables as they were before the framework put its own environment before the user's."""
    kept = {name: value for name, value in variables.items() if name in _STORES or not name.startswith(_OWN_VARIABLES)}
    if _is_same(kept.get("VIRTUAL_ENV", ""), prefix):
        del kept["VIRTUAL_ENV"]
    if "PATH" in kept:
        programs = str(Path(prefix, "bin"))
        places = kept["PATH"].split(os.pathsep)
        kept["PATH"] = os.pathsep.join(place for place in places if not _is_same(place, programs))
    return kept


def _is_same(place: str, other: str) -> bool:
    return bool(place) and Path(place).resolve() == Path(other).resolve()
