"""Matches paths against glob patterns of the kind that `.gitignore` knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(
    r"""(?P<deep>(?<![^/])\*\*/+)    # any number of folders, none included
      | (?P<below>(?<=/)\*\*$)       # everything below a folder
      | (?P<stars>\*+)               # anything within one name
      | (?P<one>\?)
      | (?P<set>\[[!^]?\]?[^\]/]*\])
      | (?P<either>\{[^{}/]*,[^{}/]*\})
      | (?P<escaped>\\.)
      | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_FIXED = {"deep": "(?:.*/)?", "below": ".+", "stars": "[^/]*", "one": "[^/]"}


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path with slashes, relative to the root that the patterns mean, is among what they describe.

    The last pattern that fits decides, and one with `!` in front takes away; where all of them take away, they do so
    from everything. No pattern at all means no limit. A pattern with a slash before its end is tied to the root,
    another fits a name at any depth, and what fits a folder fits all below it. `*`, `?` and `[…]` stay within a name,
    `**` does not; `{ts,tsx}` means either (that is not in `.gitignore`, yet everybody writes it).
    """
    taken = all(pattern.startswith("!") for pattern in patterns)
    for pattern in patterns:
        wanted = not pattern.startswith("!")
        if wanted is not taken and _compiled(pattern.removeprefix("!")).fullmatch(path):
            taken = wanted
    return taken


def is_pattern(text: str) -> bool:
    """Whether a text can describe other paths than the one it spells: it holds `*`, `?`, `[…]` or `{a,b}`."""
    return not {match.lastgroup for match in _TOKEN.finditer(text)} <= {"plain", "escaped"}


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    pattern = pattern.removeprefix("./")
    tied = "/" in pattern.rstrip("/")
    only_below = pattern.endswith("/")
    body = "".join(_regex(match) for match in _TOKEN.finditer(pattern.strip("/")))
    return re.compile(("" if tied else "(?:.*/)?") + body + ("/.*" if only_below else "(?:/.*)?"), re.DOTALL)


def _regex(token: re.Match[str]) -> str:
    """The regular expression of one part of a pattern."""
    kind, text = token.lastgroup or "", token[0]
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "set":
        return _set(text[1:-1])
    if kind == "either":
        return "(?:" + "|".join(_names(choice) for choice in text[1:-1].split(",")) + ")"
    return re.escape(text[-1])


def _set(inner: str) -> str:
    """A set of characters such as `[a-z]` or `[!0-9]`, which never holds a slash; one that cannot be fits nothing."""
    negated = inner[:1] in ("!", "^") and bool(inner[1:])
    chars = inner[1:] if negated else inner
    safe = re.sub(r"([\\\[\]&~|^])", r"\\\1", chars)
    regex = f"[^/{safe}]" if negated else f"[{safe}]"
    try:
        re.compile(regex)
    except re.error:
        return "(?!)"
    return regex


def _names(choice: str) -> str:
    return "".join(_regex(match) for match in _TOKEN.finditer(choice))
