"""Reads the lines of a log that another process goes on writing."""

from __future__ import annotations

from pathlib import Path

_CHUNK = 1 << 18  # bytes
_LONGEST = 1 << 22  # bytes of a line; the rest of a longer one is left out


class LogTail:
    """The place up to which a log has been read; nothing is held open, and nothing is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._partial = b""
        self._drop = False

    def read(self) -> list[str]:
        """The next lines that are whole, without their ends; empty when there is none yet, or no file.

        Bytes that are no UTF-8 become U+FFFD. A log that became shorter is read from its beginning.
        """
        while True:
            chunk = self._chunk()
            *lines, rest = (self._partial + chunk).split(b"\n")
            if lines and self._drop:
                del lines[0]
                self._drop = False
            self._partial = b"" if self._drop else rest
            if len(self._partial) > _LONGEST:
                self._partial, self._drop = b"", True
            if lines or len(chunk) < _CHUNK:
                return [line.decode("utf-8", "replace") for line in lines]

    def _chunk(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._at:
                    self._at, self._partial, self._drop = 0, b"", False
                file.seek(self._at)
                chunk = file.read(_CHUNK)
        except FileNotFoundError:
            return b""
        self._at += len(chunk)
        return chunk
