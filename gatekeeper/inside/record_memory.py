"""Tells of a function whether it may keep what it makes for later tests, and by which names it would ask for lines.

Runs in the project's interpreter. What such a function calls is seen in the first test alone, although all later ones
depend on it. What a function writes into is read in its source; where that is not to be had, its code tells less.
"""

from __future__ import annotations

import ast
import contextvars
import dis
import re
import types
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

REMEMBERING = re.compile(r"cache|memo|once|lazy|singleton|single_", re.IGNORECASE)
OWN_CACHE = re.compile(r"\bcached_property\b(?!\()")  # keeps it in the object
CHANGING = frozenset(("append", "add", "setdefault", "update", "insert", "extend", "put", "set", "appendleft", "push"))
LOOKING = frozenset(("get", "setdefault", "getattr", "vars"))  # calls that make nothing of their own
TELLING = frozenset(("len", "str", "int", "float", "bool", "repr", "isinstance", "hasattr", "hash", "id"))
PLAIN = frozenset(
    (int, str, float, bytes, bool, complex, type(None), range, types.ModuleType, types.CodeType, types.FrameType)
)

# Names by which code asks for numbers of lines.
LINE_READERS = frozenset(
    (
        *("f_lineno", "tb_lineno", "co_firstlineno", "lineno", "getsource", "getsourcelines", "findsource", "stack"),
        *("getframeinfo", "extract_stack", "extract_tb", "format_exc", "format_exception", "print_exc", "findCaller"),
        *("print_exception", "currentframe", "_getframe", "co_positions", "co_lines", "linecache", "stacklevel"),
        "__firstlineno__",
    )
)
STORES = frozenset(
    dis.opmap[name]
    for name in ("STORE_SUBSCR", "STORE_ATTR", "STORE_SLICE", "DELETE_SUBSCR", "DELETE_ATTR")
    if name in dis.opmap
)
NO_PARTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop)
# Where names are given to objects, and what these come from.
ORIGINS: Dict[Any, Tuple[Tuple[str, str], ...]] = {
    ast.Assign: (("targets", "value"),),
    **dict.fromkeys((ast.AnnAssign, ast.AugAssign, ast.NamedExpr), (("target", "value"),)),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), (("target", "iter"),)),
    ast.withitem: (("optional_vars", "context_expr"),),
}
OPTIMIZED = 0x01  # a flag that functions have, and the bodies of classes have not


def decorators(lines: List[str]) -> str:
    """Whether a decorator's name speaks of remembering; `lines` are those from the first decorator on.

    It does for `all`, or for the `own` object of a method, or not at all.
    """
    found = ""
    for line in lines:
        text = line.strip()
        if text.startswith("@") and REMEMBERING.search(text):
            if not OWN_CACHE.search(text):
                return "all"
            found = "own"
        if text.startswith(("def ", "async ", "class ")):
            break
    return found


class Writes:
    """What a function writes into, by names.

    `roots` are those that stand for such an object, or for what holds it; `derived` those that it may come from in any
    way, also by calls; `imported` those that the function imports itself. `marked` are those that it only puts a mark
    on before it does anything else: nothing that it calls has a part in that.
    """

    def __init__(self, roots: Set[str], derived: Set[str], imported: Set[str], marked: Set[str]) -> None:
        self.roots, self.derived, self.imported, self.marked = roots, derived, imported, marked

    def given(self, code: Any) -> Tuple[Set[str], Set[str]]:
        """The roots, and the marked names, whose objects the function is given; what it makes itself is its own."""
        taken = code.co_argcount + code.co_kwonlyargcount
        names = set(code.co_varnames[:taken] + code.co_freevars)
        if code.co_name == "__init__":
            names -= set(code.co_varnames[:1])  # it has only just been made
        return names & self.roots, names & self.marked - self.roots


def writes(code: Any, lines: List[str]) -> Optional[Writes]:
    """What a function writes into, from the lines of its file; None where these do not tell."""
    if not may_write(code):
        return Writes(set(), set(), set(), set())
    node = definition(code, lines)
    return None if node is None else written_names(node)


def may_write(code: Any) -> bool:
    """Whether a function writes into anything at all; functions that are defined inside of it are asked themselves."""
    if not STORES.isdisjoint(code.co_code[::2]) or not CHANGING.isdisjoint(code.co_names) or "setattr" in code.co_names:
        return True
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return any(may_write(each) for each in inner if each.co_name.startswith("<") or not each.co_flags & OPTIMIZED)


def definition(code: Any, lines: List[str]) -> Any:
    """The definition of a function in the lines of its file; None for what is no function, or is not found there."""
    if code.co_name.startswith("<"):
        return None
    first = code.co_firstlineno
    part = ["if 1:", *(" " + line for line in lines[first - 1 : end_of(code, lines)])]
    return defined(part, code.co_name, 2) or defined(lines, code.co_name, first)


def defined(lines: List[str], name: str, first: int) -> Any:
    """The definition of this name in a text, which begins with this line; None where there is none."""
    try:
        waiting: List[Any] = [ast.parse("\n".join(lines))]
    except (SyntaxError, ValueError, RecursionError):
        return None
    while waiting:
        node = waiting.pop()
        is_named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name
        if is_named and min([node.lineno, *(each.lineno for each in node.decorator_list)]) == first:
            return node
        if not isinstance(node, ast.expr):
            waiting.extend(ast.iter_child_nodes(node))
    return None


def end_of(code: Any, lines: List[str]) -> int:
    """The last line of a function: what follows the last line with code and stands further right belongs to it."""
    last, first = last_line(code), lines[code.co_firstlineno - 1 : code.co_firstlineno]
    margin = sum(len(line) - len(line.lstrip()) for line in first)
    while last < len(lines) and len(lines[last]) - len(lines[last].lstrip()) > margin:
        last += 1
    return last


def last_line(code: Any) -> int:
    """The last line that a function has code in, those inside of it included."""
    inner = [last_line(each) for each in code.co_consts if isinstance(each, types.CodeType)]
    if hasattr(code, "co_lines"):
        own = [line for _, _, line in code.co_lines() if line]
    else:
        own = [line for _, line in dis.findlinestarts(code) if line]
    return int(max([code.co_firstlineno, *own, *inner]))


def written_names(function: Any) -> Writes:
    """What a definition writes into; functions that are defined inside of it are asked themselves."""
    origins: Dict[str, List[Any]] = {}
    imported: Set[str] = set()
    targets: List[Any] = []  # what is changed
    marks = marks_of(function)
    for node in parts_of(function):
        for name, value in bound(node):
            origins.setdefault(name, []).append(value)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported.update((each.asname or each.name).split(".")[0] for each in node.names)
        target = changed(node)
        if target is not None and target not in marks:
            targets.append(target)
    roots = closed([roots_of(target) for target in targets], origins, roots_of)
    derived = closed([mentioned(target) for target in targets], origins, mentioned)
    return Writes(roots, derived, imported, {target.id for target in marks})


def marks_of(function: Any) -> List[Any]:
    """The arguments at the head of a definition of which an attribute is set to a constant."""
    names = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
    found = []
    for index, node in enumerate(function.body):
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        holder = target.value if isinstance(target, ast.Attribute) and isinstance(node.value, ast.Constant) else None
        if isinstance(holder, ast.Name) and holder.id in names:
            found.append(holder)
        elif index or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):  # a docstring
            break
    return found


def parts_of(function: Any) -> Iterator[Any]:
    """All nodes of a definition that matter here, but for those of definitions inside of it."""
    waiting: List[Any] = [function]
    while waiting:
        node = waiting.pop()
        for field in node._fields:
            value = getattr(node, field, None)
            for each in value if type(value) is list else (value,):
                if isinstance(each, ast.AST) and not isinstance(each, NO_PARTS):
                    yield each
                    waiting.append(each)


def changed(node: Any) -> Any:
    """The expression for the object that a statement or a call changes; None where it changes none."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return None if isinstance(node.ctx, ast.Load) else node.value
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in CHANGING:
            return called.value
        if isinstance(called, ast.Name) and called.id == "setattr" and node.args:
            return node.args[0]
    return None


def bound(node: Any) -> Iterator[Tuple[str, Any]]:
    """The names that a node gives to objects, each with the expression that these come from."""
    if type(node).__name__ == "Match":
        for each in ast.walk(node):
            name = getattr(each, "name", None) if type(each).__name__ in ("MatchAs", "MatchStar") else None
            if name:
                yield name, node.subject
    for targets, origin in ORIGINS.get(type(node), ()):
        value, found = getattr(node, origin), getattr(node, targets)
        for target in found if isinstance(found, list) else (found,):
            for each in ast.walk(target) if value is not None and target is not None else ():
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    yield each.id, value


def closed(starts: List[Set[str]], origins: Dict[str, List[Any]], names: Callable[[Any], Set[str]]) -> Set[str]:
    """These names, and those that what they stand for comes from, directly or not."""
    found: Set[str] = set()
    waiting = {name for start in starts for name in start}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting.update(each for value in origins.get(name, ()) for each in names(value) if each not in found)
    return found


def roots_of(node: Any) -> Set[str]:
    """The names that an expression begins with; none where it makes something of its own."""
    while True:
        if isinstance(node, ast.Name):
            return {node.id}
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Await, ast.NamedExpr)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKING:
            node = node.func.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOOKING and node.args:
            node = node.args[0]
        elif isinstance(node, (ast.BoolOp, ast.IfExp)):
            parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
            return {name for part in parts for name in roots_of(part)}
        else:
            return set()


def mentioned(node: Any) -> Set[str]:
    """The names of all that an expression may be made from, but for what only counts or compares."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, (ast.Compare, ast.JoinedStr, ast.Constant)):
        return set()
    if isinstance(node, ast.Subscript):
        return mentioned(node.value)
    parts = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        called = node.func
        if (isinstance(called, ast.Name) and called.id in TELLING) or getattr(called, "attr", "") == "__new__":
            return set()
        if isinstance(called, ast.Name) and called.id == "cls":
            parts.remove(called)  # a new object of the class
    return {name for part in parts for name in mentioned(part)}


def stores_for_all(code: Any, names: Dict[str, Any], found: Optional[Writes], is_own: Callable[[Any], bool]) -> bool:
    """Whether a function writes where other tests may look: a global, a class, what its module holds.

    `is_own` tells whether a module is of the tree. With nothing `found` in the source, each container of the
    module that it names counts.
    """
    written = set(code.co_code[::2])
    if dis.opmap["STORE_GLOBAL"] in written:
        return True
    has_class = code.co_varnames[:1] == ("cls",)
    if found is None:
        stores = not STORES.isdisjoint(written)
        keeps = stores or not CHANGING.isdisjoint(code.co_names)
        return (has_class and stores) or (keeps and any(is_container(names.get(name)) for name in code.co_names))
    if (has_class and "cls" in found.derived) or not found.roots.isdisjoint(found.imported):
        return True
    own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    return any(is_container(names.get(name)) for name in found.derived - own) or any(
        is_shared(names.get(name), is_own) for name in found.roots - own
    )


def is_container(value: Any) -> bool:
    """Whether this is something that keeps what is put into it."""
    kind = type(value)
    return not isinstance(value, type) and (hasattr(kind, "__setitem__") or hasattr(kind, "add"))


def is_shared(value: Any, is_own: Callable[[Any], bool]) -> bool:
    """Whether what a module holds under a name keeps what is written into it; of modules, those of the tree."""
    if isinstance(value, types.ModuleType):
        return is_own(value)
    return type(value) not in PLAIN and type(value) is not contextvars.ContextVar  # that is of whoever runs
