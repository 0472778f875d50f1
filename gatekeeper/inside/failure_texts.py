"""Makes short what pytest says of a failure; runs in the project's interpreter."""

from __future__ import annotations

from typing import Any

LONGEST_DETAIL = 6000


def with_margin(longrepr: Any) -> str:
    """The text of a failure; pytest takes the margin from its first line, which would then stand out of its source."""
    text = str(longrepr)
    chain = getattr(longrepr, "chain", None)
    trace = chain[0][0] if chain else getattr(longrepr, "reprtraceback", None)
    entries = getattr(trace, "reprentries", None)
    first = entries[0].lines[0] if entries and entries[0].lines else ""
    margin = first[: len(first) - len(first.lstrip())]
    return margin + text if margin and text.startswith(first.lstrip()) else text


def shortened(text: str, most: int = LONGEST_DETAIL) -> str:
    """The text, without its middle where it is too long: the end says what went wrong."""
    if len(text) <= most:
        return text
    return text[: most // 4] + "\n[...]\n" + text[-(most - most // 4) :]


def last_line(text: str) -> str:
    """The last line that is not empty, without the margin of pytest's tracebacks."""
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[-1].lstrip("E ") if lines else ""
