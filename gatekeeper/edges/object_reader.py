"""Reads objects through one Git that stays: to start one costs as much as to read some hundred objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock
from weakref import finalize

from gatekeeper.edges.git_program import AnsweringGit, answering
from gatekeeper.formats.cat_file import read_objects

_AT_ONCE = 50  # ids, of 41 or 65 bytes: no system's pipe is too small for them, so that nobody waits for the other


class ObjectReader:
    """A `git cat-file --batch` that is started with the first question, and ends with whoever holds this.

    Threads may ask at the same time; one is answered after another.
    """

    def __init__(self, arguments: list[str], folder: str, env: Mapping[str, str]) -> None:
        self._how = arguments, folder, env
        self._git: AnsweringGit | None = None
        self._lock = Lock()

    def read(self, names: Sequence[str], limit: int) -> tuple[list[bytes | None], bool]:
        """The objects of these ids as `read_objects` tells them, and raises them too."""
        with self._lock:
            if self._git is not None:
                with suppress(EOFError):  # somebody may have ended it since, as an interrupt at the terminal does
                    return self._asked(self._git, names, limit)
            return self._asked(self._start(), names, limit)

    def _asked(self, git: AnsweringGit, names: Sequence[str], limit: int) -> tuple[list[bytes | None], bool]:
        """What this Git answers, which is kept only where it has answered everything."""
        self._git, is_whole = None, False
        try:
            found, is_whole = _answers(git, names, limit)
            return found, not is_whole
        except BrokenPipeError as ended:
            raise EOFError from ended
        finally:
            if is_whole:
                self._git = git
            else:  # half an answer may still be on its way: this one can be asked nothing more
                git.end()

    def _start(self) -> AnsweringGit:
        git = answering(*self._how)
        finalize(self, git.end).atexit = False  # Git ends by itself where we do
        return git


def _answers(git: AnsweringGit, names: Sequence[str], limit: int) -> tuple[list[bytes | None], bool]:
    """The objects up to the first that is too large, and whether there was none."""
    found: list[bytes | None] = []
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        git.ask("".join(f"{name}\n" for name in some).encode())
        more, is_oversize = read_objects(git, len(some), limit)
        found += more
        if is_oversize:
            return found, False
    return found, True
