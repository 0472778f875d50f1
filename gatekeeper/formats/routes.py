"""Reads which HTTP routes a Python source declares, in the ways of FastAPI, Starlette, Flask and Django Ninja."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.formats.python_source import parse
from gatekeeper.model.frozen import dataclass

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "trace", "route", "api_route"})
_CALLS = frozenset({"add_api_route", "add_url_rule", "Route", "APIRoute"})
# A decorator that names a verb on its first line, or goes on below it; a look into a mapping is `.get(…)` as well.
_HINT = lazy_pattern(
    rf"^[ \t\f]*@(?:[^\n]*\.\s*(?:{'|'.join(sorted(_VERBS))})\s*\(|\s*[(\[]|[^\n]*\\$)|{'|'.join(sorted(_CALLS))}",
    re.MULTILINE,
)
_OWNERS = ("app", "api", "router", "route", "blueprint", "bp", "ns")


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route: the verb and the path for people, the line, and all of what the declaration says.

    `meaning` is the declaration and the signature of its function as text that formatting does not change.
    """

    verb: str
    path: str
    line: int
    meaning: str

    @property
    def title(self) -> str:
        """The route in words, such as "GET /users"."""
        return f"{self.verb} {self.path}"


@lru_cache(maxsize=32)  # the plan asks once for each workstream
def routes(text: str | None) -> tuple[Route, ...]:
    """The routes of a source; none where it does not parse."""
    tree = parse(text) if text and _HINT().search(text) else None
    if tree is None:
        return ()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            declared = (_route(call, node) for call in node.decorator_list)
            found += [route for route in declared if route is not None]
        elif isinstance(node, ast.Call) and _name(node.func) in _CALLS:
            route = _route_of_call(node)
            found += [route] if route else []
    return tuple(sorted(found, key=lambda route: route.line))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _route(call: ast.expr, owner: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Route | None:
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _VERBS):
        return None
    path = _path(call)
    if path is None or not (path.startswith("/") or _is_router(call.func.value)) or _is_hidden(call):
        return None
    meaning = [call] if isinstance(owner, ast.ClassDef) else [call, owner.args, owner.returns]
    return Route(call.func.attr.upper(), path, call.lineno, " ".join(ast.dump(node) for node in meaning if node))


def _route_of_call(call: ast.Call) -> Route | None:
    path = _path(call)
    if path is None or not path.startswith("/") or _is_hidden(call):
        return None
    return Route("ROUTE", path, call.lineno, ast.dump(call))


def _path(call: ast.Call) -> str | None:
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg in ("path", "rule"))]
    values = [node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return values[0] if values else None


def _is_router(node: ast.expr) -> bool:
    return _name(node).lower().rstrip("_0123456789").endswith(_OWNERS)


def _is_hidden(call: ast.Call) -> bool:
    return any(
        word.arg == "include_in_schema" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in call.keywords
    )
