"""Fits the sections of a document into a budget of bytes: whole rows are left out and counted, nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_MORE = 120  # bytes kept free for the line that counts what a section lacks
_LEFT_OUT = 240  # and for the one that counts what is gone with its section


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to show, in forms from the fullest to the shortest, each of whole lines; rank 0 matters most."""

    rank: int
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows between a head and a tail (whole lines each, or empty), which stand or fall with their rank.

    `more` says how many rows were left out before, since a short document never shows them. `noun` names a row.
    """

    rank: int
    head: str = ""
    rows: tuple[Row, ...] = ()
    tail: str = ""
    more: int = 0
    noun: str = "row"


def fitted(sections: Sequence[Section], budget: int, elsewhere: str) -> str:
    """The sections as a text of at most `budget` bytes of UTF-8; `elsewhere` says where the rest can be read.

    What matters most comes in first, and within a section nothing comes in after a row that did not fit, so that the
    rows which are shown are always its first ones of their rank. Sections of rank 0 always come in.
    """
    fitting = _Fitting(sections, budget - _LEFT_OUT)
    text = "".join(_written(section, fitting.kept[number], elsewhere) for number, section in enumerate(sections)
                   if number in fitting.kept)  # fmt: skip
    gone = [section for number, section in enumerate(sections) if number not in fitting.kept]
    return text + (_left_out(gone, elsewhere) if gone else "")


def _left_out(gone: Sequence[Section], elsewhere: str) -> str:
    rows = sum(len(section.rows) + section.more for section in gone)
    return f"\n{rows} more found no room here, and stand {elsewhere}.\n" if rows else f"\nMore stands {elsewhere}.\n"


class _Fitting:
    """The forms that came in, by section and row."""

    def __init__(self, sections: Sequence[Section], room: int) -> None:
        self.kept: dict[int, dict[int, str]] = {}
        self._full: set[int] = set()
        self._room = room
        items = [(section.rank, number, -1) for number, section in enumerate(sections)]
        items += [
            (max(row.rank, section.rank), number, index)
            for number, section in enumerate(sections)
            for index, row in enumerate(section.rows)
        ]
        for rank, number, index in sorted(items):
            if index < 0:
                self._frame(sections[number], number, rank)
            elif number in self.kept and number not in self._full:
                self._row(sections[number].rows[index], number, index)

    def _frame(self, section: Section, number: int, rank: int) -> None:
        cost = _size(section.head) + _size(section.tail) + _MORE
        if cost <= self._room or rank == 0:
            self._room -= cost
            self.kept[number] = {}

    def _row(self, row: Row, number: int, index: int) -> None:
        form = next((form for form in row.forms if _size(form) <= self._room), None)
        if form is None:
            self._full.add(number)
        else:
            self._room -= _size(form)
            self.kept[number][index] = form


def _written(section: Section, forms: dict[int, str], elsewhere: str) -> str:
    missing = section.more + len(section.rows) - len(forms)
    more = f"\n+{missing} more {section.noun}{'' if missing == 1 else 's'} {elsewhere}\n" if missing else ""
    return section.head + "".join(forms[index] for index in sorted(forms)) + more + section.tail


def _size(text: str) -> int:
    return len(text.encode("utf-8"))
