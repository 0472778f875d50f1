"""Tells of a function whether it may keep what it makes for later tests, and by which names it would ask for lines.

Runs in the project's interpreter.

What such a function calls is seen in the first test alone, although all later ones depend on it.
"""

from __future__ import annotations

import ast
import dis
import gc
import re
import sys
import types
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Set

REMEMBERING = re.compile(r"cache|memo|once|lazy|singleton|single_", re.IGNORECASE)
CHANGING = frozenset(("append", "add", "setdefault", "update", "insert", "extend", "put", "set", "appendleft", "push"))

LOOKING = frozenset(("get", "setdefault", "getattr", "vars"))  # calls that make nothing of their own
PLAIN = (int, str, float, bytes, bool, complex, type(None), range, types.ModuleType, types.CodeType, types.FrameType)
MOST_OBJECTS = 200_000  # with more than that, each is said to outlive a test

# Names by which code asks for numbers of lines.
LINE_READERS = frozenset(
    (
        *("f_lineno", "tb_lineno", "co_firstlineno", "lineno", "getsource", "getsourcelines", "findsource", "stack"),
        *("getframeinfo", "extract_stack", "extract_tb", "format_exc", "format_exception", "print_exc", "findCaller"),
        *("print_exception", "currentframe", "_getframe", "co_positions", "co_lines", "linecache", "stacklevel"),
    )
)


def is_decorated(lines: List[str]) -> bool:
    """Whether a decorator's name speaks of remembering; `lines` are those from the first decorator on."""
    for line in lines:
        text = line.strip()
        if text.startswith("@") and REMEMBERING.search(text):
            return True
        if text.startswith(("def ", "async ", "class ")):
            return False
    return False


def stores_for_all(code: Any, names: Dict[str, Any]) -> bool:
    """Whether a function writes where other tests may look: a global, a class, a container of its module."""
    written = set(code.co_code[::2])
    if dis.opmap["STORE_GLOBAL"] in written:
        return True
    stores = dis.opmap["STORE_SUBSCR"] in written
    if code.co_varnames[:1] == ("cls",) and (stores or dis.opmap["STORE_ATTR"] in written):
        return True
    if not stores and CHANGING.isdisjoint(code.co_names):
        return False
    return any(is_container(names.get(name)) for name in code.co_names)


def is_container(value: Any) -> bool:
    """Whether this is something that keeps what is put into it."""
    kind = type(value)
    return not isinstance(value, type) and (hasattr(kind, "__setitem__") or hasattr(kind, "add"))


def given_and_written(lines: List[str]) -> Dict[int, Set[str]]:
    """For each function of a text, by its first line: the names at the root of what it writes into."""
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found[first] = set(written_names(node))
    return found


def written_names(function: Any) -> Iterator[str]:
    """The names at the root of what a function writes into, and where those of its own are from."""
    nodes: List[Any] = list(ast.walk(function))
    aliases: Dict[str, Set[str]] = {}
    for node in nodes:
        value = getattr(node, "value", None)
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if value is not None:
            for target in targets:
                if isinstance(target, ast.Name):
                    aliases.setdefault(target.id, set()).add(root_of(value))
    for node in nodes:
        stores = isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
        changes = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING
        sets = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args
        )
        if stores or changes or sets:
            name = root_of(node.args[0] if sets else node.func if changes else node)
            yield from {name, *aliases.get(name, ())}


def root_of(node: Any) -> str:
    """The name that an expression begins with; empty where it makes something of its own."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKING:
            node = node.func.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOOKING and node.args:
            node = node.args[0]
        else:
            return ""


class Lasting:
    """Knows the objects that outlive a test: what modules, classes and wider fixtures hold, directly or not.

    `inside` tells the path of a file in relation to the tree. What tests put there meanwhile is not known.
    """

    def __init__(self, inside: Callable[[str], str]) -> None:
        self.inside = inside
        self.fixtures: Dict[int, Any] = {}
        self.known: Optional[Set[int]] = None

    def forget(self) -> None:
        """Look anew the next time: a module was imported."""
        self.known = None

    def add(self, fixture: Any) -> None:
        """A fixture of a wider scope made something, or cleared it away."""
        self.fixtures[id(fixture)] = fixture
        self.known = None

    def is_given(self, names: Iterable[str], frame: Any) -> bool:
        """Whether one of these names stands for an object that outlives the test, in a function that begins."""
        values = [frame.f_locals.get(name) for name in names]
        return any(self.is_lasting(value) for value in values if type(value) not in PLAIN)

    def is_lasting(self, value: Any) -> bool:
        """Whether an object was there before the test."""
        if self.known is None:
            self.known = self.found()
        return not self.known or id(value) in self.known

    def found(self) -> Set[int]:
        """The numbers of all such objects; none where there are too many."""
        waiting: List[Any] = []
        for module in list(sys.modules.values()):
            place = getattr(module, "__file__", None)
            if isinstance(place, str) and self.inside(place):
                waiting.extend(list(vars(module).values()))
        for fixture in self.fixtures.values():
            made = (getattr(fixture, "cached_result", None) or ())[:1]
            waiting.extend(each for each in made if not type(each).__module__.startswith("_pytest."))
        seen: Set[int] = {0}
        while waiting and len(seen) <= MOST_OBJECTS:
            value = waiting.pop()
            if type(value) not in PLAIN and id(value) not in seen:
                seen.add(id(value))
                waiting.extend(self.held(value))
        return set() if waiting else seen

    def held(self, value: Any) -> Iterable[Any]:
        """What an object holds; runs no code of the project. Classes and functions of others lead everywhere."""
        if isinstance(value, types.FunctionType):
            cells = [cell for cell in value.__closure__ or () if gc.get_referents(cell)]
            own = [value.__defaults__, value.__kwdefaults__, value.__dict__]
            return [*own, *(inner for cell in cells for inner in gc.get_referents(cell))]
        if issubclass(type(value), type):
            members = type.__dict__["__dict__"].__get__(value)
            module = sys.modules.get(str(members.get("__module__")))
            place = getattr(module, "__file__", None)
            return list(members.values()) if isinstance(place, str) and self.inside(place) else ()
        return gc.get_referents(value)
