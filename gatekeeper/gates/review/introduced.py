"""Tells which messages a change introduces, by matching those of the head tree with those of the base tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gatekeeper.model.change import FileChange
from gatekeeper.model.reading import Diagnostic


def introduced(file: FileChange, head: Iterable[Diagnostic], base: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The messages of the head file that have no forerunner in the base file; matching is one to one.

    A forerunner is a message of the same rule (a) on the line that an unchanged line was before, or (b) with the same
    text, numbers aside, on a line that was taken away or in the same definition. Where a message stands does not
    matter otherwise: what a change causes on an unchanged line is introduced too.
    """
    return unmatched(file, *on_other_lines(file, head, base))


def on_other_lines(
    file: FileChange, head: Iterable[Diagnostic], base: Iterable[Diagnostic]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """The messages of both sides without those that (a) matches."""
    free = list(base)
    fresh = tuple(message for message in head if not _take(free, _on_the_same_line(file, message, free), message))
    return fresh, tuple(free)


def unmatched(file: FileChange, head: Iterable[Diagnostic], base: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The messages of the head without those that (b) matches; both sides are what (a) left."""
    free = list(base)
    return tuple(message for message in head if not _take(free, _moved(file, message, free), message))


def _take(free: list[Diagnostic], candidates: Sequence[Diagnostic], message: Diagnostic) -> bool:
    """Use up the best candidate; False where there is none."""
    if not candidates:
        return False
    best = min(candidates, key=lambda old: (old.message != message.message, old.obj != message.obj))
    free.remove(best)
    return True


def _on_the_same_line(file: FileChange, message: Diagnostic, free: Iterable[Diagnostic]) -> list[Diagnostic]:
    line = file.base_line(message.line) if message.line else message.line
    if message.line and line is None:
        return []
    return [old for old in free if old.rule == message.rule and old.line == line]


def _moved(file: FileChange, message: Diagnostic, free: Iterable[Diagnostic]) -> list[Diagnostic]:
    text = _masked(message.message)
    return [
        old
        for old in free
        if old.rule == message.rule
        and _masked(old.message) == text
        and (old.obj == message.obj or (old.line is not None and file.removes_base_line(old.line)))
    ]


def _masked(text: str) -> str:
    return re.sub(r"\d+", "#", text)
