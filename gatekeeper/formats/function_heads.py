"""Splits the heads of functions into what an import executes and annotations that it only keeps as texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.formats.python_source import first_line
from gatekeeper.model.frozen import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
# What an annotation may consist of: Python refuses some expressions there, and warns of others; stars only before 3.11.
_PLAIN = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Constant, ast.BinOp, ast.BitOr, ast.expr_context,
)  # fmt: skip
_ODD = lazy_pattern(r"\\|\b\d\w*[A-Za-z_]")  # an escape, or a number that runs into a word


@dataclass(frozen=True, slots=True)
class Head:
    """The lines of a function before its body: what an import executes there, and the annotations, each as a text."""

    lines: range
    executed: str
    annotations: str


def postpones(tree: ast.Module) -> bool:
    """Whether the annotations of a text are kept as texts, and not executed, whatever Python runs it."""
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom) and not node.level)
    future = (node for node in imports if node.module == "__future__")
    return any(alias.name == "annotations" for node in future for alias in node.names)


def header_end(node: Function) -> int:
    """The last line on which something of the header is known to stand."""
    given = node.args
    parts = (*given.posonlyargs, given.vararg, *given.args, *given.kwonlyargs, given.kwarg, node.returns)
    return max([node.lineno, *(each.end_lineno or 0 for each in (*parts, *given.defaults, *given.kw_defaults) if each)])


def head_of(node: Function, lines: list[str]) -> Head | None:
    """The head of a function, decorators left out; None where the body begins on its last line, and is no stub.

    The text has to be one that `postpones`. Annotations that an import may fail by belong to what is executed.
    """
    first = node.body[0]
    start = first_line(first)
    is_shared = start <= header_end(node)
    if is_shared and not (len(node.body) == 1 and _is_stub(first)):
        return None
    span = range(node.lineno, (node.end_lineno or start) + 1 if is_shared else start)
    found = list(_annotated(node))
    odd = [ast.dump(each) for _, each in found if not _is_plain(each, lines)]
    shape = [type(node).__name__, node.name, node.col_offset, *_parameters(node.args)]
    shape += [ast.dump(each) for each in getattr(node, "type_params", ())]
    shape += [line - node.lineno for line in _lines_of_lambdas(node.args)]
    shape += [ast.dump(first)] if is_shared else []
    return Head(span, repr([*shape, odd]), repr([(name, ast.dump(each)) for name, each in found]))


def _is_stub(node: ast.stmt) -> bool:
    """Whether a body is `...` or `pass`."""
    is_dots = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...
    return is_dots or isinstance(node, ast.Pass)


def _annotated(node: Function) -> Iterator[tuple[str, ast.expr]]:
    """Each annotation with the name of what it is of."""
    given = node.args
    both = (given.vararg, given.kwarg)
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, both)):
        if argument.annotation:
            yield argument.arg, argument.annotation
    if node.returns:
        yield "return", node.returns


def _parameters(given: ast.arguments) -> Iterator[object]:
    """The names of what a function takes, and what is given where a caller says nothing."""
    for some in (given.posonlyargs, given.args, given.kwonlyargs, [given.vararg], [given.kwarg]):
        yield [argument and argument.arg for argument in some]
    for values in (given.defaults, given.kw_defaults):
        yield [value and ast.dump(value) for value in values]


def _lines_of_lambdas(given: ast.arguments) -> Iterator[int]:
    """The lines of all that is executed where a default is called, which may tell them."""
    for value in (*given.defaults, *given.kw_defaults):
        if value and not isinstance(value, (ast.Constant, ast.Name)):
            inner = list(ast.walk(value))
            if any(isinstance(each, ast.Lambda) for each in inner):
                yield from (each.lineno for each in inner if isinstance(each, ast.expr))


def _is_plain(annotation: ast.expr, lines: list[str]) -> bool:
    """Whether Python compiles an annotation without a word."""
    if not all(isinstance(each, _PLAIN) for each in ast.walk(annotation)):
        return False
    return not any(_ODD().search(line) for line in lines[annotation.lineno - 1 : annotation.end_lineno])
