"""Finds the comments by which a change silences a tool: on added lines only, and never inside of a string."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Container, Iterator

from gatekeeper.model.change import Change, FileChange
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_PATTERNS = {
    "noqa": r"#\s*(?:ruff\s*:\s*|flake8\s*[:=]\s*)?noqa\b",
    "pylint: disable": r"#\s*pylint\s*:\s*(?:disable|skip-file)",
    "pragma: no cover": r"#\s*pragma[:\s]?\s*no\s*(?:cover|branch)",
    "type: ignore": r"#\s*(?:type|pyright)\s*:\s*ignore|#\s*mypy\s*:\s*\S",
    "nosec": r"#\s*nosec\b",
}
_COMPILED = {what: re.compile(pattern, re.IGNORECASE) for what, pattern in _PATTERNS.items()}
_ANY = re.compile("|".join(_PATTERNS.values()), re.IGNORECASE)
_LONGEST = 120


def new_suppressions(change: Change) -> Iterator[PolicyChange]:
    """A relaxation for each comment on an added line that silences a tool and did not stand in a removed one."""
    for file in change.files:
        if file.exists and file.path.endswith((".py", ".pyi")) and file.text and _ANY.search(file.text):
            yield from _of_file(file)


def _of_file(file: FileChange) -> Iterator[PolicyChange]:
    removed = {line for span in file.removed for line in range(span.start, span.end + 1)}
    before = Counter((what, text) for _, what, text in _suppressions(file.base_text or "", removed))
    for line, what, text in _suppressions(file.text or "", file.added_lines):
        if before[what, text]:
            before[what, text] -= 1  # the line was edited, its comment was not
        else:
            yield PolicyChange(Relaxed.SUPPRESSION, file.path, line, what, "", text)


def _suppressions(text: str, wanted: Container[int]) -> Iterator[tuple[int, str, str]]:
    """Line, kind and words of each such comment on one of the wanted lines."""
    lines = text.split("\n")
    if not any(number in wanted and _ANY.search(line) for number, line in enumerate(lines, 1)):
        return
    for number, comment in _comments(text, lines):
        for what, pattern in _COMPILED.items():
            found = pattern.search(comment) if number in wanted else None
            if found:
                end = comment.find("#", found.end())
                words = comment[found.start() : end if end > 0 else None].strip()
                yield number, what, words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _comments(text: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    """The comments with their lines; from where the text is not Python any more, whatever stands behind a `#`."""
    last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            last = token.start[0]
            if token.type == tokenize.COMMENT:
                yield last, token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        for number, line in enumerate(lines[last:], last + 1):
            if "#" in line:
                yield number, line[line.index("#") :]
