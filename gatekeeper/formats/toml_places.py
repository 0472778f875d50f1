"""Tells on which line each key and list item of a TOML text stands; the text itself is read by `tomllib`."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any

from gatekeeper.formats.located import Located, Place, UnreadableDocumentError

_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'  # up to two quotes may stand before the closing three
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def read_toml(text: str, table: Place) -> Located | None:
    """One table of a TOML text, its places told from inside the table; None where there is no such table.

    Raises `UnreadableDocumentError` where the text cannot be parsed.
    """
    try:
        data: Any = tomllib.loads(text)
        for key in table:
            if not isinstance(data, dict) or key not in data:
                return None
            data = data[key]
        places = _Finder(text.replace("\r\n", "\n")).places()
    except tomllib.TOMLDecodeError as trouble:
        message, line = str(trouble), None
        if match := _AT_LINE.search(message):
            message, line = message[: match.start()], int(match[1] or text.count("\n") + 1)
        raise UnreadableDocumentError(f"this is not TOML: {message}", line) from trouble
    except RecursionError as trouble:
        raise UnreadableDocumentError("nested too deep") from trouble
    inside = {place[len(table) :]: line for place, line in places.items() if place[: len(table)] == table}
    return Located(data, inside)


class _Finder:
    """Walks through a text that is known to be valid TOML, so that it may be careless about what is not."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._found: dict[Place, int] = {}
        self._counts: dict[Place, int] = {}

    def places(self) -> dict[Place, int]:
        """The line of every key and list item."""
        table: Place = ()
        self._skip(_BLANK_LINES)
        while self._at < len(self._text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK_LINES)
        return self._found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise UnreadableDocumentError("no place found", self._line(self._at))
        self._at = match.end()
        return match[0]

    def _line(self, at: int) -> int:
        return bisect_right(self._breaks, at - 1) + 1 if at else 1

    def _header(self) -> Place:
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        place = self._keys(())
        self._at = self._text.index("]", self._at) + (2 if many else 1)
        if many:
            count = self._counts.get(place, 0)
            self._counts[place] = count + 1
            line = self._found[place] if not count else self._line(self._at - 1)
            place = (*place, count)
            self._found[place] = line
        return place

    def _keys(self, outer: Place) -> Place:
        """Reads a dotted key and notes the line of each of its parts that is new."""
        place = outer
        while True:
            self._skip(_BLANK)
            start = self._at
            part = self._part()
            place = (*place, part)
            self._found.setdefault(place, self._line(start))
            if place in self._counts:  # the table goes on inside the newest element of an array of tables
                place = (*place, self._counts[place] - 1)
            self._skip(_BLANK)
            if self._peek() != ".":
                break
            self._at += 1
        return place if place[-1:] == (part,) else place[:-1]

    def _part(self) -> str:
        if self._peek() in ('"', "'"):
            quoted = self._skip(_STRING)
            return str(tomllib.loads(f"key = {quoted}")["key"])
        return self._skip(_BARE_KEY)

    def _pair(self, outer: Place) -> None:
        place = self._keys(outer)
        self._at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(place)

    def _value(self, place: Place) -> None:
        mark = self._peek()
        if mark == "[":
            self._list(place)
        elif mark == "{":
            self._inline_table(place)
        elif mark in ('"', "'"):
            self._skip(_STRING)
        else:
            self._skip(_BARE_VALUE)

    def _list(self, place: Place) -> None:
        self._at += 1
        index = 0
        while True:
            self._skip(_BLANK_LINES)
            if self._peek() == "]":
                break
            if self._peek() == ",":
                self._at += 1
                continue
            self._found[(*place, index)] = self._line(self._at)
            self._value((*place, index))
            index += 1
        self._at += 1

    def _inline_table(self, place: Place) -> None:
        self._at += 1
        while True:
            self._skip(_BLANK_LINES)
            if self._peek() == "}":
                break
            if self._peek() == ",":
                self._at += 1
                continue
            self._pair(place)
        self._at += 1
