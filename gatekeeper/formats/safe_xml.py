"""Parses XML that a program of the repository wrote, so that no document can make the parser work without bound.

The parser of the standard library is safe enough here. What can go wrong in it comes from a document type declaration:
entities that grow to gigabytes ("billion laughs"), or that name files to be read. A document with such a declaration is
refused before the parser sees it; the one harmless form, which only names an outside DTD (Cobertura reports carry it),
is cut out, and nothing is ever fetched. After the root element has begun, XML allows no declaration.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from gatekeeper.formats.unreadable import UnreadableReport

_PROLOG = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_NAMED_DTD = re.compile(r"<!DOCTYPE\s+[\w:.-]+(?:\s+(?:SYSTEM|PUBLIC)(?:\s+(?:\"[^\"]*\"|'[^']*')){1,2})?\s*>")


def parse_xml(text: str, format: str, roots: frozenset[str]) -> ElementTree.Element:
    """The root element of a document whose name, without namespace, is one of `roots`.

    `format` names the kind of report in the message. Raises UnreadableReport for text that is no XML, is cut off, has
    another root, or carries a document type declaration of its own.
    """
    try:
        root = ElementTree.fromstring(_without_doctype(text, format))  # noqa: S314 - see the head of this module
    except (ElementTree.ParseError, ValueError) as error:
        if isinstance(error, UnreadableReport):
            raise
        raise UnreadableReport(f"the {format} report is no complete XML: {error}") from None
    if local_name(root) not in roots:
        expected = " or ".join(f"<{name}>" for name in sorted(roots))
        raise UnreadableReport(f"the {format} report begins with <{local_name(root)}>, not with {expected}")
    return root


def local_name(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def number(element: ElementTree.Element, name: str) -> int | None:
    """The whole number that an attribute holds, or None where it is absent or holds something else."""
    value = element.get(name, "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None


def _without_doctype(text: str, format: str) -> str:
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    named = _NAMED_DTD.match(text, start)
    if named:
        # What follows must be the root element: a second declaration makes the parser refuse the document.
        text = text[:start] + text[named.end() :]
        start = _PROLOG.match(text, start).end()  # type: ignore[union-attr]  # the pattern matches the empty text too
    if text.startswith("<!", start):
        raise UnreadableReport(f"the {format} report carries a DOCTYPE, which is not read for safety")
    return text
