"""Reads the modules of packages into one tree with griffe, which never runs them, and follows names in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import griffe

from gatekeeper.inspectors.sources import Source, external_sources, read_text

Node = griffe.Object | griffe.Alias
_UNRESOLVED = (griffe.AliasResolutionError, griffe.CyclicAliasError, KeyError, ValueError, RecursionError)
_MOST_EXTERNAL = 500
# Bases that bring no method which a subclass would override or lose.
_EMPTY_BASES = frozenset({"object", "Generic", "Protocol", "ABC", "NamedTuple", "TypedDict"})


class ModuleTree:
    """The modules of some packages.

    `texts` are the sources by dotted name, `broken` says per path why a source could not be read, `places` gives the
    path of a dotted module, and `inits` names the modules that are packages.
    """

    def __init__(self, search_path: tuple[str, ...] = ()) -> None:
        self._modules = griffe.ModulesCollection()
        # The finder of griffe would run Git, follow links and read `.pth` files: the sources are found by our own.
        self._loader = griffe.GriffeLoader(
            extensions=griffe.Extensions(),
            search_paths=[],
            modules_collection=self._modules,
            allow_inspection=False,
            force_inspection=False,
            store_source=False,
        )
        self._search_path = search_path
        self._known: dict[str, griffe.Module] = {}
        self._outside: set[str] = set()
        self.inits: set[str] = set()
        self.texts: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.broken: dict[str, str] = {}

    def load(self, sources: Iterable[Source]) -> list[griffe.Module]:
        """Read the sources of packages, follow what they hand on to one another, and give the top-level modules."""
        names: dict[str, None] = {}
        for source in sources:
            names[source.module.partition(".")[0]] = None
            self._visit(source)
        loaded = [self._known[name] for name in names if name in self._known]
        for module in loaded:
            self._loader.expand_exports(module)
        for module in loaded:
            self._loader.expand_wildcards(module, external=False)
        return loaded

    def load_outside(self, package: str) -> None:
        """Read a package that is installed or comes with Python, once, so that base classes in it can be followed."""
        if package in self._outside or package in self._known:
            return
        self._outside.add(package)
        for count, source in enumerate(external_sources(self._search_path, package)):
            if count < _MOST_EXTERNAL:
                self._visit(source)

    def knows(self, package: str) -> bool:
        """Whether the top-level module has been read."""
        return package in self._known

    def _visit(self, source: Source) -> None:
        text = read_text(source.place)
        if text is None:
            return
        parent = self._parent(source.module)
        name = source.module.rpartition(".")[2]
        try:
            module = griffe.visit(
                name,
                filepath=source.place,
                code=text,
                extensions=self._loader.extensions,
                parent=parent,
                lines_collection=self._loader.lines_collection,
                modules_collection=self._modules,
            )
        except (SyntaxError, ValueError, RecursionError) as error:
            if source.path:
                self.broken[source.path] = str(error)
            return
        self._place(module, parent)
        if source.path:
            self.texts[source.module], self.places[source.module] = text, source.path
        if source.is_package:
            self.inits.add(source.module)

    def _parent(self, module: str) -> griffe.Module | None:
        """The module around one, made as a namespace where no source has been read for it."""
        above = module.rpartition(".")[0]
        if not above:
            return None
        if above in self._known:
            return self._known[above]
        parent = self._parent(above)
        made = griffe.Module(
            above.rpartition(".")[2], filepath=[Path(above)], parent=parent, modules_collection=self._modules
        )
        self._place(made, parent)
        return made

    def _place(self, module: griffe.Module, parent: griffe.Module | None) -> None:
        self._known[module.path] = module
        if parent is None:
            self._modules[module.path] = module
        else:
            parent.set_member(module.name, module)

    def get(self, path: str) -> griffe.Object | None:
        """The object that a dotted name leads to, through imports and base classes; None where nothing is known."""
        parts = path.split(".")
        node: griffe.Object | None = self._known.get(parts[0])
        for part in parts[1:]:
            member = self._member(node, part) if node is not None else None
            node = final(member) if member is not None else None
        return node

    def _member(self, node: griffe.Object, name: str) -> Node | None:
        if name in node.members:
            return node.members[name]
        return next((base.members[name] for base in self.bases(node) if name in base.members), None)

    def bases(self, node: Node) -> list[griffe.Class]:
        """The bases of a class that can be followed, nearest first."""
        try:
            return list(node.mro()) if isinstance(node, griffe.Class) else []
        except _UNRESOLVED:
            return []

    def open_bases(self, node: Node) -> list[str]:
        """The dotted names of the bases of a class that lead outside of what has been read."""
        found = []
        for base in getattr(node, "bases", ()):
            path = base if isinstance(base, str) else base.canonical_path
            path = path.partition("[")[0]
            if self.get(path) is None and path.rpartition(".")[2] not in _EMPTY_BASES:
                found.append(path)
        return found

    def names(self) -> set[str]:
        """The last names of everything that the packages define: functions, classes, attributes and parameters."""
        found: set[str] = set()
        for name in self.texts:
            node = self.get(name)
            if node is not None and not node.is_alias:
                found |= set(_names(node))
        return found


def final(node: Node) -> griffe.Object | None:
    """What an object is after all imports are followed, or None where they lead out of what has been read."""
    try:
        found = node.final_target if isinstance(node, griffe.Alias) else node
    except _UNRESOLVED:
        return None
    return found if isinstance(found, griffe.Object) else None


def _names(node: Node) -> Iterator[str]:
    for name, member in node.members.items():
        if member.is_alias or member.is_module:
            continue
        yield name
        if member.is_class:
            yield from _names(member)
        elif isinstance(member, griffe.Function):
            yield from (parameter.name for parameter in member.parameters)
