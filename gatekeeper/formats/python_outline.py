"""Reads the outline of a Python source with `ast`: what it imports and what it defines, without looking into bodies."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from gatekeeper.formats.python_source import parse
from gatekeeper.model.frozen import dataclass, replace

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_INNER = ("body", "orelse", "finalbody", "handlers", "cases")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from ..module import name` has level 2; `import module` has no name.

    `bound` is the name that stands for it in the file afterwards.
    """

    line: int
    module: str
    name: str
    level: int
    bound: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function or class of a module, or a method of such a class, under its dotted name inside the file.

    `header` is its signature and `text` its whole source, both without what formatting alone would change.
    """

    name: str
    kind: str  # "function", "method" or "class"
    line: int
    header: str
    text: str

    @property
    def is_public(self) -> bool:
        """Whether no part of the name is hidden by an underscore."""
        return not any(part.startswith("_") for part in self.name.split("."))


@dataclass(frozen=True, slots=True)
class Outline:
    """The text of a file that can be parsed, its imports in the order of the source, and its symbols by name."""

    text: str
    imports: tuple[Import, ...]

    @property
    def symbols(self) -> Mapping[str, Symbol]:
        """Looked for when they are asked for: nobody asks for those of tests."""
        return _symbols(self.text)


@lru_cache(maxsize=64)  # what kind of change it is and how it falls apart are told from the same few texts
def read_outline(text: str) -> Outline | None:
    """The outline of a source, or None where it cannot be parsed.

    Imports are found at any depth of statements, since one inside a function is a dependency too. Symbols are those of
    the module and the methods of its classes, also below an `if` or `try`.
    """
    tree = parse(text)
    if tree is None:
        return None
    imports = tuple(found for node in _statements(tree) for found in _imports(node))
    return Outline(text, tuple(sorted(imports, key=lambda found: found.line)))


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """All statements at every depth; an explicit stack, since hostile code nests deeply."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        for field in _INNER:
            stack.extend(getattr(node, field, ()) if isinstance(getattr(node, field, ()), list) else ())


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(node.lineno, alias.name, "", 0, alias.asname or alias.name)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield Import(node.lineno, node.module or "", alias.name, node.level, alias.asname or alias.name)


@lru_cache(maxsize=64)
def _symbols(text: str) -> Mapping[str, Symbol]:
    tree, lines = parse(text), text.split("\n")
    found: dict[str, Symbol] = {}
    stack: list[tuple[ast.AST, str]] = [(tree, "")] if tree else []
    while stack:
        node, prefix = stack.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            symbol = _symbol(node, prefix, lines)
            found[symbol.name] = _joined(found.get(symbol.name), symbol)
            if not isinstance(node, ast.ClassDef):
                continue
            prefix = f"{symbol.name}."
        for field in _INNER:
            inner = getattr(node, field, ())
            stack.extend((child, prefix) for child in (reversed(inner) if isinstance(inner, list) else ()))
    return dict(sorted(found.items(), key=lambda item: (item[1].line, item[0])))


def _symbol(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, prefix: str, lines: Sequence[str]) -> Symbol:
    kind = "class" if isinstance(node, ast.ClassDef) else "method" if prefix else "function"
    text = lines[node.lineno - 1 : node.end_lineno]
    return Symbol(prefix + node.name, kind, node.lineno, _plain(_header(node, lines)), _plain("".join(text)))


def _header(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lines: Sequence[str]) -> str:
    """The source from the name up to the body, which may begin on the same line."""
    first = node.body[0]
    decorators = [decorator.lineno for decorator in getattr(first, "decorator_list", ())]
    if decorators:
        return "".join(lines[node.lineno - 1 : max(min(decorators) - 1, node.lineno)])
    before = lines[first.lineno - 1].encode("utf-8", "surrogatepass")[: first.col_offset]
    return "".join(lines[node.lineno - 1 : first.lineno - 1]) + before.decode("utf-8", "replace")


def _joined(before: Symbol | None, symbol: Symbol) -> Symbol:
    """A name that is defined more than once (overloads, a variant below an `if`) counts with all of its sources."""
    if before is None:
        return symbol
    return replace(before, header=before.header + symbol.header, text=before.text + symbol.text)


def _plain(source: str) -> str:
    return _SPACE.sub("", source).replace(",)", ")")
