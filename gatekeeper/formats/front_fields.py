"""Takes the fields of a front matter one by one, and gathers everything that is wrong with them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

from gatekeeper.formats.config_errors import Problem, dotted, listed, meant, nearest, shown
from gatekeeper.formats.front_matter import FrontMatter
from gatekeeper.formats.located import UNUSABLE, Place
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.frozen import dataclass

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
Read = TypeVar("Read")

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Read]):
    """What a file gave: the record, or None with the problems that made it unusable; and notes on the reading."""

    record: Read | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Fields:
    """The fields of one file; each reader gives a sound value, or the default after noting a problem."""

    def __init__(self, front: FrontMatter, path: str) -> None:
        self._located = front.located
        self._path = path
        self._data: Mapping[str, Any] = front.located.data
        self.problems = [Problem(path, line, message) for line, message in front.located.problems]

    def has(self, key: str) -> bool:
        """Whether the field is there and has a value."""
        return self._data.get(key) is not None

    def complain(self, place: Place, message: str) -> None:
        """Note what is wrong at a place."""
        self.problems.append(Problem(self._path, self._located.line_of(place), message))

    def only(self, known: Collection[str], place: Place = ()) -> None:
        """Complain of every key that is not known."""
        data = self._at(place)
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                self.complain((*place, key), f"unknown key `{dotted((*place, key))}`; {meant(key, known)}")

    def name(self, key: str) -> str:
        """A required name: letters, digits, `-` and `_`."""
        value = self._data.get(key)
        if value is None:
            self.complain((), f"`{key}` is missing")
        elif not isinstance(value, str) or not NAME.fullmatch(value):
            rule = "a name of at most 80 letters, digits, `-` and `_` that begins with a letter"
            self.complain((key,), f"`{key}` must be {rule}, not {shown(value)}")
        else:
            return value
        return ""

    def text(self, key: str) -> str:
        """A text of one line, or empty."""
        value = self._data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.isprintable():
            self.complain((key,), f"`{key}` must be a text on one line, not {shown(value)}")
            return ""
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each of them once."""
        value = self._data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            fix = f"; put it in brackets: [{one_line(value)}]" if isinstance(value, str) and len(value) < 60 else ""
            self.complain((key,), f"`{key}` must be a list of texts, not {shown(value)}{fix}")
            return ()
        sound: dict[str, None] = {}
        for index, item in enumerate(value):
            if isinstance(item, str) and item.strip() and item.isprintable():
                sound[item.strip()] = None
            elif item is not UNUSABLE:
                self.complain((key, index), f"`{dotted((key, index))}` must be a text, not {shown(item)}")
        return tuple(sound)

    def choice(self, place: Place, options: Sequence[str], default: str) -> str:
        """One of several words."""
        value = self._at(place)
        if value is None or value is UNUSABLE:
            return default
        if isinstance(value, str) and value in options:
            return value
        near = nearest(value, options) if isinstance(value, str) else None
        hint = f"; did you mean `{near}`?" if near else ""
        self.complain(place, f"`{dotted(place)}` must be one of {listed(options)}, not {shown(value)}{hint}")
        return default

    def choices(self, key: str, options: Sequence[str], what: str) -> tuple[str, ...]:
        """A list of words that are known; `what` names such a word."""
        words = self.texts(key)
        for word in words:
            if word not in options:
                near = nearest(word, options)
                hint = f"did you mean `{near}`? Known are" if near else "known are"
                index = self._data[key].index(word) if word in self._data[key] else 0
                self.complain((key, index), f"there is no {what} `{one_line(word)}`; {hint} {listed(options)}")
        return tuple(word for word in words if word in options)

    def number(self, place: Place, low: float, high: float, whole: bool = False) -> float | None:
        """A number within limits, or None."""
        value = self._at(place)
        if value is None or value is UNUSABLE:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if is_number and low <= value <= high and (not whole or value == int(value)):
            return int(value) if whole else float(value) if isinstance(value, float) else int(value)
        kind = "whole number" if whole else "number"
        fix = self._plain_number(value, low, high)
        self.complain(place, f"`{dotted(place)}` must be a {kind} from {low:g} to {high:g}, not {shown(value)}{fix}")
        return None

    def mapping(self, key: str, read: Callable[[str], Any], known: Collection[str]) -> dict[str, Any]:
        """A mapping with known keys; `read` reads the value of one of them, None for one that is not sound."""
        value = self._data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.complain((key,), f"`{key}` must be a mapping of keys to values, not {shown(value)}")
            return {}
        self.only(known, (key,))
        found = {name: read(name) for name in value if name in known}
        return {name: inner for name, inner in found.items() if inner is not None}

    def _at(self, place: Place) -> Any:
        value: Any = self._data
        for part in place:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    @staticmethod
    def _plain_number(value: Any, low: float, high: float) -> str:
        """The number that stands in a text such as `≥85%`, as the end of a message."""
        found = _NUMBER.findall(value) if isinstance(value, str) and len(value) < 40 else []
        return f"; write {found[0]}" if len(found) == 1 and low <= float(found[0]) <= high else ""
