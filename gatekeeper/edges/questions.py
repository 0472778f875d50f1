"""Asks a person at the terminal, and nobody where there is none."""

from __future__ import annotations

import os
import sys
from functools import cache

from gatekeeper.formats.terminal_text import phrase

_TRIES = 3


def may_ask() -> bool:
    """Whether a person sits there: both the input and standard error are a terminal, and this is not CI."""
    return not os.environ.get("CI") and all(
        stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)
    )


@cache
def ask_person(question: str, options: tuple[str, str]) -> str:
    """The option that a person chooses, by its number or its name; empty for none of them.

    The answer holds for as long as the command runs, so the same question is asked once. It is asked on standard
    error, since standard output may be a document.
    """
    sys.stderr.write(f"{phrase(question)}\n")
    for number, option in enumerate(options, 1):
        sys.stderr.write(f"  {number}  {phrase(option)}\n")
    for _ in range(_TRIES):
        sys.stderr.write("1, 2, or Enter for neither: ")
        sys.stderr.flush()
        answer = sys.stdin.readline().strip()
        if not answer:
            return ""
        chosen = {"1": options[0], "2": options[1], **{option: option for option in options}}.get(answer)
        if chosen:
            return chosen
    return ""
