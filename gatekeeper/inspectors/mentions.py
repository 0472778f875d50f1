"""Finds the places in documentation that still name what was removed from the public interface."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Iterable, Iterator

from gatekeeper.formats.docs_paths import markup_of
from gatekeeper.formats.docs_text import CodeSpan, code_blocks, code_spans
from gatekeeper.model.frozen import dataclass

_TELLS_REMOVAL = re.compile(r"\b(remov|renam|no longer|former|dropp|migrat|replac|deprecat|used to be)", re.IGNORECASE)
# Words that mean something of Python itself wherever nothing stands in front of them.
_EVERYDAY = sys.stdlib_module_names | frozenset(dir(builtins)) | frozenset(keyword.kwlist)
_OBJECT_ROLES = frozenset({"func", "class", "meth", "exc", "data", "attr", "obj", "const", "auto", "any"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that names a removed object: the public name, the path, the line and what stands there."""

    name: str
    path: str
    line: int
    text: str


class Removed:
    """A removed object and the ways in which documentation may name it.

    `paths` are its public names. A single word counts only where nothing else in the code bears the name (`ambiguous`
    are those names) nor a constant that is shown by it (`PASSED` as `passed`), or where it is marked as an object of
    Python. One with its module or class in front always does.
    """

    def __init__(self, paths: Iterable[str], in_class: bool, ambiguous: set[str]) -> None:
        self.name = min(paths, key=lambda path: (path.count("."), path))
        self.last = self.name.rpartition(".")[2]
        forms = {form for path in paths for form in _qualified(path, in_class)}
        self._qualified = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, sorted(forms))) + r")(?!\w)")
        self._imported = re.compile(
            r"from\s+("
            + "|".join(sorted({re.escape(path.rpartition(".")[0]) for path in paths}) or ["-"])
            + r")\s+import\s"
            r"(\([^)]*|[^\n(]*)\b" + re.escape(self.last) + r"\b"
        )
        self._has_form = bool(forms)
        self._in_class = in_class
        self._ambiguous = self.last in ambiguous or (self.last.islower() and self.last.upper() in ambiguous)

    def is_in_span(self, span: CodeSpan) -> bool:
        """Whether a code span names the object."""
        if self._has_form and self._qualified.search(span.text):
            return True
        if self._in_class or self.last in _EVERYDAY or not re.match(re.escape(self.last) + r"(\(.*\))?$", span.text):
            return False
        return span.role in _OBJECT_ROLES or not self._ambiguous

    def line_in_block(self, text: str) -> int | None:
        """The line of a block of code that names the object, counted from 0."""
        found = self._qualified.search(text) if self._has_form else None
        found = found or (None if self._in_class else self._imported.search(text))
        return None if found is None else text.count("\n", 0, found.end())


def _qualified(path: str, in_class: bool) -> Iterator[str]:
    """The dotted ends of a public name that are clear enough: with the class, or with the package in front."""
    parts = path.split(".")
    if in_class:
        yield ".".join(parts[-2:])
    for start in range(len(parts) - (2 if in_class else 1)):
        if start == 0 or parts[start] not in _EVERYDAY:
            yield ".".join(parts[start:])


def find_mentions(removed: Iterable[Removed], docs: Iterable[tuple[str, str]]) -> Iterator[Mention]:
    """Every place in the texts, given as (path, text), that names one of the removed objects."""
    objects = list(removed)
    for path, text in docs:
        wanted = [item for item in objects if item.last in text]
        if not wanted:
            continue
        lines, markup = text.splitlines(), markup_of(path)
        places = set()
        for span in code_spans(text, markup):
            places |= {(span.line, item.name) for item in wanted if item.is_in_span(span)}
        for block in code_blocks(text, markup):
            for item in wanted:
                line = item.line_in_block(block.text)
                places |= set() if line is None else {(block.line + line, item.name)}
        for line, name in sorted(places):
            if not _tells_removal(lines, line):
                yield Mention(name, path, line, lines[line - 1].strip()[:200])


def _tells_removal(lines: list[str], line: int) -> bool:
    """Whether the sentence around a line says itself that the thing is gone."""
    return any(_TELLS_REMOVAL.search(text) for text in lines[max(0, line - 2) : line + 1])
