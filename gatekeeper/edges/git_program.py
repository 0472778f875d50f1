"""Starts Git, through GitPython."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

from gatekeeper.model.errors import GatekeeperError

if TYPE_CHECKING:
    from git.cmd import Git


def execute(
    arguments: list[str],
    folder: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    lock: int | None = None,
) -> tuple[int, bytes, str]:
    """Start Git in a folder and tell its exit code, its output and its complaint; it inherits the open file `lock`."""
    git = _load()
    from git.exc import GitCommandNotFound  # noqa: PLC0415 - after `_load`

    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        try:
            status, output, error = git(folder).execute(
                ["git", *arguments],
                istream=source,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env={"GIT_TERMINAL_PROMPT": "0", **(env or {})},
                pass_fds=() if lock is None else (lock,),
            )
        except GitCommandNotFound as missing:
            raise GatekeeperError(
                "Git could not be started", "install Git and make sure that it is on the PATH"
            ) from missing
    return int(status), output if isinstance(output, bytes) else b"", str(error)


def _load() -> type[Git]:
    """GitPython's starter of Git without the rest of its package.

    Importing the package imports an object model that nobody uses here, and asks Git for its version twice: 40 ms of
    every commit. So the package is entered by its name and its folder alone, unless somebody has imported all of it.
    """
    if "git" not in sys.modules:
        spec = PathFinder.find_spec("git")
        if spec is None:
            raise GatekeeperError("GitPython is missing", "install Gatekeeper again: `pip install gatekeeper-ci`")
        sys.modules["git"] = module_from_spec(spec)  # known, and not carried out
    from git.cmd import Git  # noqa: PLC0415 - after the line above

    return Git
