"""Makes text of unknown origin safe and measurable before it reaches a terminal or a document."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from gatekeeper.formats.lazy_pattern import lazy_pattern

REPLACEMENT = "\ufffd"

_ANSI = lazy_pattern(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, cursor, erasing
    r"|\x1b[\]P^_X][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # OSC and its like: titles, links, the clipboard
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_BACKSLASHED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SURROGATE = lazy_pattern("[\ud800-\udfff]")
_NO_BYTE = lazy_pattern("[\ud800-\udc7f\udd00-\udfff]")


def without_ansi(text: str) -> str:
    """The text without complete ANSI control sequences."""
    return text if text.isprintable() else _ANSI().sub("", text)


def one_line(text: str) -> str:
    """The text on one line, with everything visible that could move the cursor, reorder or hide.

    Control, bidirectional and zero-width characters become backslash escapes; so do bytes that are no UTF-8
    (`\\xff`). Blank characters other than the space become a space.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def phrase(text: str) -> str:
    """A message as one line of prose: ANSI sequences gone, runs of white space made one space, the rest visible."""
    return one_line(" ".join(without_ansi(text).split()))


def text_lines(text: str) -> list[str]:
    """A text of several lines, each of them safe; tabs become spaces, blank lines at both ends are dropped."""
    lines = [one_line(line.expandtabs(4)).rstrip() for line in _LINE_END.split(without_ansi(text))]
    while lines and not lines[-1]:
        lines.pop()
    start = next((number for number, line in enumerate(lines) if line), 0)
    return lines[start:]


def cut_middle(lines: list[str], limit: int) -> list[str]:
    """At most `limit` (at least 3) lines: the first and the last of them, and between them how many were left out."""
    if len(lines) <= limit:
        return lines
    head = limit // 2
    tail = limit - head - 1
    return [*lines[:head], f"… {len(lines) - head - tail} more lines …", *lines[len(lines) - tail :]]


def cells(text: str) -> int:
    """How many columns a terminal needs for a safe line."""
    if text.isascii():
        return len(text)
    return sum(_char_cells(char) for char in text)


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """The text cut to `width` columns, with an ellipsis where something was cut."""
    if cells(text) <= width:
        return text
    if width < len(ellipsis):
        return ellipsis[: max(width, 0)]
    kept, used = [], 0
    for char in text:
        used += _char_cells(char)
        if used > width - len(ellipsis):
            break
        kept.append(char)
    return "".join(kept).rstrip() + ellipsis


def pad(text: str, width: int) -> str:
    """The text with spaces up to `width` columns."""
    return text + " " * (width - cells(text))


def wrap(text: str, width: int) -> list[str]:
    """The words of a safe line on lines of about `width` columns; a word that is longer stays whole."""
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def without_surrogates(text: str) -> str:
    """The text with U+FFFD where it holds a lone surrogate, so that any encoder takes it."""
    return text if text.isascii() else _SURROGATE().sub(REPLACEMENT, text)


def name_bytes(path: str) -> bytes:
    """The bytes of a file name; a surrogate that stands for no byte becomes U+FFFD."""
    return path.encode() if path.isascii() else _NO_BYTE().sub(REPLACEMENT, path).encode("utf-8", "surrogateescape")


def _visible(char: str) -> str:
    if char in _BACKSLASHED:
        return _BACKSLASHED[char]
    if unicodedata.category(char) == "Zs":
        return " "
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _char_cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
