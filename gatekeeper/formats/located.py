"""A parsed document together with the line on which each of its keys and list items stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.model.frozen import dataclass

Place = tuple[str | int, ...]
"""The way to a value: keys and list indexes, from the outside in."""

UNUSABLE = object()
"""Stands in the data for a value that has been complained of, until it is taken out."""


@dataclass(frozen=True, slots=True)
class Located:
    """Plain data, the line of each place (counted from 1), and what is wrong with it as (line, message)."""

    data: Any
    places: Mapping[Place, int]
    problems: tuple[tuple[int | None, str], ...] = ()

    def line_of(self, place: Place) -> int | None:
        """The line of a place, or of the nearest thing around it whose line is known."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.places:
                return self.places[place[:length]]
        return None


class UnreadableDocumentError(ValueError):
    """A text that cannot be parsed at all: `line` is where, or None where that is unknown."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
