"""Reads a CODEOWNERS file: who owns which paths, by the last line that fits."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.globs import matches
from gatekeeper.model.frozen import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where such a file may lie; the first that is there counts."""

_MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One line: its number (from 1), the pattern, and the owners; without owners the paths belong to nobody."""

    number: int
    pattern: str
    owners: tuple[str, ...]


def read_codeowners(text: str) -> tuple[OwnerLine, ...]:
    """The lines that say something, without comments, sections of GitLab and patterns that GitHub does not know."""
    found = []
    for number, line in enumerate(text.split("\n")[:_MOST_LINES], 1):
        pattern, *owners = line.split("#", 1)[0].split() or [""]
        if pattern and not pattern.startswith(("!", "[", "^[")):
            found.append(OwnerLine(number, pattern, tuple(sorted(set(owners)))))
    return tuple(found)


def owner_line(path: str, lines: Sequence[OwnerLine]) -> OwnerLine | None:
    """The line that decides about a path: the last one that fits."""
    return next((line for line in reversed(lines) if _fits(path, line.pattern)), None)


def _fits(path: str, pattern: str) -> bool:
    # `docs/*` means the files of the folder and not those of the folders in it, other than in a .gitignore
    shallow = pattern.endswith("/*") and path.count("/") > pattern.strip("/").count("/")
    return not shallow and matches(path, (pattern,))
