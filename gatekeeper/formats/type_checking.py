"""Finds what a Python text says to type checkers alone: blocks below `if TYPE_CHECKING:`, which no import executes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

NAME = "TYPE_CHECKING"
_MODULES = frozenset({"typing", "typing_extensions"})
_PLAIN = (
    ast.Import, ast.ImportFrom, ast.alias, ast.Assign, ast.Pass, ast.Name, ast.Attribute, ast.Subscript, ast.Tuple,
    ast.List, ast.Constant, ast.BinOp, ast.operator, ast.Call, ast.keyword, ast.expr_context,
)  # fmt: skip
_Named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def unexecuted(tree: ast.Module, lines: list[str]) -> set[int]:
    """The lines of these blocks with their headers, where an import goes neither by them nor by whether they are there.

    Inside of a function a block makes names local, annotations bring `__annotations__` about, Python warns of some
    texts that it compiles, and an `else` is executed: such blocks stay. So does one whose name may mean something else
    than that of `typing`, which is false. Whoever sets it has to be noticed while modules are imported.
    """
    if not any(NAME in line for line in lines):
        return set()
    found: set[int] = set()
    names, modules = _bound(tree, lines)
    for node in _outside_of_functions(tree):
        if isinstance(node, ast.If) and _is_known(node.test, names, modules) and _is_plain(node, lines):
            found.update(range(node.lineno, _last(node) + 1))
    return found


def _bound(tree: ast.Module, lines: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """The names that mean `TYPE_CHECKING`, and those that mean its module, with the line from which on they do.

    A name that is bound in another way as well is none of them.
    """
    names: dict[str, int] = {}
    modules: dict[str, int] = {}
    searched = ast.walk(tree) if any("global" in line for line in lines) else ()  # to walk takes long
    others: set[str] = {name for node in searched if isinstance(node, ast.Global) for name in node.names}
    for node in _outside_of_functions(tree):
        for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
            bound = alias.asname or alias.name.partition(".")[0]
            if isinstance(node, ast.Import) and alias.name in _MODULES:
                modules.setdefault(bound, _last(node))
            elif isinstance(node, ast.ImportFrom) and node.module in _MODULES and alias.name == NAME and not node.level:
                names.setdefault(bound, _last(node))
            else:
                others.update([*names, *modules, bound] if bound == "*" else [bound])
        others.update(_binds(node))
    return {n: at for n, at in names.items() if n not in others}, {
        n: at for n, at in modules.items() if n not in others
    }


def _outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that an import may execute, in the order of the text."""
    yield node
    if isinstance(node, _Function):
        inner = [*getattr(node, "decorator_list", ()), *node.args.defaults, *filter(None, node.args.kw_defaults)]
    else:
        inner = list(ast.iter_child_nodes(node))
    for child in inner:
        yield from _outside_of_functions(child)


def _binds(node: ast.AST) -> Iterator[str]:
    """The names that a node binds, or sets `TYPE_CHECKING` of, other than by an import."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and node.attr == NAME:
        yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name))
    elif isinstance(node, _Named) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def _last(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _is_known(test: ast.expr, names: dict[str, int], modules: dict[str, int]) -> bool:
    """Whether a condition is the name, and means that of `typing` already."""
    if isinstance(test, ast.Name):
        return names.get(test.id, test.lineno) < test.lineno
    if isinstance(test, ast.Attribute) and test.attr == NAME and isinstance(test.value, ast.Name):
        return modules.get(test.value.id, test.lineno) < test.lineno
    return False


def _is_plain(node: ast.If, lines: list[str]) -> bool:
    """Whether a block stands on lines of its own and holds nothing that Python goes by when it compiles it."""
    first, last = node.lineno, _last(node)
    if node.orelse or node.body[0].lineno == first or lines[first - 1][: node.col_offset].strip():
        return False
    if any("\\" in line or "\r" in line[:-1] for line in lines[first - 1 : last]):
        return False
    inner = [each for child in node.body for each in ast.walk(child)]
    if not all(isinstance(each, _PLAIN) for each in inner):
        return False
    called = [each.func for each in inner if isinstance(each, ast.Call)]
    called += [each.value for each in inner if isinstance(each, ast.Subscript)]
    return all(isinstance(each, (ast.Name, ast.Attribute)) for each in called)
