"""Finds out whether two lists of glob patterns can describe the same path, and names one that both describe."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import product

from gatekeeper.formats.globs import matches

_DEEP = "**"
_CHOICE = re.compile(r"\{([^{}/]*,[^{}/]*)\}")
_TOKEN = re.compile(r"\\.|\*+|\?|\[[!^]?\]?[^\]/]*\]|.", re.DOTALL)
_LETTERS = "x" + string.ascii_lowercase + string.ascii_uppercase + string.digits + string.punctuation.replace("/", "")
_MOST_CHOICES = 64


def common_path(one: Sequence[str], other: Sequence[str]) -> str:
    """A path that both lists describe, as `globs.matches` reads them, or an empty text where none was found.

    For lists without `!` and of less than 64 alternatives each, none is found only where there is none.
    """
    for first, second in product(_wanted(one), _wanted(other)):
        path = _meet(first, second)
        if path and matches(path, one) and matches(path, other):
            return path
    return ""


def _wanted(patterns: Sequence[str]) -> list[tuple[str, ...]]:
    """The patterns that add paths, as their segments, without alternatives in braces."""
    found = [_segments(choice) for pattern in patterns if not pattern.startswith("!") for choice in _choices(pattern)]
    return found or [(_DEEP, "*")]  # where all patterns take away, they do so from everything


def _choices(pattern: str) -> list[str]:
    """The pattern once for each way to choose among its alternatives in braces."""
    unread, done = [pattern], list[str]()
    while unread and len(unread) + len(done) < _MOST_CHOICES:
        text = unread.pop()
        match = _CHOICE.search(text)
        if match is None:
            done.append(text)
        else:
            unread += [text[: match.start()] + word + text[match.end() :] for word in match[1].split(",")]
    return done + unread


def _segments(pattern: str) -> tuple[str, ...]:
    """A pattern by folders, with `**` for any number of them: what fits a folder fits all below it."""
    pattern = pattern.removeprefix("./")
    tied = "/" in pattern.rstrip("/")
    parts = [part for part in pattern.strip("/").split("/") if part]
    last = ["*", _DEEP] if pattern.endswith("/") else [_DEEP]
    if len(parts) > 1 and parts[-1] == _DEEP:
        parts[-1] = "*"
    elif len(parts) == 1 and parts[0] == _DEEP:
        parts[0] = "*"
    return (*([] if tied else [_DEEP]), *parts, *last)


@lru_cache(maxsize=4096)
def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """A path that fits both lists of segments, or an empty text."""
    if one and other and _DEEP not in (one[0], other[0]) and not _meet_names(one[0], other[0]):
        return ""  # most lanes differ in their first folder

    @cache
    def walk(left: int, right: int) -> tuple[str, ...] | None:
        if left == len(one) and right == len(other):
            return ()
        deep = left < len(one) and one[left] == _DEEP, right < len(other) and other[right] == _DEEP
        if deep[0] and (rest := walk(left + 1, right)) is not None:
            return rest
        if deep[1] and (rest := walk(left, right + 1)) is not None:
            return rest
        if left == len(one) or right == len(other) or all(deep):
            return None
        name = _meet_names("*" if deep[0] else one[left], "*" if deep[1] else other[right])
        rest = walk(left + (not deep[0]), right + (not deep[1])) if name else None
        return None if rest is None else (name, *rest)

    return "/".join(walk(0, 0) or ())


@lru_cache(maxsize=4096)
def _meet_names(one: str, other: str) -> str:
    """A name that fits two segments, or an empty text."""
    first, second = (tuple(_TOKEN.findall(text)) for text in (one, other))

    @cache
    def walk(left: int, right: int) -> str | None:
        if left == len(first) and right == len(second):
            return ""
        stars = left < len(first) and first[left][0] == "*", right < len(second) and second[right][0] == "*"
        if stars[0] and (rest := walk(left + 1, right)) is not None:
            return rest
        if stars[1] and (rest := walk(left, right + 1)) is not None:
            return rest
        if left == len(first) or right == len(second) or all(stars):
            return None
        char = _meet_chars("?" if stars[0] else first[left], "?" if stars[1] else second[right])
        rest = walk(left + (not stars[0]), right + (not stars[1])) if char else None
        return None if rest is None else char + rest

    found = walk(0, 0)
    return "" if found is None else found or "x"  # stars alone fit the empty name, which no file has


def _meet_chars(one: str, other: str) -> str:
    """A character that fits two parts of patterns, or an empty text."""
    literals = [part[-1] for part in (one, other) if part != "?" and not _is_set(part)]
    for char in literals[:1] or _LETTERS + one + other:
        if char != "/" and all(_fits(char, part) for part in (one, other)):
            return char
    return ""


def _is_set(part: str) -> bool:
    return len(part) > 2 and part[0] == "["


def _fits(char: str, part: str) -> bool:
    if part == "?":
        return True
    return matches(char, [part]) if _is_set(part) else part[-1] == char
