"""The form of help and of usage errors: prose fits the terminal, and an error is two lines, with the next step."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from gatekeeper.model.report import Exit

_WIDEST = 118
"""How many columns prose takes at most: lines that are longer are hard to read."""


class HelpForm(argparse.HelpFormatter):
    """Wraps each paragraph at the width of the terminal; a paragraph with an indented line stays as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (self._paragraph(part, min(width, _WIDEST)) for part in text.strip("\n").split("\n\n"))
        return textwrap.indent("\n\n".join(paragraphs), indent)

    @staticmethod
    def _paragraph(text: str, width: int) -> str:
        if any(line.startswith(" ") for line in text.splitlines()):
            return text
        return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are short: what is wrong, and where the options are listed."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        # an abbreviation that holds today may mean two options tomorrow
        usual: dict[str, Any] = {"formatter_class": HelpForm, "allow_abbrev": False}
        super().__init__(*args, **usual | settings)

    def error(self, message: str) -> NoReturn:
        """End with the exit code for wrong usage; the whole usage would bury the one line that counts."""
        self.exit(Exit.USAGE, f"gatekeeper: {_safe(message)}\n  see `{self.prog} --help`\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        said = _meant(str(value), choices) or f"; choose from {', '.join(choices)}"
        raise argparse.ArgumentError(action, f"invalid choice: {str(value)!r}{said}")


class CommandParser(Parser):
    """The parser of one command: tells of what it does not know by itself, since the root knows no options of it."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse everything there is, or end with an error."""
        options, rest = super().parse_known_args(args, namespace)
        if rest:
            said = _meant(rest[0].partition("=")[0], self._option_string_actions) if rest[0].startswith("--") else ""
            self.error(f"unrecognised argument{'s'[: len(rest) - 1]}: {' '.join(rest)}{said}")
        return options, rest


def _meant(word: str, known: Iterable[str]) -> str:
    """The question after a slip of the finger, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    found: Sequence[str] = get_close_matches(word, list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def _safe(text: str) -> str:
    """The text as one line that the terminal can show and that holds no control codes."""
    encoding = sys.stderr.encoding or "utf-8"
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
    return shown.encode(encoding, "backslashreplace").decode(encoding)
