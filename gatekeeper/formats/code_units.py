"""Splits a Python text into what an import executes and the bodies of its functions, so that two texts compare."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from gatekeeper.formats.comments import CODING, Span, without_comments
from gatekeeper.formats.docstrings_apart import digest, docstrings_apart, has_odd_lines
from gatekeeper.formats.function_heads import head_of, header_end, postpones
from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.formats.python_source import first_line, parse, parse_once
from gatekeeper.formats.type_checking import unexecuted
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.selection import ANNOTATIONS, AT_IMPORT, DOCSTRINGS

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_OwnScope = (*_Function, ast.ClassDef, ast.Lambda)
_DOTTED = lazy_pattern(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A function that is not inside of another one: its first line (decorators included), its last, and its body.

    `own` are the lines of the body that say something. `head` are those before it where annotations stand apart: an
    import executes them, and does not go by the annotations.
    """

    first: int
    last: int
    body: str
    own: tuple[int, ...] = ()
    head: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeUnits:
    """The parts of a text: what an import executes, and each function. Bodies and the former are told by digests.

    `imports` are the dotted names that the text imports or names, relative ones with their dots in front. `rest` are
    the lines that say something and stand in no body, in no docstring, and in no `head`. `docs` are the docstrings in
    the order of what has them, each with its first line; empty and 0 where there is none that stands on lines of its
    own. `annotations` is a digest of those that stand in heads.
    """

    at_import: str
    units: tuple[Unit, ...]
    imports: tuple[str, ...]
    rest: tuple[int, ...] = ()
    docs: tuple[tuple[str, int], ...] = ()
    annotations: str = ""

    def number(self, line: int) -> int:
        """The number of the function that holds this line, or `AT_IMPORT`."""
        number = bisect_right(self.units, line, key=lambda unit: unit.first) - 1
        return number if number >= 0 and line <= self.units[number].last else AT_IMPORT

    def parts(self, lines: Iterable[int]) -> frozenset[int]:
        """The numbers of the parts that hold those of these lines that say something, docstrings left out."""
        heads = {line for unit in self.units for line in unit.head}
        telling = {*self.rest, *heads, *(line for unit in self.units for line in unit.own)}
        some = [line for line in lines if line in telling or not self.rest]
        return frozenset(AT_IMPORT if line in heads else self.number(line) for line in some)

    def changed(self, new: CodeUnits) -> frozenset[int]:
        """The numbers of the parts that are other ones in a newer text; `AT_IMPORT` where all of them may be.

        `DOCSTRINGS` is among them where a docstring is another one, came or went, and the import does not go by it,
        and `ANNOTATIONS` likewise.
        """
        if (self.at_import, len(self.units), len(self.docs)) != (new.at_import, len(new.units), len(new.docs)):
            return frozenset({AT_IMPORT})
        pairs = zip(self.units, new.units, strict=True)
        changed = {number for number, (old, now) in enumerate(pairs) if old.body != now.body}
        if [doc for doc, _ in self.docs] != [doc for doc, _ in new.docs]:
            changed.add(DOCSTRINGS)
        if self.annotations != new.annotations:
            changed.add(ANNOTATIONS)
        return frozenset(changed)

    def stays(self, new: CodeUnits) -> bool:
        """Whether all that did not change stands on the same lines in a newer text."""
        changed = self.changed(new)
        if AT_IMPORT in changed or self.rest != new.rest:
            return False
        pairs = list(enumerate(zip(self.units, new.units, strict=True)))
        begin_there = all(old.head[:1] == now.head[:1] for _, (old, now) in pairs)
        return begin_there and all(number in changed or old.own == now.own for number, (old, now) in pairs)

    def moved(self, new: CodeUnits) -> dict[int, int]:
        """Where each line of the parts that did not change stands in a newer text; empty where all may have changed."""
        changed = self.changed(new)
        if AT_IMPORT in changed:
            return {}
        found = dict(zip(self.rest, new.rest, strict=True))
        found.update((old, now) for (_, old), (_, now) in zip(self.docs, new.docs, strict=True) if old and now)
        for number, (old, now) in enumerate(zip(self.units, new.units, strict=True)):
            found.update(zip(old.head[:1], now.head[:1], strict=True))  # coverage tells a statement by its first line
            if number not in changed:
                found.update(zip(old.own, now.own, strict=True))
        return found


@lru_cache(maxsize=64)  # the two texts of a change are asked for again and again, and to parse takes long
def read_units(text: str) -> CodeUnits:
    """The parts of a text. One that cannot be parsed is executed as a whole by an import.

    The header of a function, its decorators, defaults and annotations belong to the import, and so does what kind of
    function it is, and whether a class has a docstring. Docstrings stand apart, where nothing else is on their lines,
    and so do the annotations of functions where an import keeps them as texts.
    Blank lines and comments belong to nothing, nor does what is said to type checkers alone.
    """
    return _read(parse(text), text)


def read_units_once(text: str) -> CodeUnits:
    """The same for a text that nobody asks for again: nothing of it is held."""
    return _read(parse_once(text), text)


def _read(tree: ast.Module | None, text: str) -> CodeUnits:
    try:
        return CodeUnits(digest([text]), (), ()) if tree is None else _parts(tree, text.split("\n"))
    except RecursionError:
        return CodeUnits(digest([text]), (), ())


def _parts(tree: ast.Module, lines: list[str]) -> CodeUnits:
    literals, imports = _walked(tree)
    over_lines = [range(first, last + 1) for (first, _), (last, _) in literals if last > first]
    kept = _telling(lines).union(*over_lines) - unexecuted(tree, lines)
    docs, marks, documents = docstrings_apart(tree, lines)
    lines = without_comments(lines, literals)
    units = []
    bodies: set[int] = set()
    heads: dict[int, str] = {}  # what an import executes of a head, by its first line
    annotations = []
    stand_apart = postpones(tree) and not has_odd_lines(lines)
    for node in _functions(tree):
        span = _body(node)
        own = [line for line in span if line in kept]
        last = node.end_lineno or node.lineno
        may_yield = any("yield" in line for line in lines[node.lineno - 1 : last])  # to look into it takes longer
        marks.append(f"{type(node).__name__} {may_yield and _yields(node)}")
        if span and span.start <= header_end(node):  # the body begins on the line of the header
            own = []
        head = head_of(node, lines) if stand_apart else None
        above = tuple(line for line in head.lines if line in kept) if head else ()
        if head:
            heads[node.lineno] = head.executed
            annotations.append(head.annotations)
        units.append(
            Unit(first_line(node), last, digest([lines[line - 1].rstrip() for line in own]), tuple(own), above)
        )
        bodies.update(own, above)
    rest = tuple(sorted(kept - bodies - documents))
    executed = {**{line: lines[line - 1].rstrip() for line in rest}, **heads}
    at_import = digest([*(executed[line] for line in sorted(executed)), *marks])
    told = digest(annotations) if annotations else ""
    return CodeUnits(at_import, tuple(units), tuple(sorted(imports)), rest, docs, told)


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that are inside of no other one, in the order of the text."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield child
        elif not isinstance(child, ast.Lambda):
            yield from _functions(child)


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    """The lines of the statements of a function, without its docstring; empty where there are no others."""
    body = node.body
    if ast.get_docstring(node, clean=False) is not None:
        before, body = body[0].end_lineno or 0, body[1:]
        if body and body[0].lineno == before:
            return range(0)
    if not body:
        return range(0)
    start = first_line(body[0])
    return range(start, (node.end_lineno or start) + 1)


def _yields(node: ast.AST) -> bool:
    """Whether a call of the function makes a generator."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(child, _OwnScope) and _yields(child):
            return True
    return False


def _telling(lines: list[str]) -> set[int]:
    """The lines that say something by themselves: neither blank nor a comment."""
    return {
        number
        for number, line in enumerate(lines, 1)
        if (line.strip() and not line.lstrip().startswith("#")) or (number <= 2 and CODING.match(line))
    }


def _walked(tree: ast.Module) -> tuple[list[Span], set[str]]:
    """Where each literal stands, since a blank line or a `#` says something there; and what is imported.

    One walk for both, by hand: `ast.walk` takes three times as long, and this is most of what a map costs.
    """
    spans: list[Span] = []
    imports: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            last = node.end_lineno or node.lineno
            spans.append(((node.lineno, node.col_offset), (last, node.end_col_offset or 0)))
        if isinstance(node, (ast.Constant, ast.Import, ast.ImportFrom)):
            imports.update(_imported(node))
            continue
        for value in vars(node).values():
            if isinstance(value, list):
                waiting += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)
    return spans, imports


def _imported(node: ast.Constant | ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The dotted names that a node imports, or names in a text."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and _DOTTED().match(node.value):
            yield node.value  # such as the name of a plugin, or of what a test replaces
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        dots, module = "." * node.level, node.module or ""
        yield dots + module
        yield from (f"{dots}{module}.{alias.name}" if module else dots + alias.name for alias in node.names)
