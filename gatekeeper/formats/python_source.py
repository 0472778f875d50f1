"""Reads Python source text with `ast`: which statements stand on which lines, and which definitions enclose them."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock

from gatekeeper.model.change import Definition, FileChange, Hunk, LineSpan

_Definitional = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Documented = (ast.Module, *_Definitional)
_OwnLines = (ast.stmt, ast.ExceptHandler)
_Blocks = (*_OwnLines, ast.match_case)
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
WHOLE = (LineSpan(1, 2**31),)
"""Spans that meet every line of any file."""


_MOST_HELD = 700_000  # characters; a tree takes about forty times the memory of its text


class _Trees:
    """The trees of the texts that were asked for last; these come to so many characters, or are a single one.

    Review, coverage, the plan and the relaxations read the same few texts, in two threads. One waits for the other,
    which costs nothing: Python parses in one thread at a time anyway.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._length = 0
        self._held: dict[str, ast.Module | None] = {}  # in the order of use
        self._lock = Lock()

    def of(self, text: str) -> ast.Module | None:
        with self._lock:
            if text in self._held:
                tree = self._held.pop(text)
            else:
                tree = parse_once(text)
                self._length += len(text)
            self._held[text] = tree
            while self._length > self._most and len(self._held) > 1:
                oldest = next(iter(self._held))
                del self._held[oldest]
                self._length -= len(oldest)
            return tree


_TREES = _Trees(_MOST_HELD)


def parse(text: str) -> ast.Module | None:
    """The tree of a module, or None where the text is not Python that this interpreter can read; not to be altered.

    What Python warns about while it parses (an invalid escape, say) is not heard: it is pylint's to tell.
    """
    return _TREES.of(text)


def parse_once(text: str) -> ast.Module | None:
    """The same for a text that nobody asks for again: its tree is not held."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(maxsize=32)
def statements(text: str) -> tuple[LineSpan, ...]:
    """The own lines of every statement and `except` clause, docstrings left out, in the order of their first line.

    A simple statement owns all of its lines, a compound one its decorators and its header. Their number is the one
    that pylint divides by. Empty for what cannot be parsed.
    """
    tree = parse(text)
    spans = _statements(_blocks(tree)) if tree else ()
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def statements_touched(text: str, lines: Iterable[int]) -> int:
    """How many statements have one of these lines among their own; nobody looks at most of a text for that."""
    touched = sorted(set(lines))
    tree = parse(text) if touched else None
    if tree is None:
        return 0
    return sum(meets(span, touched) for span in _statements(_blocks(tree, touched)))


def definitions(text: str, spans: Sequence[LineSpan]) -> tuple[Definition, ...]:
    """The functions, methods and classes whose lines (decorators included) meet one of the spans.

    Both the innermost and the enclosing ones, outer before inner, with their dotted names inside the file. Empty for
    what cannot be parsed.
    """
    if not spans:
        return ()
    return tuple(
        found
        for found in _definitions(text)
        if any(found.span.start <= span.end and span.start <= found.span.end for span in spans)
    )


def touched_definitions(file: FileChange) -> tuple[Definition, ...]:
    """The definitions of a changed Python file whose head lines the change touches; none where its text is not known.

    A pure removal touches the lines on both sides of its gap.
    """
    return definitions(file.text, tuple(map(_touched_lines, file.hunks))) if file.is_python and file.text else ()


def _touched_lines(hunk: Hunk) -> LineSpan:
    return LineSpan(hunk.new_start, hunk.new_start + (hunk.new_count - 1 if hunk.new_count else 1))


def lines_for_some_pythons(text: str) -> frozenset[int]:
    """The lines in the branches of every `if` that asks for the version of Python or the platform.

    What stands there may use names and parameters that the Python which reads the text does not have.
    """
    tree = parse(text)
    lines: set[int] = set()
    for node in _blocks(tree) if tree else ():
        if isinstance(node, ast.If) and any(map(_tells_pythons_apart, ast.walk(node.test))):
            for inner in (*node.body, *node.orelse):
                lines.update(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return frozenset(lines)


def _tells_pythons_apart(node: ast.AST) -> bool:
    """Whether this is `sys.version_info`, `sys.platform` or the like."""
    return isinstance(node, ast.Attribute) and node.attr in ("version_info", "hexversion", "platform")


def innermost(found: Sequence[Definition], line: int) -> str:
    """The dotted name of the innermost of these definitions that holds the line; empty outside of all."""
    holding = [definition for definition in found if line in definition.span]
    return max(holding, key=lambda definition: (definition.span.start, -definition.span.end)).name if holding else ""


def _statements(blocks: Iterable[ast.AST]) -> Iterator[LineSpan]:
    """The own lines of those of these nodes that are statements; a docstring comes after what it is of."""
    docstrings: set[ast.AST] = set()
    for node in blocks:
        if isinstance(node, _Documented) and _opens_with_text(node):
            docstrings.add(node.body[0])
        if isinstance(node, _OwnLines) and node not in docstrings:
            yield _own_lines(node)


def _opens_with_text(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _own_lines(node: ast.stmt | ast.ExceptHandler) -> LineSpan:
    if not hasattr(node, "body") and not isinstance(node, ast.Match):
        return LineSpan(node.lineno, node.end_lineno or node.lineno)
    start, end = node.lineno, node.lineno
    for part in _header_parts(node):
        start = min(start, getattr(part, "lineno", start))
        end = max(end, getattr(part, "end_lineno", None) or end)
    return LineSpan(start, end)


def _header_parts(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of the header of a compound statement, without what lies within others: all that is not in its body."""
    for name in node._fields:
        if name not in _BLOCKS:
            value = getattr(node, name, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, ast.AST):
                    yield from [child] if hasattr(child, "lineno") else ast.walk(child)


def _blocks(tree: ast.Module, lines: Sequence[int] | None = None) -> Iterator[ast.AST]:
    """All that may have statements in it, and these; expressions have none, and are most of a tree.

    With `lines`, which are sorted, without what neither stands on one of them nor around one.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        inner = _inner(node)
        waiting += inner if lines is None else [child for child in inner if may_hold(child, lines)]


def _inner(node: ast.AST) -> list[ast.AST]:
    """What stands in the blocks of a node, in the order of the source."""
    return [child for name in _BLOCKS for child in getattr(node, name, ()) if isinstance(child, _Blocks)]


def first_line(node: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def may_hold(node: ast.AST, lines: Sequence[int]) -> bool:
    """Whether a node may stand on one of these lines, which are sorted, or around one; some do not say where."""
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if first is None or last is None:
        return True
    return meets(LineSpan(first_line(node) if isinstance(node, ast.stmt) else first, last), lines)


def meets(span: LineSpan, lines: Sequence[int]) -> bool:
    """Whether one of these lines, which are sorted, is in the span."""
    place = bisect_left(lines, span.start)
    return place < len(lines) and lines[place] <= span.end


@lru_cache(maxsize=32)
def _definitions(text: str) -> tuple[Definition, ...]:
    """Every definition of a text, in the order of the source; none of what cannot be parsed."""
    tree = parse(text)
    return tuple(_definitions_in(tree)) if tree else ()


def _definitions_in(tree: ast.Module) -> Iterator[Definition]:
    """Every definition of a tree; an explicit stack, since hostile code nests deeply."""
    stack: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
    while stack:
        node, prefix, in_class = stack.pop()
        if isinstance(node, _Definitional):
            prefix = f"{prefix}.{node.name}" if prefix else node.name
            is_class = isinstance(node, ast.ClassDef)
            kind = "class" if is_class else "method" if in_class else "function"
            yield Definition(prefix, kind, LineSpan(first_line(node), node.end_lineno or node.lineno))
            in_class = is_class
        stack.extend((child, prefix, in_class) for child in reversed(_inner(node)))
