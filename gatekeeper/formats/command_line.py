"""Turns the command line of a command gate into argument lists, without a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import pairwise

FILES = "{files}"
_SHELL_WORDS = frozenset({"&&", "||", "|", ">", ">>", "<", "2>&1", "&"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


def words_of(template: str) -> tuple[str, ...]:
    """The words of a command line, quotes resolved the way a POSIX shell does.

    Raises ValueError, with a text for the person who wrote the command, where it cannot be started without a shell.
    """
    try:
        words = shlex.split(template)
        bare = shlex.split(template, posix=False)  # keeps the quotes, so a quoted "|" is not mistaken for a pipe
    except ValueError as error:
        raise ValueError(f"the command cannot be split into words ({error}): {template}") from None
    if not words:
        raise ValueError("the command is empty")
    operators = [word for word in bare if word in _SHELL_WORDS]
    if operators:
        raise ValueError(
            f"the command is started without a shell, so `{operators[0]}` would be an argument; write sh -c '…'"
        )
    if _ASSIGNMENT.match(words[0]):
        raise ValueError(f"the command is started without a shell; put {words[0]} under `env` of the gate")
    for word in words:
        if FILES in word and word != FILES:
            raise ValueError(f"{FILES} must stand alone, it cannot be part of a longer word: {word}")
    return tuple(words)


def wants_files(template: str) -> bool:
    """Whether the command has a place for the changed files; raises ValueError as `words_of` does."""
    return FILES in words_of(template)


def expand(template: str, files: Sequence[str]) -> tuple[str, ...]:
    """The argument list of a command, each file an argument of its own in the place of `{files}`.

    A name with a leading dash gets `./` in front, so that no tool reads it as an option. Other braces stay as they
    are. Raises ValueError as `words_of` does.
    """
    argv: list[str] = []
    for word in words_of(template):
        argv += map(_guarded, files) if word == FILES else [word]
    return tuple(argv)


def batches(template: str, files: Sequence[str], limit: int = 100_000) -> tuple[tuple[str, ...], ...]:
    """The argument lists that together name every file once, each of at most `limit` bytes where that is possible.

    A command without `{files}` gives one list; one with `{files}` and no files gives none. Raises ValueError as
    `words_of` does.
    """
    words = words_of(template)
    places = words.count(FILES)
    if not places:
        return (words,)
    room = limit - sum(_size(word) for word in words if word != FILES)
    cuts, used = [0], 0
    for index, file in enumerate(files):
        size = _size(_guarded(file)) * places
        if used and used + size > room:
            cuts.append(index)
            used = 0
        used += size
    return tuple(expand(template, files[start:end]) for start, end in pairwise((*cuts, len(files))) if start < end)


def reads_of(value: object) -> tuple[tuple[str, str], ...]:
    """What the setting `reads` names, as (format, file), with an empty file for standard output.

    The setting is None, a format ("sarif"), or a mapping of formats to files ({"junit": "junit.xml"}). Raises
    ValueError for anything else.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return ((value, ""),)
    if isinstance(value, Mapping):
        return tuple((str(name), "" if file is None else _inner(str(file))) for name, file in value.items())
    raise ValueError(f"`reads` must be a format or a mapping of formats to files, not {value!r}")


def _inner(file: str) -> str:
    # the reports of a job are removed before it starts, so they must lie where nothing else can be hit
    if file.startswith("/") or ".." in file.split("/"):
        raise ValueError(f"`reads` must name files inside of the project, not {file}")
    return file


def _guarded(file: str) -> str:
    return f"./{file}" if file.startswith("-") else file


def _size(word: str) -> int:
    """The bytes that a word takes in the argument list, with its closing zero; any lone surrogate is counted too."""
    return len(word.encode("utf-8", "surrogatepass")) + 1
