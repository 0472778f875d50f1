"""Encodes foreign text for GitHub-flavoured Markdown so that it can only ever be text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gatekeeper.formats.terminal_text import REPLACEMENT, fit, text_lines, without_ansi

_TICKS = re.compile(r"`+")
# words and numbers that no filter of a forge turns into a link, a mention or anything else; a word that could be an
# abbreviated commit id is none of them
_HARMLESS = re.compile(
    r"(?!\(?[0-9a-f]{7,}[.,;:)]*$)\(?(?:[A-Za-z]{1,30}(?:[-'][A-Za-z]{1,30})*|[0-9]{1,6}(?:\.[0-9]{1,4})?x?)\)?[.,;:]?"
)
# a word, or what a writer has put between backticks, with what punctuation follows
_WORD = re.compile(r"(?<!\S)`(?P<code>[^`]+)`(?P<end>[.,;:]?)(?!\S)|\S+")
_MAIL_SIGN = re.compile(r"(?<=[^\s])&#64;")
_BARE_SIGNS = frozenset("%/=-<>+→≥≤")


def code(text: str, limit: int = 200) -> str:
    """The text as inline code on one line: links, mentions, HTML, table cells and emphasis are dead in it.

    Every ASCII character but letters and digits becomes a character reference, what is invisible or reorders becomes
    U+FFFD. Longer texts than `limit` characters are cut.
    """
    return _inline(_one_line(text, limit)) if text else ""


def prose(text: str, limit: int = 300) -> str:
    """A sentence on one line: plain words and numbers stay as they are, everything else becomes inline code.

    What stands between backticks is inline code without them.
    """
    runs: list[tuple[bool | None, list[str]]] = []
    for found in _WORD.finditer(_one_line(" ".join(text.split()), limit)):
        word = found[0]
        if found["code"] and found["code"].strip():
            runs.append((None, [f"{_inline(found['code'].strip())}{found['end']}"]))
            continue
        harmless = bool(_HARMLESS.fullmatch(word)) or word.rstrip(").,;") in _BARE_SIGNS
        if runs and runs[-1][0] is harmless:
            runs[-1][1].append(word)
        else:
            runs.append((harmless, [word]))
    return " ".join(words[0] if harmless is None else _run(harmless, words) for harmless, words in runs)


def fence(lines: Iterable[str], language: str = "") -> list[str]:
    """The lines (safe and without line ends) as a fenced block that none of them can close."""
    body = [_flat(line) for line in lines]
    longest = max((len(run) for line in body for run in _TICKS.findall(line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}{language}", *body, ticks]


def block_lines(text: str, width: int = 200) -> list[str]:
    """A text of several lines as safe lines for a fence, each cut to `width` columns."""
    return [fit(line, width) for line in text_lines(text)]


def encoded(text: str) -> str:
    """Safe text with a character reference for every ASCII character that is no letter, digit or space."""
    return "".join(char if not char.isascii() or char.isalnum() or char == " " else f"&#{ord(char)};" for char in text)


def _run(harmless: bool, words: list[str]) -> str:
    text = " ".join(words)
    if not harmless:
        before, inner, after, end = _peeled(text)
        return f"{encoded(before)}{_inline(inner)}{encoded(after)}{end}" if inner else _inline(text)
    # a number with a dot behind it could begin a list
    return "".join(part if part in ".,;:" else encoded(part) for part in re.split(r"((?<!\d)\.|[,;:])", text) if part)


def _peeled(text: str) -> tuple[str, str, str, str]:
    """The bracket before a run, the run, the bracket after it, and the sign of a sentence behind that."""
    end = text[-1] if text[-1] in ".,;:" else ""
    inner = text[: len(text) - len(end)]
    opened, closed = inner.count("("), inner.count(")")
    before = "(" if inner.startswith("(") and (opened > closed or _is_bracketed(inner)) else ""
    after = ")" if inner.endswith(")") and (closed > opened or before) else ""
    return before, inner[len(before) : len(inner) - len(after)], after, end


def _is_bracketed(text: str) -> bool:
    """Whether the bracket at the start is closed at the end and not before."""
    return text.endswith(")") and text.index(")") > text.rfind("(")


def _inline(text: str) -> str:
    # the parser looks for mail addresses after it has resolved references, even within HTML: it must not see one whole
    return f"<code>{_MAIL_SIGN.sub('</code><code>&#64;', encoded(text))}</code>"


def _one_line(text: str, limit: int) -> str:
    flat = _flat(without_ansi(text))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _flat(text: str) -> str:
    return "".join(char if char.isprintable() else REPLACEMENT for char in text)
