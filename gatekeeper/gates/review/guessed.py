"""Knows which messages of pylint rest on a guess at what a star unpacks."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gatekeeper.formats.python_source import parse
from gatekeeper.model.reading import Diagnostic

_COUNTS_ARGUMENTS = frozenset({"no-value-for-parameter", "too-many-function-args", "missing-kwoa"})


def without_guesses(messages: Sequence[Diagnostic], text: str) -> list[Diagnostic]:
    """The messages without those that count the arguments of a call with `*values` or `**values`.

    pylint takes an empty list that is filled later for one that stays empty, and then misses every argument.
    """
    if not any(message.rule in _COUNTS_ARGUMENTS for message in messages):
        return list(messages)
    tree = parse(text)
    starred = {
        (node.lineno, node.col_offset)
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Call) and _unpacks(node)
    }
    return [m for m in messages if m.rule not in _COUNTS_ARGUMENTS or (m.line, m.column) not in starred]


def _unpacks(call: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in call.args) or any(k.arg is None for k in call.keywords)
