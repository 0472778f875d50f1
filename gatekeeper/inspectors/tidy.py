"""Rewrites files without white space at the ends of their lines, or with exactly one line break at their end."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_TRAILING = re.compile(rb"[ \t]+(?=[ \t\r]*$)", re.MULTILINE)
_END = re.compile(rb"[\r\n]*\Z")


def without_trailing_whitespace(content: bytes) -> bytes:
    """The content without blanks and tabs before its line breaks."""
    return _TRAILING.sub(b"", content)


def with_one_line_break(content: bytes) -> bytes:
    """The content with one line break at its end, of the kind that it has; what holds no text becomes empty."""
    body = _END.sub(b"", content, count=1)
    if not body:
        return b""
    return body + (b"\r\n" if b"\r\n" in content else b"\n")


_WORK = {"trailing-whitespace": without_trailing_whitespace, "end-of-file": with_one_line_break}


def main(arguments: list[str]) -> None:
    """Do the work that is named first on the files that are named after it."""
    work, *names = arguments
    for name in names:
        place = Path(name)
        before = place.read_bytes()
        after = _WORK[work](before)
        if after != before:
            place.write_bytes(after)


if __name__ == "__main__":
    main(sys.argv[1:])
