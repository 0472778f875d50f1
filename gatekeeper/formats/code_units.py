"""Splits a Python text into what an import executes and the bodies of its functions, so that two texts compare."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256

from gatekeeper.formats.comments import CODING, Span, without_comments
from gatekeeper.formats.python_source import parse, parse_once
from gatekeeper.formats.type_checking import unexecuted
from gatekeeper.model.frozen import dataclass

AT_IMPORT = -1
"""The number of the part that an import executes."""
DOCSTRINGS = -2
"""The number that stands for the docstrings of modules, of classes, and of functions that are not inside of others."""

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_OwnScope = (*_Function, ast.ClassDef, ast.Lambda)
_DOTTED = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_ESCAPES = frozenset("\n\\'\"abfnrtvx0123")  # Python warns of others, or has changed its mind about them
_NO_REWRITE = "PYTEST_DONT_REWRITE"  # in the docstring of a module it tells pytest how to import it


@dataclass(frozen=True, slots=True)
class Unit:
    """A function that is not inside of another one: its first line (decorators included), its last, and its body.

    `own` are the lines of the body that say something.
    """

    first: int
    last: int
    body: str
    own: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeUnits:
    """The parts of a text: what an import executes, and each function. Bodies and the former are told by digests.

    `imports` are the dotted names that the text imports or names, relative ones with their dots in front. `rest` are
    the lines that say something and stand in no body and in no docstring. `docs` are the docstrings in the order of
    what has them, each with its first line; empty and 0 where there is none that stands on lines of its own.
    """

    at_import: str
    units: tuple[Unit, ...]
    imports: tuple[str, ...]
    rest: tuple[int, ...] = ()
    docs: tuple[tuple[str, int], ...] = ()

    def number(self, line: int) -> int:
        """The number of the function that holds this line, or `AT_IMPORT`."""
        number = bisect_right(self.units, line, key=lambda unit: unit.first) - 1
        return number if number >= 0 and line <= self.units[number].last else AT_IMPORT

    def parts(self, lines: Iterable[int]) -> frozenset[int]:
        """The numbers of the parts that hold those of these lines that say something, docstrings left out."""
        telling = {*self.rest, *(line for unit in self.units for line in unit.own)}
        return frozenset(self.number(line) for line in lines if line in telling or not self.rest)

    def changed(self, new: CodeUnits) -> frozenset[int]:
        """The numbers of the parts that are other ones in a newer text; `AT_IMPORT` where all of them may be.

        `DOCSTRINGS` is among them where a docstring is another one, came or went, and the import does not go by it.
        """
        if (self.at_import, len(self.units), len(self.docs)) != (new.at_import, len(new.units), len(new.docs)):
            return frozenset({AT_IMPORT})
        pairs = zip(self.units, new.units, strict=True)
        changed = frozenset(number for number, (old, now) in enumerate(pairs) if old.body != now.body)
        says_the_same = [doc for doc, _ in self.docs] == [doc for doc, _ in new.docs]
        return changed if says_the_same else changed | {DOCSTRINGS}

    def stays(self, new: CodeUnits) -> bool:
        """Whether all that did not change stands on the same lines in a newer text."""
        changed = self.changed(new)
        if AT_IMPORT in changed or self.rest != new.rest:
            return False
        pairs = enumerate(zip(self.units, new.units, strict=True))
        return all(number in changed or old.own == now.own for number, (old, now) in pairs)

    def moved(self, new: CodeUnits) -> dict[int, int]:
        """Where each line of the parts that did not change stands in a newer text; empty where all may have changed."""
        changed = self.changed(new)
        if AT_IMPORT in changed:
            return {}
        found = dict(zip(self.rest, new.rest, strict=True))
        found.update((old, now) for (_, old), (_, now) in zip(self.docs, new.docs, strict=True) if old and now)
        for number, (old, now) in enumerate(zip(self.units, new.units, strict=True)):
            if number not in changed:
                found.update(zip(old.own, now.own, strict=True))
        return found


@lru_cache(maxsize=64)  # the two texts of a change are asked for again and again, and to parse takes long
def read_units(text: str) -> CodeUnits:
    """The parts of a text. One that cannot be parsed is executed as a whole by an import.

    The header of a function, its decorators, defaults and annotations belong to the import, and so does what kind of
    function it is, and whether a class has a docstring. Docstrings stand apart, where nothing else is on their lines.
    Blank lines and comments belong to nothing, nor does what is said to type checkers alone.
    """
    return _read(parse(text), text)


def read_units_once(text: str) -> CodeUnits:
    """The same for a text that nobody asks for again: nothing of it is held."""
    return _read(parse_once(text), text)


def _read(tree: ast.Module | None, text: str) -> CodeUnits:
    try:
        return CodeUnits(_digest([text]), (), ()) if tree is None else _parts(tree, text.split("\n"))
    except RecursionError:
        return CodeUnits(_digest([text]), (), ())


def _parts(tree: ast.Module, lines: list[str]) -> CodeUnits:
    literals, imports = _walked(tree)
    over_lines = [range(first, last + 1) for (first, _), (last, _) in literals if last > first]
    kept = _telling(lines).union(*over_lines) - unexecuted(tree, lines)
    docs, marks, documents = _docstrings(tree, lines)
    lines = without_comments(lines, literals)
    units = []
    bodies: set[int] = set()
    for node in _functions(tree):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        span = _body(node)
        own = [line for line in span if line in kept]
        last = node.end_lineno or node.lineno
        may_yield = any("yield" in line for line in lines[node.lineno - 1 : last])  # to look into it takes longer
        marks.append(f"{type(node).__name__} {may_yield and _yields(node)}")
        if span and span.start <= _header_end(node):  # the body begins on the line of the header
            own = []
        units.append(Unit(first, last, _digest([lines[line - 1].rstrip() for line in own]), tuple(own)))
        bodies.update(own)
    rest = tuple(sorted(kept - bodies - documents))
    at_import = _digest([*(lines[line - 1].rstrip() for line in rest), *marks])
    return CodeUnits(at_import, tuple(units), tuple(sorted(imports)), rest, docs)


def _docstrings(tree: ast.Module, lines: list[str]) -> tuple[tuple[tuple[str, int], ...], list[str], set[int]]:
    """The docstrings that stand apart with their first lines, what an import goes by in them, and all of their lines.

    `dataclasses` and `enum` ask whether a class has a docstring, and pytest looks into those of modules for a word.
    Where Python may warn of a text, an import can fail by it.
    """
    docs: list[tuple[str, int]] = []
    marks: list[str] = []
    taken: set[int] = set()
    has_odd_lines = any("\r" in line and "\r" in line[:-1] for line in lines)  # Python counts other lines there
    for node in _documented(tree):
        text = ast.get_docstring(node, clean=False)
        if isinstance(node, ast.ClassDef):
            marks.append("class" if text is None else f"class {'text' if text else 'empty'}")
        if text is None or has_odd_lines or not _is_alone(node.body[0], lines):
            docs.append(("", 0))
            continue
        first = node.body[0]
        if isinstance(node, ast.Module) and _NO_REWRITE in text:
            marks.append(_NO_REWRITE)
        docs.append((_digest([text]), first.lineno))
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
    start = min([body[0].lineno, *(decorator.lineno for decorator in getattr(body[0], "decorator_list", ()))])
    return range(start, (node.end_lineno or start) + 1)


def _header_end(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The last line on which something of the header is known to stand."""
    header = [node.lineno, *(child.end_lineno or 0 for child in ast.walk(node.args) if isinstance(child, ast.expr))]
    header += [argument.end_lineno or 0 for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
    return max([*header, (node.returns.end_lineno or 0) if node.returns else 0])


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
        if isinstance(node.value, str) and _DOTTED.match(node.value):
            yield node.value  # such as the name of a plugin, or of what a test replaces
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        dots, module = "." * node.level, node.module or ""
        yield dots + module
        yield from (f"{dots}{module}.{alias.name}" if module else dots + alias.name for alias in node.names)


def _digest(lines: list[str]) -> str:
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]
