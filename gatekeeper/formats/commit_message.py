"""Takes out of the file in which a commit message is edited what Git will not commit."""

from __future__ import annotations

import re

_SCISSORS = re.compile(r"^(?P<mark>\S{1,8}) -{24} >8 -{24}$")


def cleaned(text: str, comment: str = "#") -> str:
    """The message without comments and without all that stands below the scissors.

    `comment` is what begins a comment (`core.commentChar`). With "auto" Git chooses a character that it tells nobody:
    comments then stay, except below the scissors, whose own mark is known.
    """
    kept = []
    for line in text.splitlines():
        if _SCISSORS.match(line):
            break
        if comment == "auto" or not line.startswith(comment):
            kept.append(line.rstrip())
    return "\n".join(kept).strip() + "\n" if any(kept) else ""
