"""The verdict table of the terminal: one row for each gate."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.durations import duration
from gatekeeper.formats.figures import figure
from gatekeeper.formats.terminal_text import cells, pad, phrase, wrap
from gatekeeper.formats.text_style import MARKS, WORDS, Role, TextStyle, verdict_role
from gatekeeper.model.verdict import Status, Verdict

_GAP = "  "
_LEAST_SUMMARY = 30


def verdict_lines(verdicts: Sequence[Verdict], style: TextStyle) -> list[str]:
    """A row for each verdict: mark and status, gate, figure, time, summary.

    Where the line is too narrow for the summary it stands below its row, and so do figure and time if need be.
    """
    rows = [[style.signs(text) for text in _cells(verdict)] for verdict in verdicts]
    widths = [max((cells(row[column]) for row in rows), default=0) for column in range(4)]
    indent = sum(width + len(_GAP) for width in widths if width) + 2
    below = style.width - indent < _LEAST_SUMMARY
    stacked = indent - len(_GAP) > style.width
    lines = []
    for verdict, row in zip(verdicts, rows, strict=True):
        shown = row[:2] if stacked else row
        painted = [_painted(text, widths[column], column, verdict, style) for column, text in enumerate(shown)]
        head = "  " + _GAP.join(text for text in painted if text)
        summary = style.signs(phrase(verdict.summary))
        if below:
            told = ", ".join(part for part in (*(row[2:] if stacked else ()), summary) if part)
            lines += [head.rstrip(), *(f"      {line}" for line in wrap(told, style.width - 6) if line)]
        else:
            first, *rest = wrap(summary, style.width - indent)
            lines += [f"{head}{_GAP}{first}".rstrip(), *(" " * indent + line for line in rest)]
    return lines


def _cells(verdict: Verdict) -> list[str]:
    time = "reused" if verdict.reused else duration(verdict.seconds)
    return [
        f"{MARKS[verdict.status]} {WORDS[verdict.status]}",
        phrase(verdict.name) + (" (advisory)" if verdict.advisory else ""),
        figure(verdict),
        "" if verdict.status is Status.SKIPPED and not verdict.reused else time,
    ]


def _painted(text: str, width: int, column: int, verdict: Verdict, style: TextStyle) -> str:
    if column == 3:  # times line up at their unit
        return style.paint(" " * (width - cells(text)) + text, Role.QUIET)
    role = (verdict_role(verdict), Role.TITLE, Role.PLAIN)[column]
    return style.paint(text, role) + pad(text, width)[len(text) :]
