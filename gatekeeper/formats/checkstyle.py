"""Reads checkstyle XML, the report of Checkstyle and of the many checkers that copied it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from gatekeeper.formats.places import placed
from gatekeeper.formats.safe_xml import local_name, number, parse_xml
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic

_LEVELS = {"error": "error", "warning": "warning", "info": "note", "ignore": "none"}


def read_checkstyle(text: str, root: str) -> tuple[Diagnostic, ...]:
    """Every message of a report; a severity that is absent or unknown is taken for an error.

    Raises UnreadableReport, also where the tool says that it could not get through a file.
    """
    tree = parse_xml(text, "checkstyle", frozenset({"checkstyle"}))
    found: list[Diagnostic] = []
    for file in tree:
        if local_name(file) != "file":
            continue
        path = placed(file.get("name", ""), root)
        for element in file:
            if local_name(element) == "exception":
                raise UnreadableReport(f"the checkstyle report says that {path} could not be checked")
            if local_name(element) == "error":
                found.append(_diagnostic(element, path))
    return tuple(found)


def _diagnostic(element: Element, path: str) -> Diagnostic:
    return Diagnostic(
        path=path,
        line=number(element, "line") or None,
        rule=element.get("source", "") or "checkstyle",
        message=element.get("message", ""),
        level=_LEVELS.get(element.get("severity", "error").lower(), "error"),
        column=number(element, "column") or None,
    )
