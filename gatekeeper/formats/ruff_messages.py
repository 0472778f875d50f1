"""Reads the JSON report of `ruff check`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic

SYNTAX = "invalid-syntax"
"""The rule of a message that tells of a file which ruff cannot parse."""


def read_ruff_messages(text: str) -> tuple[Diagnostic, ...]:
    """The messages of a report, with the file names as ruff wrote them (bytes that are not UTF-8 are replaced).

    A syntax error has the rule `SYNTAX` and the level "error"; all else is a "warning", since ruff knows no severity.
    Raises UnreadableReport where the text is no such report.
    """
    try:
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise TypeError("not a list")
        return tuple(map(_message, rows))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableReport(f"the report of ruff cannot be read ({type(error).__name__}: {error})") from None


def name_in_report(path: str) -> str:
    """A path the way ruff writes it: every byte sequence that is not UTF-8 becomes a replacement character."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _message(row: Mapping[str, Any]) -> Diagnostic:
    code = row["code"] or SYNTAX
    start, end = row["location"], row.get("end_location") or {}
    return Diagnostic(
        path=str(row["filename"]),
        line=start["row"],
        rule=str(code),
        message=str(row["message"]),
        level="error" if code == SYNTAX else "warning",
        column=start["column"],
        end_line=end.get("row"),
    )
