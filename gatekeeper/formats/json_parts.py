"""Reads a large JSON object element by element, so that what JSON has for the elements is never there as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from json import JSONDecoder
from typing import Any, cast

_Make = Callable[[Any], Any]

_value = JSONDecoder().raw_decode  # the value that begins at a place of a text, and the place behind it
_blanks = cast("Callable[[str, int], re.Match[str]]", re.compile(r"[ \t\n\r]*").match)  # it finds none of them, too


def read_parts(text: str, made: Mapping[str, _Make]) -> dict[str, Any]:
    """The object in this text as `json.loads` has it, but for the lists under the names of `made`: each of their
    elements is what the function makes of it. Raises ValueError where the text is no such object.
    """
    try:
        data, end = _members(text, _behind("{", text, 0), made)
        if _blank(text, end) != len(text):
            raise ValueError("there is more than one value")
    except IndexError as error:
        raise ValueError("the end is missing") from error
    return data


def _members(text: str, at: int, made: Mapping[str, _Make]) -> tuple[dict[str, Any], int]:
    """What the object holds whose members begin here, and the place behind it."""
    data: dict[str, Any] = {}
    at = _blank(text, at)
    while text[at] != "}":
        name, at = _value(text, _behind(",", text, at) if data else at)
        if not isinstance(name, str):
            raise ValueError("a name is no text")
        at = _behind(":", text, at)
        data[name], at = _elements(text, _behind("[", text, at), made[name]) if name in made else _value(text, at)
        at = _blank(text, at)
    return data, at + 1


def _elements(text: str, at: int, make: _Make) -> tuple[list[Any], int]:
    """What is made of the elements of the list whose first one begins here, and the place behind the list."""
    found: list[Any] = []
    if text[at] == "]":
        return found, at + 1
    while True:
        value, at = _value(text, at)
        found.append(make(value))
        if text[at] != "," and text[at := _blank(text, at)] == "]":
            return found, at + 1
        at = _behind(",", text, at)


def _behind(mark: str, text: str, at: int) -> int:
    """Where something stands again behind this character, which has to be the next one."""
    if text[at] != mark and text[at := _blank(text, at)] != mark:
        raise ValueError(f"{mark} is missing")
    return _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    """The next place that is not blank."""
    return _blanks(text, at).end()
