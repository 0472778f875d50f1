"""Finds the docstrings of a Python text that an import does not go by, other than to keep them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from gatekeeper.formats.comments import CODING

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_ESCAPES = frozenset("\n\\'\"abfnrtvx0123")  # Python warns of others, or has changed its mind about them
_NO_REWRITE = "PYTEST_DONT_REWRITE"  # in the docstring of a module it tells pytest how to import it
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings_apart(tree: ast.Module, lines: list[str]) -> tuple[tuple[tuple[str, int], ...], list[str], set[int]]:
    """The docstrings that stand apart with their first lines, what an import goes by in them, and all of their lines.

    `dataclasses` and `enum` ask whether a class has a docstring, and pytest looks into those of modules for a word.
    Where Python may warn of a text, an import can fail by it.
    """
    docs: list[tuple[str, int]] = []
    marks: list[str] = []
    taken: set[int] = set()
    are_odd = has_odd_lines(lines)
    for node in _documented(tree):
        text = ast.get_docstring(node, clean=False)
        if isinstance(node, ast.ClassDef):
            marks.append("class" if text is None else f"class {'text' if text else 'empty'}")
        if text is None or are_odd or not _is_alone(node.body[0], lines):
            docs.append(("", 0))
            continue
        first = node.body[0]
        if isinstance(node, ast.Module) and _NO_REWRITE in text:
            marks.append(_NO_REWRITE)
        docs.append((digest([text]), first.lineno))
        source = "\n".join(lines[first.lineno - 1 : first.end_lineno])
        if "\\" in source and not _PLAIN_ESCAPES.issuperset(_ESCAPE.findall(source)):
            marks.append(docs[-1][0])
        taken.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return tuple(docs), marks, taken


def _documented(node: ast.AST) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """All that may have a docstring and is inside of no function, in the order of the text."""
    if isinstance(node, (ast.Module, ast.ClassDef, *_Function)):
        yield node
    if not isinstance(node, (*_Function, ast.Lambda, ast.expr)):
        for child in ast.iter_child_nodes(node):
            yield from _documented(child)


def _is_alone(node: ast.stmt, lines: list[str]) -> bool:
    """Whether nothing else stands on the lines of a statement, and none of them tells the encoding of the text."""
    last = node.end_lineno or node.lineno
    before = lines[node.lineno - 1][: node.col_offset]
    after = lines[last - 1].encode("utf-8", "surrogatepass")[node.end_col_offset :]
    return not (before.strip() or after.strip() or any(map(CODING.match, lines[node.lineno - 1 : min(last, 2)])))


def has_odd_lines(lines: list[str]) -> bool:
    """Whether Python counts other lines than we do."""
    return any("\r" in line and "\r" in line[:-1] for line in lines)


def digest(lines: Iterable[str]) -> str:
    """What tells these lines from others."""
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]
