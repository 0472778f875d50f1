"""Keeps foreign modules ready for astroid, built and transformed, each with all that its building brought about.

To build a module astroid loads others, and gives attributes to classes of others. So a module is handed over together
with both: a look finds those modules, and those attributes, that it would have made itself, and no more. What was
inferred meanwhile is forgotten. Runs beside `lint.py` under the project's interpreter; astroid is imported when it is
known to be there.
"""

# Paths are texts here, as astroid has them.

from __future__ import annotations

import os
import resource
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.lint_ground import is_installed
    from gatekeeper.inside.lint_warm import Source, mark
else:
    from lint_ground import is_installed
    from lint_warm import Source, mark

_MOST_KILOBYTES = 800 << 10
_MOST_SECONDS = 180.0
_LARGEST_SOURCE = 4 << 20


class Built:
    """A module as it was built, and what its building asked for, loaded, and gave to classes of other modules."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.mark = mark(path) if path else None
        self.module: Any = None
        self.asked: Set[str] = set()
        self.loaded: List[Any] = []
        self.given: List[Tuple[Any, str, Any]] = []

    def is_as_it_was(self, ours: Set[str]) -> bool:
        """Whether its source is, and neither its name nor one that it asked for means something of the project."""
        tops = {name.partition(".")[0] for name in (*self.asked, str(self.module.name))}
        return ours.isdisjoint(tops) and (not self.path or mark(self.path) == self.mark)


class Modules:
    """Hands over a module that is ready where astroid would build it; notes which ones it built that could be ready.

    `heard` is told the path of each module that is handed over, as if it were opened then; `asked` are the names that
    these had looked up.
    """

    def __init__(self, heard: Callable[[str], None]) -> None:
        self.ready: List[Source] = []
        self.made: List[Source] = []
        self.asked: Set[str] = set()
        self._heard = heard
        self._cached: Set[int] = set()
        self._store: Dict[Source, Built] = {}
        self._of: Dict[int, Built] = {}
        self._building: List[Built] = []
        self._filling = False
        self._listens = False

    def fill(self, sources: List[Source]) -> None:
        """Build these modules, in this order, until that has taken too much memory or time; forget all else."""
        from astroid.builder import AstroidBuilder  # type: ignore[import-untyped]
        from astroid.manager import AstroidManager  # type: ignore[import-untyped]

        manager = AstroidManager()
        AstroidBuilder(manager)  # this brings the builtins in
        before = dict(manager.astroid_cache)
        self._listen()
        self._filling = True
        end = time.monotonic() + _MOST_SECONDS
        for name, path in sources:
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > _MOST_KILOBYTES or time.monotonic() > end:
                break
            with suppress(Exception):  # what cannot be read here is met again by the look, and reported
                if os.path.getsize(path) < _LARGEST_SOURCE:
                    manager.ast_from_module_name(name)
        self._filling = False
        self.ready = list(dict.fromkeys([*sources, *self._store]))
        found = [*before.values(), *manager.astroid_cache.values()]
        self._cached = set(map(id, found))
        self._take_back({id(module): module for module in found})
        manager.bootstrap = lambda: None  # what is ready hangs on the builtins that there are
        manager.clear_cache()  # and so all that was looked up and inferred is forgotten
        manager._mod_file_cache.clear()
        manager.astroid_cache.update(before)

    def serve(self, ours: Set[str]) -> None:
        """Hand over what still holds from now on; `ours` are the names that mean something of the project."""
        self._listen()
        held = {number: built for number, built in self._of.items() if built.is_as_it_was(ours)}
        lost = self._of.keys() - held.keys()
        while lost:  # what loads one that is lost is lost as well
            leading = [number for number, built in held.items() if not lost.isdisjoint(map(id, built.loaded))]
            for number in leading:
                del held[number]
            lost = set(leading)
        self._of = held

    def drop(self) -> None:
        """Hand over nothing any more: astroid begins anew."""
        self._store.clear()
        self._of.clear()

    def _listen(self) -> None:
        """Stand between astroid and its builder, once in a process and its children."""
        from astroid.builder import AstroidBuilder
        from astroid.manager import AstroidManager

        if self._listens:
            return
        self._listens = True
        modules = self
        file_build, module_build, by_name = (
            AstroidBuilder.file_build, AstroidBuilder.module_build, AstroidManager.ast_from_module_name,
        )  # fmt: skip

        def built_from_file(builder: Any, path: str, modname: Any = None) -> Any:
            return modules._built((str(modname), path), path, lambda: file_build(builder, path, modname))

        def built_from_module(builder: Any, module: Any, modname: Any = None) -> Any:
            name = str(modname or getattr(module, "__name__", ""))
            return modules._built((name, ""), "", lambda: module_build(builder, module, modname))

        def found_by_name(manager: Any, modname: Any, *more: Any, **options: Any) -> Any:
            return modules._found(modname, lambda: by_name(manager, modname, *more, **options))

        AstroidBuilder.file_build, AstroidBuilder.module_build = built_from_file, built_from_module
        AstroidManager.ast_from_module_name = found_by_name

    def _built(self, source: Source, path: str, build: Any) -> Any:
        """The module of a source: the one that is ready, or a new one."""
        if not self._filling:
            built = self._store.get(source)
            if built is not None and id(built.module) in self._of:
                self._enter(built)
                return built.module
            if path.endswith(".py") and is_installed(path):
                self.made.append(source)
            return build()
        built = Built(path)
        self._building.append(built)
        try:
            built.module = build()
        finally:
            self._building.pop()
        # what is built from a module may have been built from its file, with all that this asked for
        self._store[source] = self._of.setdefault(id(built.module), built)
        return built.module

    def _found(self, name: Any, find: Any) -> Any:
        """What a name leads to; whoever is being built has asked for it, and needs it."""
        building = self._building[-1] if self._filling and self._building else None
        if building is not None:
            building.asked.add(str(name))
        module = find()
        if building is not None and all(module is not each for each in building.loaded):
            building.loaded.append(module)
        return module

    def _take_back(self, modules: Dict[int, Any]) -> None:
        """Take what the building of one module gave to others away from them, until it is handed over."""
        for module in modules.values():
            for owner in _owners(module):
                for places in (owner.locals, getattr(owner, "instance_attrs", {})):
                    for name, nodes in list(places.items()):
                        self._take_back_of(module, places, name, nodes)

    def _take_back_of(self, module: Any, places: Any, name: str, nodes: Any) -> None:
        for node in list(nodes):
            giver = self._of.get(id(node.root())) if type(node).__name__ in ("AssignAttr", "DelAttr") else None
            if giver is not None and giver.module is not module:
                giver.given.append((places, name, node))
                nodes.remove(node)
        if not nodes:
            del places[name]

    def _enter(self, built: Built) -> None:
        """Hand over a module with what it loads, as far as that is not there yet."""
        from astroid.manager import AstroidManager

        del self._of[id(built.module)]
        self.asked |= built.asked
        if built.path:
            self._heard(built.path)
        cache = AstroidManager().astroid_cache
        cache.setdefault(built.module.name, built.module)
        for module in built.loaded:
            inner = self._of.get(id(module))
            if inner is not None:
                self._enter(inner)
            elif id(module) in self._cached:
                cache.setdefault(module.name, module)
        for places, name, node in built.given:
            nodes = places.setdefault(name, [])
            if all(node is not each for each in nodes):
                nodes.append(node)


def _owners(module: Any) -> Iterator[Any]:
    """A module, and the classes and functions in it: what can be given attributes."""
    from astroid import nodes  # type: ignore[import-untyped]

    yield module
    yield from module.nodes_of_class((nodes.ClassDef, nodes.FunctionDef))
