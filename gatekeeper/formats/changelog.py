"""Knows by its path whether a file tells the users of a project what changed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from gatekeeper.formats.lazy_pattern import lazy_pattern

_NAME = lazy_pattern(
    r"^(changes|change[-_ ]?log|news|history|release[-_ ]?(notes?|history)|releases|what'?s[-_ ]?new|"
    r"upgrad(e|ing)([-_ ](guide|notes))?|migrat(e|ing|ion)([-_ ](guide|notes))?|updating)([-_.].*)?$",
    re.IGNORECASE,
)
_FOLDERS = lazy_pattern(
    r"^(news|newsfragments?|fragments|changes|changelog(s|\.d)?|changelog[-_ ]?(fragments|entries)|release[-_ ]?notes|"
    r"releasenotes|releases|what'?s[-_ ]?new|upcoming_changes|history|\.changes?|\.changeset)$",
    re.IGNORECASE,
)
_TEXTS = frozenset(
    {"", ".md", ".markdown", ".rst", ".txt", ".adoc", ".yml", ".yaml", ".toml", ".json", ".html"}
    | {f".{number}" for number in range(100)}  # "release-notes-1.12"
)
_CODE = frozenset({".py", ".pyi", ".js", ".ts", ".c", ".go", ".rs"})
"""A fragment is named freely ("123.bugfix"), but a module in a package named `history` is code."""


def is_changelog(path: str, folder: str = "") -> bool:
    """Whether the file is a changelog, or a fragment of one in a usual folder or in `folder` (of the same root)."""
    pure = PurePosixPath(path)
    if folder and path.startswith(folder + "/"):
        return pure.name not in {".gitignore", ".gitkeep"}
    if pure.suffix in _CODE:
        return False
    if any(_FOLDERS().match(part) for part in pure.parts[:-1]):
        return True
    return pure.suffix.lower() in _TEXTS and bool(_NAME().match(pure.name))
