"""Reads the functions, methods and classes of one Python source, with what a reader of their documentation sees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from gatekeeper.model.frozen import dataclass

_OVERLOADS = frozenset({"overload", "setter", "deleter"})
_NO_DOC = re.compile(r"#\s*gatekeeper:\s*no-doc(?:\s*\((?P<reason>[^)]*)\)?)?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, its kind in the words of `inspect.Parameter`, and whether a call has to give it."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class Defined:
    """One definition of a file.

    `name` is dotted inside the file. `parameters` are those of a call: without `self` or `cls`, for a class those of
    its `__init__`, and None where the file does not tell. `digest` names the code without its place and its docstring.
    `no_doc` is the reason of a `# gatekeeper: no-doc(reason)` on its first lines, "" for one without a reason.
    `handed` are the names that its decorators are called with, as in `@variant_of(other)`. What is `for_types_only`
    stands below `if TYPE_CHECKING:` and does not exist when the program runs.
    """

    name: str
    kind: str
    line: int
    docstring: str
    decorators: tuple[str, ...]
    parameters: tuple[Parameter, ...] | None
    bases: tuple[str, ...]
    digest: str
    no_doc: str | None = None
    handed: tuple[str, ...] = ()
    for_types_only: bool = False

    @property
    def last_name(self) -> str:
        """The name without the classes around it."""
        return self.name.rpartition(".")[2]

    @property
    def is_dunder(self) -> bool:
        """Whether Python itself gives the name its meaning."""
        return self.last_name.startswith("__") and self.last_name.endswith("__")


@dataclass(frozen=True, slots=True)
class ModuleText:
    """What one source holds: the definitions by name, its docstring, its `__all__`, and its names imported as exports.

    `exports` is None where there is no literal `__all__`. `skeleton` is equal for two sources whose interface is equal.
    """

    definitions: dict[str, Defined]
    docstring: str
    exports: frozenset[str] | None
    redundant_imports: frozenset[str]
    skeleton: str


def read_module(text: str) -> ModuleText:
    """Read a source; raises SyntaxError, ValueError or RecursionError where it does not parse."""
    tree = ast.parse(text)
    lines = text.splitlines()
    found: dict[str, Defined] = {}
    for defined in _walk(tree.body, "", lines):
        found[defined.name] = _merged(found.get(defined.name), defined)
    for owner, docstring in _assigned_docstrings(tree):
        if owner in found and not found[owner].docstring:
            found[owner] = replace(found[owner], docstring=docstring)
    redundant = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    docstring = ast.get_docstring(tree) or ""
    return ModuleText(found, docstring, _exports(tree), frozenset(redundant), _skeleton(tree))


def _merged(earlier: Defined | None, later: Defined) -> Defined:
    """One of two definitions of the same name, as in the branches of an `if`: documented where one of them is."""
    if earlier is None:
        return later
    if _OVERLOADS & {decorator.rpartition(".")[2] for decorator in later.decorators}:
        return earlier
    return replace(later, docstring=later.docstring or earlier.docstring, no_doc=later.no_doc or earlier.no_doc)


def _walk(body: list[ast.stmt], prefix: str, lines: list[str]) -> Iterator[Defined]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _function(node, prefix, lines)
        elif isinstance(node, ast.ClassDef):
            yield _class(node, prefix, lines)
            yield from _walk(node.body, f"{prefix}{node.name}.", lines)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for field in ("body", "orelse", "finalbody"):
                found = _walk(getattr(node, field, []), prefix, lines)
                types = field == "body" and isinstance(node, ast.If) and _asks_for_type_checker(node.test)
                yield from (replace(defined, for_types_only=True) for defined in found) if types else found
            for handler in getattr(node, "handlers", []):
                yield from _walk(handler.body, prefix, lines)


def _asks_for_type_checker(test: ast.expr) -> bool:
    return _dotted(test).rpartition(".")[2] == "TYPE_CHECKING"


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, lines: list[str]) -> Defined:
    decorators = tuple(_dotted(decorator) for decorator in node.decorator_list)
    bound = bool(prefix) and "staticmethod" not in decorators
    return Defined(
        name=prefix + node.name,
        kind="method" if prefix else "function",
        line=node.lineno,
        docstring=ast.get_docstring(node) or "",
        decorators=decorators,
        parameters=_parameters(node.args, bound),
        bases=(),
        digest=_digest(node),
        no_doc=_no_doc(node, lines),
        handed=tuple(_handed(node.decorator_list)),
    )


def _class(node: ast.ClassDef, prefix: str, lines: list[str]) -> Defined:
    makers = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
    makers = [item for item in makers if "overload" not in {_dotted(d).rpartition(".")[2] for d in item.decorator_list}]
    docstring = ast.get_docstring(node) or (ast.get_docstring(makers[-1]) if makers else "") or ""
    return Defined(
        name=prefix + node.name,
        kind="class",
        line=node.lineno,
        docstring=docstring,
        decorators=tuple(_dotted(decorator) for decorator in node.decorator_list),
        parameters=_parameters(makers[-1].args, bound=True) if makers else None,
        bases=tuple(_dotted(base) for base in node.bases),
        digest=_digest(node),
        no_doc=_no_doc(node, lines),
    )


def _parameters(arguments: ast.arguments, bound: bool) -> tuple[Parameter, ...]:
    positional = [(arg, "positional only") for arg in arguments.posonlyargs]
    positional += [(arg, "positional or keyword") for arg in arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    found = [Parameter(arg.arg, kind, index < first_default) for index, (arg, kind) in enumerate(positional)]
    if bound:
        del found[:1]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, "variadic positional", required=False))
    for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(Parameter(arg.arg, "keyword only", default is None))
    if arguments.kwarg:
        found.append(Parameter(arguments.kwarg.arg, "variadic keyword", required=False))
    return tuple(found)


def _dotted(node: ast.expr) -> str:
    """The dotted name of a decorator or base class, without call and subscript; "" for anything else."""
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    if isinstance(node, ast.Subscript):
        return _dotted(node.value)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _handed(decorators: list[ast.expr]) -> Iterator[str]:
    for decorator in decorators:
        for argument in decorator.args if isinstance(decorator, ast.Call) else ():
            if isinstance(argument, ast.Name):
                yield argument.id


def _digest(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    arguments = [] if isinstance(node, ast.ClassDef) else [node.args]
    text = "".join(ast.dump(part) for part in (*arguments, *body))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _no_doc(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lines: list[str]) -> str | None:
    """The reason of a skip on the header of a definition, "" for a skip without one, None where there is no skip."""
    last = max(node.lineno, node.body[0].lineno - 1)
    for line in lines[node.lineno - 1 : last]:
        comment = _NO_DOC.search(line)
        if comment:
            return (comment["reason"] or "").strip()
    return None


def _assigned_docstrings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The owners of statements such as `name.__doc__ = "..."` at the top of a module or class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == "__doc__":
                    yield _dotted(target.value), "assigned"


def _exports(tree: ast.Module) -> frozenset[str] | None:
    names: set[str] | None = None
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            continue
        value = getattr(node, "value", None)
        if isinstance(value, ast.List | ast.Tuple):
            literal = {item.value for item in value.elts if isinstance(item, ast.Constant)}
            names = (names or set()) | {name for name in literal if isinstance(name, str)}
    return None if names is None else frozenset(names)


class _Stripper(ast.NodeTransformer):
    """Takes out of a tree what its interface does not show: the bodies of functions."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Keep the header, the docstring and, of `__init__`, what it assigns."""
        return self._stripped(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Keep the header and the docstring."""
        return self._stripped(node)

    @staticmethod
    def _stripped(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        kept = (
            [] if node.name != "__init__" else [n for n in ast.walk(node) if isinstance(n, ast.Assign | ast.AnnAssign)]
        )
        targets: list[ast.expr] = []
        for statement in kept:
            targets += statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        docstring = ast.get_docstring(node)
        shown = [ast.Expr(ast.Constant(docstring))] if docstring else []
        node.body = [*shown, *(ast.Expr(target) for target in targets)]
        return node


def _skeleton(tree: ast.Module) -> str:
    """A digest of all that a change of the interface would change; it rewrites the tree, so it is taken last."""
    stripped = _Stripper().visit(tree)
    return sha256(ast.dump(stripped).encode("utf-8", "surrogatepass")).hexdigest()
