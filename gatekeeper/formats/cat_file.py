"""Reads what `git cat-file --batch` prints."""

from __future__ import annotations

from hashlib import sha1, sha256
from typing import Protocol

_ID_OF_SHA1 = 40  # letters


class Output(Protocol):
    """What is read from: it gives less than was asked for where there is no more."""

    def readline(self) -> bytes:
        """The next line with its end."""
        ...

    def read(self, size: int, /) -> bytes:
        """The next bytes, of this number."""
        ...


class DamagedObject(ValueError):
    """What was printed is not the object; the text is its id."""


def read_objects(output: Output, count: int, limit: int) -> tuple[list[bytes | None], bool]:
    """The first `count` objects in order, None for what is missing or no blob, and whether one was too large.

    At an object of more than `limit` bytes the reading stops. Raises `EOFError` where the output ends before an object,
    and `DamagedObject` where it ends in the middle of one, or where the bytes are others than those of the id: Git
    prints what there is of a blob, and what comes next would pass for the rest of it.
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
        if not _is_whole(words[0], words[1], size, content):
            raise DamagedObject(words[0].decode("ascii", "replace"))
        found.append(content[:-1] if words[1] == b"blob" else None)
    return found, False


def _is_whole(name: bytes, kind: bytes, size: int, content: bytes) -> bool:
    """Whether the content, with a line end behind it, is that of the object with this id."""
    head = b"%s %d\0" % (kind, size)
    made = sha1(head, usedforsecurity=False) if len(name) == _ID_OF_SHA1 else sha256(head)
    made.update(content[:size])
    return content[size:] == b"\n" and made.hexdigest().encode() == name
