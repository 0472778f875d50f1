"""Signs and colours of everything that is shown on a terminal, with plain fall-backs for both."""

from __future__ import annotations

from enum import StrEnum

from gatekeeper.formats.terminal_text import fit
from gatekeeper.model.finding import Severity
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.verdict import Status, Verdict


class Role(StrEnum):
    """What a piece of text is for; the value is its ANSI code."""

    TITLE = "1"
    GOOD = "32"
    BAD = "1;31"
    WARN = "33"
    ACCENT = "36"
    QUIET = "2"
    PLAIN = ""


_SIGNS = "✓✗–·●≥≤…→│━─×"
_ASCII_SIGNS = str.maketrans(
    {"✓": "+", "✗": "x", "–": "-", "·": ".", "●": "*", "≥": ">=", "≤": "<=", "…": "...", "→": "->"}
    | {"│": "|", "━": "=", "─": "-", "×": "x"}
)

WORDS = {
    Status.PASSED: "PASSED",
    Status.FAILED: "FAILED",
    Status.ERROR: "COULD NOT CHECK",
    Status.SKIPPED: "SKIPPED",
}
MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.ERROR: "!", Status.SKIPPED: "–"}
SEVERITY_ROLES = {
    Severity.CRITICAL: Role.BAD,
    Severity.HIGH: Role.BAD,
    Severity.MEDIUM: Role.WARN,
    Severity.LOW: Role.QUIET,
}
_STATUS_ROLES = {
    Status.PASSED: Role.GOOD,
    Status.FAILED: Role.BAD,
    Status.ERROR: Role.BAD,
    Status.SKIPPED: Role.QUIET,
}


def verdict_role(verdict: Verdict) -> Role:
    """The colour of a verdict; an advisory one never looks as if it blocked, one that was waived stands out."""
    role = Role.WARN if verdict.waived else _STATUS_ROLES[verdict.status]
    return Role.WARN if verdict.advisory and role is Role.BAD else role


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How lines are drawn: their width in columns, whether in colour, whether with ASCII signs only."""

    width: int = 100
    colour: bool = False
    ascii_only: bool = False

    def paint(self, text: str, role: Role) -> str:
        """The text in the colour of its role."""
        if not (self.colour and role and text):
            return text
        return f"\x1b[{role}m{text}\x1b[0m"

    def signs(self, text: str) -> str:
        """The text with signs that the terminal has."""
        return text.translate(_ASCII_SIGNS) if self.ascii_only else text

    def fit(self, text: str, width: int) -> str:
        """The text with signs that the terminal has, cut to `width` columns."""
        return fit(self.signs(text), width, self.signs("…"))


def has_signs(encoding: str | None) -> bool:
    """Whether the encoding of a stream (None means UTF-8) holds the signs that are used here."""
    return fits_encoding(_SIGNS, encoding) == _SIGNS


def fits_encoding(text: str, encoding: str | None) -> str:
    """The text with backslash escapes for what the encoding of a stream (None means UTF-8) does not hold."""
    name = encoding or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)
