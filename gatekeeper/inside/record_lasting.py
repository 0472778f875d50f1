"""Knows the objects that outlive a test; runs in the project's interpreter, and no code of the project.

These are what modules of the tree, their classes and fixtures of a wider scope hold, directly or not, and what tests
are given as parameters.
"""

from __future__ import annotations

import functools
import gc
import sys
import types
import weakref
from typing import Any, Callable, Dict, Iterable, Iterator, List, Set

MOST_OBJECTS = 200_000  # with more than that, each is said to outlive a test
# What runs the tests leads to all of them, and to what those hold that is at work. Marks and fixtures are of a module.
RUNNERS = ("_pytest.", "pluggy.")
FOLLOWED = ("_pytest.mark", "_pytest.compat")
FOLLOWED_KINDS = ("FixtureFunctionDefinition",)
UNSEEN = object()
CACHE = type(functools.lru_cache(maxsize=0)(len))
# By which attribute these lead to what they stand around; others might execute code of the project when asked.
AROUND = {
    CACHE: "__wrapped__",
    types.FunctionType: "__wrapped__",
    types.MethodType: "__func__",
    functools.partial: "func",
}
MOST_WRAPPED = 20
number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook
members_of: Any = vars(type)["__dict__"].__get__
bases_of: Any = vars(type)["__mro__"].__get__
name_of: Any = vars(type)["__qualname__"].__get__
space_of: Any = vars(types.ModuleType)["__dict__"].__get__


class Lasting:
    """Tells of an object whether it outlives the test.

    `is_own` tells whether a module is of the tree, `plain` are the types that keep nothing. What tests put
    into such objects meanwhile is not known before the next module is imported.
    """

    def __init__(self, is_own: Callable[[Any], bool], plain: Iterable[Any]) -> None:
        self.is_own = is_own
        self.plain = frozenset(plain)
        self.fixtures: Dict[int, Any] = {}
        self.nodes: Dict[int, Any] = {}
        self.parameters: Dict[int, Any] = {}
        self.known: Dict[int, Any] = {}
        self.held: Set[int] = set()
        self.values: Any = None
        self.owners: Set[str] = set()
        self.is_stale = True
        self.may_have_caches = True
        self.are_too_many = False
        self.told: Callable[[], None] = lambda: None

    def collect(self, items: Iterable[Any]) -> None:
        """Take in what was collected: what plugins put at its folders and files, and what tests are given."""
        items = list(items)
        for plugin in items[0].config.pluginmanager.get_plugins() if items else ():
            if self.is_own(sys.modules.get(type(plugin).__module__)):
                self.parameters[number_of(plugin)] = plugin
        for item in items:
            given = getattr(getattr(item, "callspec", None), "params", {})
            self.parameters.update(
                (number_of(value), value) for value in given.values() if type(value) not in self.plain
            )
            node = item.parent
            while node is not None and number_of(node) not in self.nodes:
                self.nodes[number_of(node)] = node
                self.nodes[number_of(node.config)] = node.config
                node = node.parent
        self.forget()

    def forget(self) -> None:
        """Look anew the next time: a module was imported."""
        self.is_stale = self.may_have_caches = True
        self.told()

    def cached(self) -> Iterator[Any]:
        """The codes whose results a cache keeps that a module of the tree, or a class in one, holds by a name.

        Those that are decorated are seen by their text; `found = lru_cache(find)` is not.
        """
        if self.may_have_caches:
            self.may_have_caches = False
            for module in list(sys.modules.values()):
                for value in list(vars(module).values()) if self.is_own(module) else ():
                    held = [value, *members_of(value).values()] if issubclass(type(value), type) else [value]
                    yield from (each.__code__ for each in map(behind_cache, held) if each is not None)

    def add(self, fixture: Any) -> None:
        """A fixture of a wider scope made something, or cleared it away."""
        self.fixtures[id(fixture)] = fixture
        self.forget()

    def has_none_for(self, code: Any) -> bool:
        """Whether no such object has this method: those of another class have not, unless one was borrowed."""
        owner, dot, _ = getattr(code, "co_qualname", "").rpartition(".")
        is_method = bool(dot) and not owner.endswith("<locals>")
        return is_method and not self.is_stale and not self.are_too_many and owner not in self.owners

    def is_given(self, names: Iterable[str], frame: Any) -> bool:
        """Whether one of these names stands for an object that outlives the test, in a function that begins."""
        self.values = values = frame.f_locals
        found = any(self.is_lasting(values.get(name)) for name in names)
        self.values = None
        return found

    def is_lasting(self, value: Any) -> bool:
        """Whether an object was there before the test, and is held by what outlives it."""
        if type(value) in self.plain or (type(value) is tuple and not value):  # there is one of these only
            return False
        if self.is_stale:
            self.look()
        known = self.known.get(number_of(value), UNSEEN)
        if known is UNSEEN:
            return self.are_too_many
        # What is gone may have left its number to another object.
        if type(known) is weakref.ref:
            return known() is value
        return known is type(value) and self.is_held(value)

    def is_held(self, value: Any) -> bool:
        """Whether anything but a function that runs holds an object which can have no weak reference."""
        number = number_of(value)
        if number not in self.held:
            # It is held by the names in the frame that were asked for, and by them alone where it has just been made.
            if not any(
                type(each) is not types.FrameType and each is not self.values for each in gc.get_referrers(value)
            ):
                return False
            self.held.add(number)
        return True

    def look(self) -> None:
        """Find all such objects: a weak reference to each by its number, or its type where it can have none."""
        self.is_stale = False
        was_collecting = gc.isenabled()
        gc.disable()  # so many weak references would have it begin again and again
        try:
            self.walk()
        finally:
            if was_collecting:
                gc.enable()

    def walk(self) -> None:
        """As `look`, while nothing is collected."""
        known: Dict[int, Any] = {}
        walk = Walk(self.is_own, self.plain)
        fresh = walk.new(self.roots(), known)
        while fresh and len(known) <= MOST_OBJECTS:
            walk.kinds.update(map(type, fresh.values()))
            known.update((number, walk.token(value)) for number, value in fresh.items())
            fresh = walk.new(walk.held(list(fresh.values())), known)
        self.are_too_many = bool(fresh)
        self.known = known
        self.held.clear()
        self.owners = walk.borrowed.union(name_of(base) for kind in walk.kinds for base in bases_of(kind))

    def roots(self) -> List[Any]:
        """What modules of the tree, wider fixtures and the collection hold."""
        found: List[Any] = list(self.parameters.values())
        for module in list(sys.modules.values()):
            if self.is_own(module):
                found.extend(list(vars(module).values()))
        for fixture in self.fixtures.values():
            made = (getattr(fixture, "cached_result", None) or ())[:1]
            found.extend(each for each in made if not type(each).__module__.startswith(RUNNERS))
        for node in self.nodes.values():
            found.extend(list(getattr(node, "__dict__", {}).values()))
            found.extend(list(getattr(getattr(node, "stash", None), "_storage", {}).values()))
        return found


def behind_cache(value: Any) -> Any:
    """The function whose results a cache keeps; None for what is no cache of one."""
    for _ in range(MOST_WRAPPED if type(value) is CACHE else 0):
        kind: Any = type(value)
        if kind not in AROUND:
            return None
        if kind is types.FunctionType and "__wrapped__" not in vars(value):
            return value
        value = getattr(value, AROUND[kind])
    return None


class Walk:
    """One look at what objects hold; classes and functions of others lead everywhere, and are not followed."""

    def __init__(self, is_own: Callable[[Any], bool], plain: Any) -> None:
        self.is_own = is_own
        self.plain = plain
        self.runners: Dict[Any, bool] = {}
        self.referable: Dict[Any, bool] = {}
        self.own: Dict[str, bool] = {}
        self.kinds: Set[Any] = set()
        self.borrowed: Set[str] = set()  # the classes whose methods another one took
        modules = [module for module in list(sys.modules.values()) if issubclass(type(module), types.ModuleType)]
        self.spaces = {number_of(module) for module in modules} | {number_of(space_of(module)) for module in modules}

    def new(self, values: Iterable[Any], known: Dict[int, Any]) -> Dict[int, Any]:
        """Those of these objects that can keep something and are not known, by their numbers."""
        plain, spaces = self.plain, self.spaces
        return {
            number_of(value): value
            for value in values
            if type(value) not in plain and number_of(value) not in known and number_of(value) not in spaces
        }

    def token(self, value: Any) -> Any:
        """What tells the object from a later one of the same number."""
        kind = type(value)
        if self.referable.get(kind, True):
            try:
                return weakref.ref(value)
            except TypeError:
                self.referable[kind] = False
        return kind

    def held(self, values: List[Any]) -> List[Any]:
        """What these objects hold."""
        found: List[Any] = []
        followed: List[Any] = []
        functions: List[Any] = []
        for value in values:
            kind = type(value)
            if kind is types.FunctionType:
                functions.append(value)
            elif issubclass(kind, type):
                found.extend(self.members(value))
            elif not self.is_runner(kind):
                followed.append(value)
        self.spaces.update(number_of(function.__globals__) for function in functions)
        found.extend(gc.get_referents(*followed, *functions))  # to ask for each is heard by each audit hook
        return found

    def members(self, kind: Any) -> Iterable[Any]:
        """What a class holds, if it is of the tree."""
        members = members_of(kind)
        name = str(members.get("__module__"))
        if name not in self.own:
            self.own[name] = self.is_own(sys.modules.get(name))
        if not self.own[name]:
            return ()
        found, own = list(members.values()), name_of(kind)
        owners = {each.__qualname__.rpartition(".")[0] for each in found if type(each) is types.FunctionType}
        self.borrowed.update(owner for owner in owners if owner != own)
        return found

    def is_runner(self, kind: Any) -> bool:
        """Whether a type is one of pytest's, that leads to all tests."""
        if kind not in self.runners:
            name = str(getattr(kind, "__module__", "")) + "."
            is_followed = name.startswith(FOLLOWED) or kind.__name__ in FOLLOWED_KINDS
            self.runners[kind] = name.startswith(RUNNERS) and not is_followed
        return self.runners[kind]
