"""Looks at what an outcome stands on, so that it is known again where nothing of it has changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from gatekeeper import __version__
from gatekeeper.edges.shadow import VERSION_FILES
from gatekeeper.inside.record_key import BUILT, content, digest
from gatekeeper.inside.record_places import stamps
from gatekeeper.model.job import Basis

_MOST_EDITED = 5_000
_TELLING = ("PYTHON", "LANG", "LC_")  # variables by which Python reads texts and compiles
_NO_CODE = ("node_modules", "__pycache__")


def look_of(basis: Basis) -> str:
    """A digest of everything that the outcome stands on, as it is now; empty where that is too much to be looked at."""
    edited = list(islice((word for folder in basis.edited_in for word in _edited(folder)), _MOST_EDITED + 1))
    if len(edited) > _MOST_EDITED:
        return ""
    own = (entry for entry in sys.path if "-packages" in entry)
    looks = stamps(dict.fromkeys((*basis.places, *map(os.path.realpath, basis.places[:1]), *own)))
    made = sorted({word for folder in basis.made_in for word in _made(folder)})
    words = [__version__, sys.version, basis.question, *(f"{place} {look}" for place, look in sorted(looks.items()))]
    words += sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(_TELLING))
    return digest([*words, "", *made, "", *sorted(edited)])


def _made(folder: str) -> Iterator[str]:
    """The files below a folder that an install step makes, each with its content; most are part of no tree."""
    for place, name in _files(folder):
        if name.endswith(BUILT) or name in VERSION_FILES:
            yield f"{place}/{name} {content(f'{place}/{name}')}"


def _edited(folder: str) -> Iterator[str]:
    """The files below a folder, each with how it looks."""
    for place, name in _files(folder):
        with suppress(OSError):
            found = os.lstat(f"{place}/{name}")
            yield f"{place}/{name} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino}"


def _files(folder: str) -> Iterator[tuple[str, str]]:
    """Folder and name of each file below a folder, but for those of environments and caches, and hidden ones."""
    for place, below, names in os.walk(folder):
        is_environment = "pyvenv.cfg" in names
        below[:] = [name for name in below if not (is_environment or name.startswith(".") or name in _NO_CODE)]
        if not is_environment:
            yield from ((place, name) for name in names if not name.startswith("."))
