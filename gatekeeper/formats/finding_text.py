"""A finding as lines for a terminal: place, severity, rule, message, source and detail."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.excerpt import ExcerptLine, excerpt
from gatekeeper.formats.terminal_text import cells, cut_middle, fit, one_line, phrase, text_lines, wrap
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
    lines += ["    " + style.paint(style.signs(fit(line, style.width - 4)), Role.QUIET) for line in detail]
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
    rule = phrase(finding.rule)
    plain = "  ".join(part for part in (place(finding), str(finding.severity), rule) if part)
    painted = "  ".join(
        style.paint(text, role)
        for text, role in (
            (style.signs(place(finding)), Role.TITLE),
            (str(finding.severity), SEVERITY_ROLES[finding.severity]),
            (style.signs(rule), Role.QUIET),
        )
        if text
    )
    message = style.signs(fit(phrase(finding.message), _LONGEST_MESSAGE))
    if cells(plain) + cells(message) + 4 <= style.width:
        return [f"  {painted}  {message}".rstrip()]
    return [f"  {painted}", *(f"    {line}" for line in wrap(message, style.width - 4))]


def _excerpt_line(line: ExcerptLine, style: TextStyle) -> str:
    text = style.signs(fit(line.text, style.width - 13))
    number = f"{'>' if line.marked else ' '} {line.number:>4} "
    role = Role.BAD if line.marked else Role.QUIET
    bar = style.paint(style.signs("│"), Role.QUIET)
    body = text if line.marked else style.paint(text, Role.QUIET)
    return f"    {style.paint(number, role)}{bar} {body}".rstrip()
