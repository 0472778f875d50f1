"""Starts Git, through GitPython."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from select import POLLIN, poll
from subprocess import PIPE
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from gatekeeper.model.errors import GatekeeperError

if TYPE_CHECKING:
    from subprocess import Popen

    from git.cmd import Git

SILENCE = 30.0
"""For how many seconds Git may say nothing while it prints an object: of one that is damaged it prints too little."""

_AT_ONCE = 1 << 16  # bytes


def execute(
    arguments: list[str],
    folder: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    lock: int | None = None,
) -> tuple[int, bytes, str]:
    """Start Git in a folder and tell its exit code, its output and its complaint; it inherits the open file `lock`."""
    with _source(stdin) as source, _told_if_missing():
        status, output, error = _load()(folder).execute(
            ["git", *arguments],
            istream=source,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            env={"GIT_TERMINAL_PROMPT": "0", **(env or {})},
            pass_fds=() if lock is None else (lock,),
        )
    return int(status), output if isinstance(output, bytes) else b"", str(error)


class AnsweringGit:
    """A Git that waits for questions, until `end` is called or its input is closed.

    It is heard through `readline` and `read`, which tell less than was asked for where it has ended. What it complains
    of is read away meanwhile: once that pipe is full it would answer no more.
    """

    def __init__(self, process: Any) -> None:
        self._process = process
        self._ears = poll()
        self._ears.register(process.stdout, POLLIN)
        self._ears.register(process.stderr, POLLIN)
        self._heard = b""

    def ask(self, text: bytes) -> None:
        """Put questions to it, of which all are answered before there are others; raises `BrokenPipeError`."""
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def readline(self) -> bytes:
        """What it says up to the end of a line."""
        while b"\n" not in self._heard:
            more = self._listen(None)
            if not more:
                break
            self._heard += more
        line, end, self._heard = self._heard.partition(b"\n")
        return line + end

    def read(self, size: int) -> bytes:
        """What it says next, of this many bytes; less also where it keeps silent in the middle of that."""
        parts, missing = [self._heard], size - len(self._heard)
        while missing > 0:
            more = self._listen(SILENCE)
            if not more:
                break
            parts.append(more)
            missing -= len(more)
        whole = b"".join(parts)
        self._heard = whole[size:]
        return whole[:size]

    def end(self) -> None:
        """End it, whatever it still wants to say; a second time nothing happens."""
        running = cast("Popen[bytes]", self._process.proc)
        if running.returncode is None:
            running.kill()
            running.communicate()

    def _listen(self, patience: float | None) -> bytes:
        """The next that it says; nothing where it has ended, or where it said nothing for so many seconds."""
        while heard := {number for number, _ in self._ears.poll(None if patience is None else patience * 1000)}:
            if self._process.stderr.fileno() in heard and not os.read(self._process.stderr.fileno(), _AT_ONCE):
                self._ears.unregister(self._process.stderr)
            if self._process.stdout.fileno() in heard:
                return os.read(self._process.stdout.fileno(), _AT_ONCE)
        return b""


def answering(arguments: list[str], folder: str, env: Mapping[str, str]) -> AnsweringGit:
    """Start a Git in a folder that is asked again and again."""
    with _told_if_missing():
        settings = {"GIT_TERMINAL_PROMPT": "0", **env}
        asked = cast(BinaryIO, PIPE)
        process = _load()(folder).execute(["git", *arguments], istream=asked, as_process=True, env=settings)
    return AnsweringGit(process)


@contextmanager
def _source(text: bytes) -> Iterator[BinaryIO | None]:
    """A file for Git to read from, where there is a text; over a pipe it and we could wait for one another."""
    if not text:
        yield None
        return
    with tempfile.TemporaryFile() as source:
        source.write(text)
        source.seek(0)
        yield cast(BinaryIO, source)


@contextmanager
def _told_if_missing() -> Iterator[None]:
    _load()
    from git.exc import GitCommandNotFound  # noqa: PLC0415 - after `_load`

    try:
        yield
    except GitCommandNotFound as missing:
        hint = "install Git and make sure that it is on the PATH"
        raise GatekeeperError("Git could not be started", hint) from missing


def _load() -> type[Git]:
    """GitPython's starter of Git without the rest of its package.

    Importing the package imports an object model that nobody uses here, and asks Git for its version twice: 40 ms of
    every commit. So the package is entered by its name and its folder alone, unless somebody has imported all of it;
    and so is the object store below it, of which GitPython's starter needs the error classes.
    """
    for package in ("gitdb", "git"):
        if package not in sys.modules:
            spec = PathFinder.find_spec(package)
            if spec is None:
                raise GatekeeperError("GitPython is missing", "install Gatekeeper again: `pip install gatekeeper-ci`")
            sys.modules[package] = module_from_spec(spec)  # known, and not carried out
    from git.cmd import Git  # noqa: PLC0415 - after the line above

    return Git


def no_repository(folder: str, error: str) -> tuple[str, str]:
    """Why Git found no repository for a folder, and what helps, from what it said."""
    _, setting, place = error.partition("safe.directory ")
    if setting:
        return (
            f"{folder} belongs to another user, and Git reads nothing there",
            f"if you trust what it holds: git config --global --add safe.directory {place.strip()}",
        )
    usual = error.startswith("fatal: not a git repository")  # says the same again; anything else is the cause
    cause = "" if usual else f": {error.strip()}"
    return f"{folder} is not in a Git repository{cause}", "run Gatekeeper inside a repository, or name one with -C"
