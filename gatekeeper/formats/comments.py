"""Takes the comments out of the lines of a Python text, by where its literals stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

Span = tuple[tuple[int, int], tuple[int, int]]
"""Where a literal begins and ends: lines from 1 on, and bytes of UTF-8 within the line, as `ast` counts them."""

CODING = re.compile(r"^[ \t\f]*#.*coding[:=]")
"""A comment that tells the encoding of a text, if it stands on one of the first two lines."""


def without_comments(lines: list[str], literals: Iterable[Span]) -> list[str]:
    """The lines, each up to its comment.

    One that tells the encoding stays, and so does one between two parts of a text that is put together.
    """
    if not any("#" in line for line in lines) or any("\r" in line[:-1] for line in lines):
        return lines  # Python counts other lines where there are odd ends of lines
    taken: dict[int, list[tuple[int, int]]] = {}
    for (first, start), (last, end) in literals:
        for number in range(first, last + 1):
            if "#" in lines[number - 1]:
                span = (start if number == first else 0, end if number == last else sys.maxsize)
                taken.setdefault(number, []).append(span)
    return [_cut(number, line, taken.get(number, [])) for number, line in enumerate(lines, 1)]


def _cut(number: int, line: str, taken: list[tuple[int, int]]) -> str:
    if "#" not in line or (number <= 2 and CODING.match(line)):
        return line
    raw = line.encode("utf-8", "surrogatepass")
    place = raw.find(b"#")
    while place >= 0:
        end = max((end for start, end in taken if start <= place < end), default=-1)
        if end < 0:
            return raw[:place].decode("utf-8", "surrogatepass")
        place = raw.find(b"#", end) if end < len(raw) else -1
    return line
