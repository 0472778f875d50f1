"""Reads what `git cat-file --batch` prints."""

from __future__ import annotations

from typing import BinaryIO


def read_objects(output: BinaryIO, count: int, limit: int) -> tuple[list[bytes | None], bool]:
    """The first `count` objects in order, None for what is missing or no blob, and whether one was too large.

    At an object of more than `limit` bytes the reading stops. Raises `EOFError` where the output ends too early.
    """
    found: list[bytes | None] = []
    for _ in range(count):
        head = output.readline()
        words = head.rsplit(b" ", 2)
        if not head.endswith(b"\n"):
            raise EOFError
        if len(words) != 3 or not words[2].strip().isdigit():  # "… missing", "… ambiguous"
            found.append(None)
            continue
        size = int(words[2])
        if size > limit:
            return found, True
        content = output.read(size + 1)
        if len(content) != size + 1:
            raise EOFError
        found.append(content[:-1] if words[1] == b"blob" else None)
    return found, False
