"""Puts into words what is wrong with a configuration: where, what, and how to mend it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from gatekeeper.formats.located import Place
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.frozen import dataclass

_TYPES = {
    "boolean": "true or false",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "array": "a list",
    "object": "a mapping of keys to values",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: `where` names a file or a flag, `line` counts from 1 or is None where it is unknown."""

    where: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{origin(self.where, self.line)}: {self.message}"


def origin(where: str, line: int | None) -> str:
    """A file and a line as one word, such as `.gatekeeper.yml:3`, safe to print whatever the name holds."""
    name = one_line(where)
    return name if line is None else f"{name}:{line}"


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that was probably meant; `likeness` is how near it must be, up to 1."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    words = list(known)
    found = get_close_matches(word.lower(), [name.lower() for name in words], n=1, cutoff=likeness)
    return next(name for name in words if name.lower() == found[0]) if found else None


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, or all there are."""
    words = list(known)
    near = nearest(word, words)
    if near:
        return f"did you mean `{near}`?"
    return f"known are {listed(words)}" if words else "there are none"


def listed(words: Iterable[str]) -> str:
    """Words in backquotes with commas between them."""
    return ", ".join(f"`{word}`" for word in words)


def dotted(place: Place) -> str:
    """A place the way people write it: `gates.docs.paths[0]`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{one_line(part)[:80]}"
    return text.removeprefix(".")


def shown(value: Any) -> str:
    """A value in the words of a message, cut to a readable length."""
    if isinstance(value, str):
        text = one_line(value)
        return f'the text "{text if len(text) <= 60 else text[:59] + "…"}"'
    if isinstance(value, bool) or value is None:
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _number(value)
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def expected(schema: Mapping[str, Any]) -> str:
    """What a schema asks for, in words: "a number from 0 to 10"."""
    options = schema.get("enum") or schema.get("then", {}).get("enum")
    words = [f"one of {listed(str(o) for o in options if isinstance(o, str))}"] if options else []
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind == "null" or (kind == "string" and options):
            continue
        words.append(_TYPES[kind] + _inside(kind, schema))
    return " or ".join(words)


def _inside(kind: str, schema: Mapping[str, Any]) -> str:
    """What a list holds, or how far a number may go."""
    if kind == "array":
        words = {"integer": " of whole numbers", "object": " of mappings"}
        return words.get(schema.get("items", {}).get("type"), " of texts")
    low, high = schema.get("minimum"), schema.get("maximum")
    return "" if low is None or high is None else f" from {low} to {high}"


def _number(value: float) -> str:
    if isinstance(value, int) and value.bit_length() > 100:
        return "a number of many digits"
    return f"{value:g}" if isinstance(value, float) and math.isfinite(value) else str(value)
