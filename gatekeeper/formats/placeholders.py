"""Puts values into the placeholders of a template: in one pass, so that no value is ever read as a template."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from gatekeeper.formats.config_errors import listed, shown
from gatekeeper.model.errors import UsageError

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{")
_DOUBLED = {"{{": "{", "}}": "}"}


def filled(text: str, values: Mapping[str, str], where: str) -> str:
    """The text with the value for each `{name}`; `{{` and `}}` stand for a brace.

    `where` names the template in messages. Raises UsageError for an unknown placeholder, and for a brace that is not
    closed.
    """

    def value(match: re.Match[str]) -> str:
        piece = match[0]
        if piece in _DOUBLED:
            return _DOUBLED[piece]
        name = match[1]
        if name is None or name not in values:
            raise _refusal(text, piece, values, where)
        return values[name]

    return _PIECE.sub(value, text)


def check_placeholders(text: str, known: Collection[str], where: str) -> None:
    """Raise UsageError where `filled` would."""
    filled(text, dict.fromkeys(known, ""), where)


def _refusal(text: str, piece: str, known: Collection[str], where: str) -> UsageError:
    what = f"{shown(text)} in {where} has an opening brace without an end"
    if piece != "{":
        what = f"{shown(text)} in {where} has an unknown placeholder"
    return UsageError(what, f"known are {listed(f'{{{name}}}' for name in known)}; write {{{{ for a brace")
