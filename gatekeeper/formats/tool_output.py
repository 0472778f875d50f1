"""The end of what a program printed, safe to show: no control sequences, bounded in every direction."""

from __future__ import annotations

from gatekeeper.formats.terminal_text import cut_middle, fit, text_lines
from gatekeeper.model.job import Outcome

_LINES = 40
_COLUMNS = 400
_CHARACTERS = 60_000


def output_tail(outcome: Outcome, stdout_is_report: bool = False) -> str:
    """The last lines of what a command printed."""
    texts = (outcome.stderr,) if stdout_is_report else (outcome.stdout, outcome.stderr)
    lines = [line for text in texts for line in text_lines(text[-_CHARACTERS:])[-_LINES:]]
    return "\n".join(fit(line, _COLUMNS) for line in cut_middle(lines, _LINES))


def last_words(text: str) -> str:
    """The last line that says something, or empty."""
    lines = [line.strip() for line in text_lines(text[-_CHARACTERS:]) if line.strip()]
    return fit(lines[-1], _COLUMNS) if lines else ""
