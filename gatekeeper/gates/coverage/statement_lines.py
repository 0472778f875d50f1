"""Finds the line by which coverage counts a statement, for changes inside of statements of several lines."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.formats.python_source import statements
from gatekeeper.model.change import FileChange
from gatekeeper.model.reading import FileCoverage


def changed_lines(file: FileChange, seen: FileCoverage) -> frozenset[int]:
    """The added lines of a file, and the measured line of every statement that they continue.

    coverage knows a statement by its first line alone: without this, a change to the third line of a call would be
    nothing to cover. Blank lines and comments between the lines of a statement change nothing of it.
    """
    added = frozenset(file.added_lines)
    known = seen.executed | seen.missing | seen.excluded
    if not file.text or not file.path.endswith(".py") or added <= known:
        return added
    return added | frozenset(_measured(file.text, added - known, known))


def _measured(text: str, lines: frozenset[int], known: frozenset[int]) -> Iterator[int]:
    source = text.split("\n")
    says = {line for line in lines if line <= len(source) and source[line - 1].strip()[:1] not in ("", "#")}
    for span in statements(text) if says else ():
        own = [line for line in says if line in span] if span.start < span.end else []
        measured = [line for line in known if line in span] if own else []
        for line in own:
            above = [place for place in measured if place < line]
            if above:
                yield max(above)
