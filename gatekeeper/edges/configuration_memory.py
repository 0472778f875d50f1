"""Remembers configuration files, and heads of modes and rules, that were read without anything to complain of.

Parsing and checking take a fifth of what a commit with nothing to check costs, and a configuration hardly ever changes.
An entry is found by a digest of the file, of its name, of the schema and of this version, and carries a digest of its
own: what differs, or was damaged, is read anew.
"""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from gatekeeper import __version__
from gatekeeper.edges.places import cache_folder, is_of_us
from gatekeeper.formats.located import Located
from gatekeeper.schemas import schema_text

_FOLDER = "configurations"
_MOST = 200


def recall(name: str, content: bytes) -> Located | None:
    """What a file of this name and content holds, if an earlier run had nothing to complain of."""
    entry = _entry(name, content)
    try:
        if not is_of_us(entry.parent):  # somebody else could say what the configuration demands
            return None
        digest, _, text = entry.read_text("utf-8").partition("\n")
        if digest != _digest(text):
            return None
        data, places = json.loads(text)
        return Located(data, {tuple(place): line for place, line in places})
    except (OSError, ValueError, TypeError):
        return None


def remember(name: str, content: bytes, located: Located) -> None:
    """Keep what a file holds that nothing is wrong with; a folder that cannot be written is no reason to fail."""
    entry = _entry(name, content)
    text = json.dumps([located.data, [[place, line] for place, line in located.places.items()]])
    with suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        entries = list(entry.parent.iterdir())
        for old in entries if len(entries) >= _MOST else ():
            old.unlink(missing_ok=True)
        entry.write_text(f"{_digest(text)}\n{text}", "utf-8")  # one that is cut off has another digest


def _entry(name: str, content: bytes) -> Path:
    about = "\0".join((__version__, schema_text("config"), name, "")).encode("utf-8", "surrogateescape")
    return cache_folder() / _FOLDER / sha256(about + content).hexdigest()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
