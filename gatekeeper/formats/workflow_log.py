"""Keeps a text in the log of a job of GitHub Actions from being taken for a command of the workflow."""

from __future__ import annotations

import re

# the runner takes `::` for one behind blanks at the start of a line, and `##[` wherever it stands
_START = re.compile(r"((?:\A|[\r\n])[\s\ufeff]*)(?=::)")


def defused(text: str) -> str:
    r"""The text with a backslash in what could be a command: `\::error::` and `##\[error]`.

    Between `stop-commands` and its end nothing would have to change, but standard output has that, and the runner reads
    both streams at once: one of the two would turn the other's protection off.
    """
    return _START.sub(r"\1\\", text).replace("##[", "##\\[")
