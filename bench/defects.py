"""Makes small defects of real sources, one at a time: in the body of a function, in an import, in a text."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest

from gatekeeper.formats.code_units import AT_IMPORT, read_units
from gatekeeper.formats.function_heads import postpones

IN_FUNCTION = "function"
IN_DOCSTRING = "docstring"
IN_ANNOTATION = "annotation"
AT_IMPORTS = ("constant", "default", "decorator", "class body", "registry")
"""Where a defect in what an import executes may be; the last two words are told by what surrounds it."""

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.GtE: ast.Lt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One defect in one file; `owner` is the line where the function begins that has it, or that of the defect."""

    path: str
    line: int
    text: str
    base_text: str
    kind: str
    owner: int

    @property
    def at_import(self) -> bool:
        """Whether an import executes it."""
        return self.kind not in (IN_FUNCTION, IN_DOCSTRING, IN_ANNOTATION)


def chosen(
    texts: Mapping[str, str], run: Mapping[str, Iterable[int]], chance: random.Random, functions: int, imports: int
) -> list[Mutant]:
    """So many defects of each kind, in random order.

    `texts` are the sources, `run` the lines of each that any test, or the import, is known to run: a defect elsewhere
    shows nothing; where nothing is known, any line may have one. Of functions each gives one defect before any gives a
    second; the places at import take turns.
    """
    lines = {path: frozenset(numbers) for path, numbers in run.items()}
    found = [
        mutant
        for path in sorted(texts)
        for mutant in mutants_of(path, texts[path])
        if not lines or mutant.line in lines.get(path, ()) or mutant.at_import
    ]
    chance.shuffle(found)
    groups: dict[object, list[Mutant]] = {}
    for mutant in found:
        key = mutant.kind if mutant.at_import else (mutant.path, mutant.owner)
        groups.setdefault(key, []).append(mutant)
    inside = _by_turns([each for key, each in groups.items() if not isinstance(key, str)])
    outside = _by_turns([groups.get(kind, []) for kind in AT_IMPORTS])
    return [*_first(inside, functions), *_first(outside, imports)]


def documented(texts: Mapping[str, str], chance: random.Random, wanted: int) -> list[Mutant]:
    """So many docstrings with other words, in random order; each file gives one before any gives a second."""
    return _some([list(_documented(path, text)) for path, text in sorted(texts.items())], chance, wanted)


def annotated(texts: Mapping[str, str], chance: random.Random, wanted: int) -> list[Mutant]:
    """The same of annotations of functions, in files that keep them as texts."""
    return _some([list(_annotated(path, text)) for path, text in sorted(texts.items())], chance, wanted)


def _some(groups: list[list[Mutant]], chance: random.Random, wanted: int) -> list[Mutant]:
    for each in groups:
        chance.shuffle(each)
    chance.shuffle(groups)
    return list(_first(_by_turns(groups), wanted))


def _annotated(path: str, text: str) -> Iterator[Mutant]:
    """Every annotation of a function in the place of a name that there is not, one at a time."""
    tree = ast.parse(text)
    nodes = ast.walk(tree) if postpones(tree) else ()
    for node in nodes:
        each = node.annotation if isinstance(node, ast.arg) else node.returns if isinstance(node, _Function) else None
        if each and each.lineno == each.end_lineno:
            yield Mutant(path, each.lineno, _spliced(text, each, "Unlike"), text, IN_ANNOTATION, each.lineno)


def _documented(path: str, text: str) -> Iterator[Mutant]:
    """Every docstring with other words, one at a time; one that is no plain text on lines of its own is left out."""
    for node in ast.walk(ast.parse(text)):
        first = node.body[0] if isinstance(node, (*_Function, ast.ClassDef, ast.Module)) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            place = _at(text, first.lineno, first.col_offset)
            opening = re.match(r"[rRuU]?(\"\"\"|'''|\"|')", text[place:])
            if opening and first.value.value.strip():
                begin = place + opening.end()
                yield Mutant(
                    path, first.lineno, f"{text[:begin]}Unlike. {text[begin:]}", text, IN_DOCSTRING, first.lineno
                )


def _at(text: str, line: int, column: int) -> int:
    """Where in a text a column of a line is, which is told in bytes."""
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + len(lines[line - 1].encode()[:column].decode())


def mutants_of(path: str, text: str) -> Iterator[Mutant]:
    """Every defect that is known for a text; some may not compile."""
    units, tree = read_units(text), ast.parse(text)
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    places = dict(_places(tree))
    for node in ast.walk(tree):
        new = None if id(node) in documents else _altered(node)
        if new is None or not isinstance(node, (ast.expr, ast.stmt)) or node.lineno != node.end_lineno:
            continue
        number = units.number(node.lineno)
        kind = places.get(id(node), IN_FUNCTION if number != AT_IMPORT else "constant")
        owner = units.units[number].first if number != AT_IMPORT else node.lineno
        yield Mutant(path, node.lineno, _spliced(text, node, new), text, kind, owner)
    for line, column, end in _decorators(tree):
        lines = text.split("\n")
        lines[line - 1] = " " * (column - 1) + "#" + lines[line - 1][column:end]
        yield Mutant(path, line, "\n".join(lines), text, "decorator", line)


def _places(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The nodes that an import executes and that stand in something special, with the word for it."""
    for node in ast.walk(tree):
        for part, word in _parts(node):
            yield from ((id(inner), word) for inner in ast.walk(part))
    for statement in tree.body:
        for node in ast.walk(statement) if isinstance(statement, (ast.Assign, ast.AnnAssign)) else ():
            if isinstance(node, (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.Call)):
                yield from ((id(inner), "registry") for inner in ast.walk(node))


def _parts(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """What of a function or a class an import executes."""
    if isinstance(node, _Function):
        yield from ((default, "default") for default in (*node.args.defaults, *node.args.kw_defaults) if default)
        yield from ((decorator, "decorator") for decorator in node.decorator_list)
    elif isinstance(node, ast.ClassDef):
        for statement in node.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value:
                yield statement.value, "class body"


def _decorators(tree: ast.Module) -> Iterator[tuple[int, int, int]]:
    """Line, first column (that of the sign) and last one of each decorator that an import executes, on a line alone."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if isinstance(child, (*_Function, ast.ClassDef)):
                for each in child.decorator_list:
                    if each.lineno == each.end_lineno and each.end_col_offset is not None:
                        yield each.lineno, each.col_offset, each.end_col_offset
            if isinstance(child, (ast.ClassDef, ast.If, ast.Try)):
                waiting.append(child)


def _altered(node: ast.AST) -> str | None:
    """The source of a node with a defect, or None where none is known."""
    if isinstance(node, ast.Constant):
        return _other_value(node.value)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        other = ast.Compare(node.left, [_OPPOSITES[type(node.ops[0])]()], node.comparators)
        return f"({ast.unparse(ast.fix_missing_locations(other))})"
    if isinstance(node, ast.BoolOp):
        return f"(not ({ast.unparse(node)}))"
    if isinstance(node, ast.Return) and node.value is not None:
        return "return None"
    return None


def _other_value(value: object) -> str | None:
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int):
        return repr(value + 1)
    return repr(value + "x") if isinstance(value, str) and value else None


def _spliced(text: str, node: ast.expr | ast.stmt, new: str) -> str:
    """The text with a node of one line replaced."""
    lines = text.split("\n")
    line = lines[node.lineno - 1].encode()
    lines[node.lineno - 1] = (line[: node.col_offset] + new.encode() + line[node.end_col_offset :]).decode()
    return "\n".join(lines)


def _by_turns(groups: list[list[Mutant]]) -> Iterator[Mutant]:
    return (mutant for mutant in chain.from_iterable(zip_longest(*groups)) if mutant is not None)


def _first(mutants: Iterable[Mutant], wanted: int) -> Iterator[Mutant]:
    """So many of those that can be compiled: a defect is no typing error."""
    for mutant in mutants:
        if wanted <= 0:
            return
        try:
            compile(mutant.text, "mutant", "exec", dont_inherit=True)
        except SyntaxError:
            continue
        wanted -= 1
        yield mutant
