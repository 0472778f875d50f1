"""The few lines of source around a finding."""

from __future__ import annotations

import re
from functools import lru_cache

from gatekeeper.formats.credentials import without_credentials
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.change import Change
from gatekeeper.model.finding import Finding
from gatekeeper.model.frozen import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class ExcerptLine:
    """One line of source: its number, its text (safe to show), and whether the finding is about it."""

    number: int
    text: str
    marked: bool


def excerpt(change: Change, finding: Finding, limit: int = 3) -> tuple[ExcerptLine, ...]:
    """At most `limit` lines of the head tree around a finding, from its file in the change.

    Empty where the finding has no line, its file is not part of the change, or has no such line. A finding about
    several lines shows its first ones, one about a single line the lines around it. Credentials are
    masked, whatever the finding is about; one about a credential brings its own masked line.
    """
    if finding.line is None or finding.line < 1 or finding.rule.startswith("secret-"):
        return ()
    file = change.file(finding.path)
    text = (file.text if file is not None else None) or ""
    lines = _lines(text)
    if finding.line > len(lines):
        return ()
    last = max(finding.end_line or finding.line, finding.line)
    first = finding.line - (0 if last > finding.line else (limit - 1) // 2)
    numbers = range(max(first, 1), min(max(first, 1) + limit - 1, len(lines)) + 1)
    shown = [
        ExcerptLine(n, _shown(without_credentials(lines[n - 1], of=text), finding, n), finding.line <= n <= last)
        for n in numbers
    ]
    while shown and not shown[-1].marked and not shown[-1].text:
        shown.pop()
    while shown and not shown[0].marked and not shown[0].text:
        shown.pop(0)
    return tuple(shown)


@lru_cache(maxsize=32)
def _lines(text: str) -> tuple[str, ...]:
    # not str.splitlines: a form feed or U+2028 ends no line for Python, Git or an editor
    lines = _LINE_END.split(text)
    return tuple(lines[:-1] if lines and not lines[-1] else lines)


def _shown(line: str, finding: Finding, number: int) -> str:
    """The line, or the part around the finding's column where the line is very long."""
    column = finding.column or 0
    if len(line) > _LONGEST:
        start = max(column - 60, 0) if number == finding.line else 0
        line = ("…" if start else "") + line[start : start + _LONGEST]
    return one_line(line.expandtabs(4)).rstrip()
