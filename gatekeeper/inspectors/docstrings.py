"""Reads which parameters a docstring tells about, in the styles of Google, NumPy and Sphinx."""

from __future__ import annotations

import re
from typing import Literal

import griffe

_PARAMETERS = (griffe.DocstringSectionKind.parameters, griffe.DocstringSectionKind.other_parameters)
# A word without which a docstring has no section of the style; it spares the reading of most docstrings.
_HINTS: dict[Literal["sphinx", "numpy", "google"], tuple[str, ...]] = {
    "sphinx": (":param", ":parameter", ":arg", ":key"),
    "numpy": ("Parameters\n---", "Parameters\n===", "Parameters\n ", "Args\n---"),
    "google": ("Args:", "Arguments:", "Parameters:", "Params:"),
}


def documented_parameters(docstring: str) -> tuple[str, ...]:
    """The names of the parameters that a docstring tells about, without stars; empty where it has no such section."""
    for style, hints in _HINTS.items():
        if not any(hint in docstring for hint in hints):
            continue
        names = _names(docstring, style)
        if names:
            return names
    return ()


def _names(docstring: str, style: Literal["google", "numpy", "sphinx"]) -> tuple[str, ...]:
    try:
        sections = griffe.parse(griffe.Docstring(docstring), style, warnings=False)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError):
        return ()
    found: dict[str, None] = {}
    for section in sections:
        if section.kind in _PARAMETERS:
            for parameter in section.value:
                # Several names may share an entry ("x, y"), and a type with a colon in it may cling to the name.
                for name in re.split(r"[,/]", parameter.name.partition("(")[0]):
                    read = re.match(r"[\s*\\`]*([^\W\d]\w*)", name)
                    if read:
                        found[read[1]] = None
    return tuple(found)
