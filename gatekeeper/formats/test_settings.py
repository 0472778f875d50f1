"""Tells whether the parts of a shared settings file by which tests are run and measured are the same in two texts."""

from __future__ import annotations

import re

SHARED = frozenset({"pyproject.toml", "setup.cfg", "tox.ini"})
"""Files in which many tools have a part, and pytest and coverage one of them."""

_WORDS = ("pytest", "cov")  # "cov" is part of "coverage"; DEFAULT is laid below every section by the reader of coverage
_SECTION = re.compile(r"\[[^\]]+\]\s*(?:[#;].*)?")


def same_for_tests(name: str, before: str, after: str) -> bool:
    """Whether pytest, coverage and plugins named after them find the same in a file of this name, one of `SHARED`.

    A text that cannot be read is the same as no other one.
    """
    parts = _parts(name, before)
    return parts is not None and parts == _parts(name, after)


def part_for_tests(name: str, text: str) -> tuple[str, ...]:
    """What they find there, in no form but to be compared; the whole text where that cannot be told."""
    parts = _parts(name, text)
    return (text,) if parts is None else tuple(parts)


def _parts(name: str, text: str) -> list[str] | None:
    """The parts of a file that speak of tests; None where it cannot be read."""
    try:
        return _tables(text) if name.endswith(".toml") else _sections(text)
    except (ValueError, RecursionError, AttributeError):
        return None


def _tables(text: str) -> list[str]:
    """What stands in the tables of tools whose names speak of tests; as text, since 1 equals true otherwise."""
    import tomllib  # noqa: PLC0415 - few runs read such a file

    tools = tomllib.loads(text).get("tool", {})
    return sorted(f"{name} {value!r}" for name, value in tools.items() if _speaks_of_tests(name))


def _sections(text: str) -> list[str]:
    """The lines of the sections whose names speak of tests, as they stand there, and those before any section.

    The two readers, that of pytest and that of coverage, do not agree on comments and on what ends a section: a section
    begins here wherever one of them may see it begin, and ends where both see another one.
    """
    found, is_wanted = [], True
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            is_wanted = _speaks_of_tests(line) or (is_wanted and not _SECTION.fullmatch(line))
        if is_wanted and line.strip():
            found.append(line)
    return found


def _speaks_of_tests(name: str) -> bool:
    return any(word in name.lower() for word in _WORDS) or "DEFAULT" in name
