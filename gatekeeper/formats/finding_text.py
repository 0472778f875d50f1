"""A finding as lines for a terminal: place, severity, rule, message, source and detail."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.excerpt import ExcerptLine, excerpt
from gatekeeper.formats.terminal_text import cells, cut_middle, one_line, phrase, text_lines, wrap
from gatekeeper.formats.text_style import SEVERITY_ROLES, Role, TextStyle
from gatekeeper.model.change import Change
from gatekeeper.model.finding import Finding

DETAIL_LINES = 15
_LONGEST_MESSAGE = 600


def finding_lines(finding: Finding, change: Change, style: TextStyle) -> list[str]:
    """The finding: a line that begins with `path:line:col`, an excerpt of at most three lines, and its detail."""
    detail = cut_middle(text_lines(finding.detail), DETAIL_LINES)
    lines = _head(finding, style)
    lines += [_excerpt_line(line, style) for line in shown_excerpt(finding, change, detail)]
    lines += ["    " + style.paint(style.fit(line, style.width - 4), Role.QUIET) for line in detail]
    return lines


def shown_excerpt(finding: Finding, change: Change, detail: Sequence[str]) -> tuple[ExcerptLine, ...]:
    """The excerpt of a finding, or nothing where its detail already holds the marked source."""
    lines = excerpt(change, finding)
    marked = [line.text.strip() for line in lines if line.marked]
    return () if marked and all(any(text in line for line in detail) for text in marked) else lines


def place(finding: Finding) -> str:
    """Where a finding is, as editors and terminals understand it: "src/app.py:12:5"; "(no file)" without a path."""
    text = one_line(finding.path) or "(no file)"
    if finding.line is not None:
        text += f":{finding.line}"
        if finding.column is not None:
            text += f":{finding.column}"
    return text


def _head(finding: Finding, style: TextStyle) -> list[str]:
    """Place, severity, rule and message, on as few lines as the width allows; the place is never broken."""
    parts = [
        (style.signs(text), role)
        for text, role in (
            (place(finding), Role.TITLE),
            (finding.severity.value, SEVERITY_ROLES[finding.severity]),
            (phrase(finding.rule), Role.QUIET),
        )
        if text
    ]
    needed = sum(cells(text) + 2 for text, _ in parts)
    first, *rest = [style.paint(text, role) for text, role in parts]
    message = style.fit(phrase(finding.message), _LONGEST_MESSAGE)
    if needed + 2 + cells(message) <= style.width:
        return [f"  {'  '.join([first, *rest])}  {message}".rstrip()]
    head = [f"  {'  '.join([first, *rest])}"] if needed <= style.width else [f"  {first}", f"    {'  '.join(rest)}"]
    return [*head, *(f"    {line}" for line in wrap(message, style.width - 4))]


def _excerpt_line(line: ExcerptLine, style: TextStyle) -> str:
    text = style.fit(line.text, style.width - 13)
    number = f"{'>' if line.marked else ' '} {line.number:>4} "
    role = Role.BAD if line.marked else Role.QUIET
    bar = style.paint(style.signs("│"), Role.QUIET)
    body = text if line.marked else style.paint(text, Role.QUIET)
    return f"    {style.paint(number, role)}{bar} {body}".rstrip()
