"""Evaluates as much of GitHub's expressions as the action files use; anything else is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||==|!=|!|\(|\))|(?P<name>[A-Za-z_][\w.-]*(?:\(\))?))"
)
_INSERTED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = ("cancelled()", "always()", "failure()", "success()")


def expanded(text: str, context: Mapping[str, Any]) -> str:
    """A text with its expressions replaced by their values."""
    return _INSERTED.sub(lambda found: _written(evaluated(found[1], context)), text)


def condition(text: str, context: Mapping[str, Any], failed: bool) -> bool:
    """Whether a step is run: without a word on the state of the job, only while nothing has failed."""
    if not text:
        return not failed
    inner = _INSERTED.fullmatch(text.strip())
    wanted = bool(evaluated(inner[1] if inner else text, {**context, "failed": failed}))
    return wanted if any(word in text for word in STATUS) else wanted and not failed


def evaluated(text: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression. Raises ValueError for what is not understood."""
    tokens = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise ValueError(f"not understood: {text[position:]!r}")
        tokens.append(found[0].strip())
        position = found.end()
    value, rest = _either(tokens, context)
    if rest:
        raise ValueError(f"not understood: {' '.join(rest)}")
    return value


def _either(tokens: list[str], context: Mapping[str, Any]) -> tuple[Any, list[str]]:
    left, rest = _both(tokens, context)
    while rest[:1] == ["||"]:
        right, rest = _both(rest[1:], context)
        left = left or right
    return left, rest


def _both(tokens: list[str], context: Mapping[str, Any]) -> tuple[Any, list[str]]:
    left, rest = _compared(tokens, context)
    while rest[:1] == ["&&"]:
        right, rest = _compared(rest[1:], context)
        left = left and right
    return left, rest


def _compared(tokens: list[str], context: Mapping[str, Any]) -> tuple[Any, list[str]]:
    left, rest = _one(tokens, context)
    if rest[:1] in (["=="], ["!="]):
        right, after = _one(rest[1:], context)
        equal = _written(left).lower() == _written(right).lower()
        return (equal if rest[0] == "==" else not equal), after
    return left, rest


def _one(tokens: list[str], context: Mapping[str, Any]) -> tuple[Any, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "!":
        value, rest = _one(rest, context)
        return not value, rest
    if first == "(":
        value, rest = _either(rest, context)
        if rest[:1] != [")"]:
            raise ValueError("a bracket is missing")
        return value, rest[1:]
    if first.startswith("'"):
        return first[1:-1].replace("''", "'"), rest
    if first in STATUS:
        failed = bool(context.get("failed"))
        return {"cancelled()": False, "always()": True, "failure()": failed, "success()": not failed}[first], rest
    value: Any = context
    if first.split(".")[0] not in context:
        raise ValueError(f"there is no context for {first}")
    for word in first.split("."):
        value = value.get(word, "") if isinstance(value, Mapping) else ""
    return value, rest


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
