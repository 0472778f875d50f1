"""Knows what the packages of one tree offer: their public names and where each leads, read by griffe and never run."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import griffe

from gatekeeper.inspectors.definitions import read_module
from gatekeeper.inspectors.sources import Source, external_sources, read_text

Node = griffe.Object | griffe.Alias
_UNRESOLVED = (griffe.AliasResolutionError, griffe.CyclicAliasError, KeyError, ValueError)
_MOST_EXTERNAL = 500
_MOST_PATHS = 8
_DEEPEST = 12
# Bases that bring no method which a subclass would override or lose.
_EMPTY_BASES = frozenset({"object", "Generic", "Protocol", "ABC", "NamedTuple", "TypedDict"})


class Surface:
    """The interface of some packages in one tree.

    `public` maps the place where an object is defined to the public names that lead there. `texts` are the sources by
    dotted name, `broken` says per path why a source could not be read, `places` gives the path of a dotted module.
    """

    def __init__(self, search_path: tuple[str, ...] = ()) -> None:
        self._modules = griffe.ModulesCollection()
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
        self._hidden: set[str] = set()
        self._inits: dict[str, frozenset[str] | None] = {}
        self.public: dict[str, list[str]] = {}
        self.texts: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.broken: dict[str, str] = {}

    def load(self, sources: Iterable[Source], is_product: Callable[[str], bool]) -> None:
        """Read the sources of packages together, so that the names which one takes from another can be followed.

        Nothing is public in a file whose path `is_product` denies.
        """
        names = set()
        for source in sources:
            names.add(source.module.partition(".")[0])
            self._visit(source)
            if not is_product(source.path):
                self._hidden.add(source.module)
        self._link(sorted(names))

    def _link(self, names: list[str]) -> None:
        """Follow what the packages hand on to one another, and note what is public."""
        loaded = [name for name in names if name in self._modules]
        for name in loaded:
            self._loader.expand_exports(self._modules[name])
        for name in loaded:
            self._loader.expand_wildcards(self._modules[name], external=False)
        for name in loaded:
            if not name.startswith("_"):
                self._publish(self._modules[name], name, set())

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
            self.broken[source.path] = str(error)
            return
        self._place(module, parent)
        if source.path:
            self.texts[source.module], self.places[source.module] = text, source.path
        if source.is_package and " import " in text:
            self._inits[source.module] = read_redundant(text)

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

    def _publish(self, node: Node, path: str, seen: set[str]) -> None:
        """Note the public members of a module or class under the public name `path`."""
        if node.canonical_path in self._hidden or path.count(".") > _DEEPEST:
            return
        for name, member in list(node.members.items()):
            if not self._is_public(node, name, member):
                continue
            public = f"{path}.{name}"
            target = final(member)
            place = target.canonical_path if target is not None else public
            paths = self.public.setdefault(place, [])
            if public in paths or len(paths) >= _MOST_PATHS:
                continue
            paths.append(public)
            if target is None or not (target.is_class or target.is_module):
                continue
            if target.is_module and (member.is_alias or place in seen):
                continue
            self._publish(target, public, seen | {place})
            if target.is_class:
                self._publish_inherited(target, public)

    def _publish_inherited(self, node: Node, path: str) -> None:
        """Note what a public class takes over from bases of the project: their members are public through it."""
        for base in self.bases(node):
            for name, member in base.members.items():
                if not member.is_alias and not member.is_private and name not in node.members:
                    paths = self.public.setdefault(member.canonical_path, [])
                    if len(paths) < _MOST_PATHS:
                        paths.append(f"{path}.{name}")

    def _is_public(self, parent: Node, name: str, member: Node) -> bool:
        if name.startswith("__") and name.endswith("__"):
            return parent.is_class
        if member.is_public:
            return True
        if not parent.is_module or name.startswith("_") or not member.is_alias or parent.exports:
            return False
        # A package without `__all__` offers what it imports from its own modules, and what any `import x as x` says.
        redundant = self._inits.get(parent.path)
        if redundant is None:
            return False
        target = getattr(member, "target_path", "")
        return name in redundant or target.partition(".")[0] == parent.path.partition(".")[0]

    def get(self, path: str) -> Node | None:
        """The object that a dotted name leads to, through imports and base classes; None where nothing is known."""
        parts = path.split(".")
        if parts[0] not in self._modules:
            return None
        node: Node | None = self._modules[parts[0]]
        for part in parts[1:]:
            node = self._member(node, part) if node is not None else None
        return node

    def _member(self, node: Node, name: str) -> Node | None:
        try:
            if name in node.members:
                return final(node.members[name]) or node.members[name]
            if node.is_class:
                return next((base.members[name] for base in self.bases(node) if name in base.members), None)
        except _UNRESOLVED:
            return None
        return None

    def bases(self, node: Node) -> list[griffe.Class]:
        """The bases of a class that can be followed, nearest first."""
        try:
            return list(node.mro()) if isinstance(node, griffe.Class) else []
        except (*_UNRESOLVED, RecursionError):
            return []

    def is_class(self, path: str) -> bool:
        """Whether the name leads to a class."""
        node = self.get(path)
        return node is not None and node.is_class

    def ancestors(self, path: str) -> frozenset[str]:
        """The dotted names of all base classes of a class, near and far, as far as they can be followed."""
        node = self.get(path)
        if node is None:
            return frozenset()
        near = [owner for owner in (node, *self.bases(node)) if isinstance(owner, griffe.Class)]
        paths = {base if isinstance(base, str) else base.canonical_path for owner in near for base in owner.bases}
        return frozenset(paths | {owner.path for owner in near})

    def is_served(self, path: str) -> bool:
        """Whether a name still answers, or may answer in a way that reading does not show."""
        node = self.get(path)
        if node is not None:
            return True
        above, _, name = path.rpartition(".")
        parent = self.get(above) if above else None
        if parent is None:
            return bool(above) and above.count(".") > 0 and self.is_dynamic(above.rpartition(".")[0])
        if parent.is_module:
            return self.is_dynamic(parent.canonical_path)
        return parent.is_class and self._may_inherit(parent, name)

    def is_dynamic(self, module: str) -> bool:
        """Whether a module makes names while it runs: by `__getattr__`, `globals()` or a foreign wildcard import."""
        node = self.get(module)
        if node is None or not node.is_module:
            return False
        text = self.texts.get(node.canonical_path, "")
        return (
            "__getattr__" in node.members
            or any(getattr(member, "wildcard", None) for member in node.members.values())
            or any(hint in text for hint in ("globals()", "sys.modules[__name__]", "vars()["))
        )

    def _may_inherit(self, node: Node, name: str) -> bool:
        for owner in (node, *self.bases(node)):
            if "__getattr__" in owner.members:
                return True
            for base in self.open_bases(owner):
                known = getattr(builtins, base, None)
                if known is None or hasattr(known, name):
                    return True
        return False

    def open_bases(self, node: Node) -> list[str]:
        """The dotted names of the bases of a class that lead outside of what has been read."""
        found = []
        for base in getattr(node, "bases", ()):
            path = base if isinstance(base, str) else base.canonical_path
            path = path.partition("[")[0]
            if self.get(path) is None and path.rpartition(".")[2] not in _EMPTY_BASES:
                found.append(path)
        return found

    def inherits_documentation(self, path: str) -> bool:
        """Whether a method overrides a documented one, be its class of the project, of Python or installed."""
        above, _, name = path.rpartition(".")
        node = self.get(above)
        if node is None or not node.is_class:
            return False
        if self._documented_above(node, name):
            return True
        missing = {base for owner in (node, *self.bases(node)) for base in self.open_bases(owner)}
        if any(getattr(getattr(builtins, base, None), name, None) is not None for base in missing):
            return True
        for package in sorted({base.partition(".")[0] for base in missing if "." in base} - self._outside):
            self._load_outside(package)
        return bool(missing) and self._documented_above(node, name)

    def _documented_above(self, node: Node, name: str) -> bool:
        for base in self.bases(node):
            member = base.members.get(name)
            if member is not None and not member.is_alias and member.docstring is not None:
                return True
        return False

    def _load_outside(self, package: str) -> None:
        self._outside.add(package)
        if package in self._modules:
            return
        for count, source in enumerate(external_sources(self._search_path, package)):
            if count < _MOST_EXTERNAL:
                self._visit(source)

    def names(self) -> set[str]:
        """The last names of everything that the packages define: functions, classes, attributes and parameters."""
        found: set[str] = set()
        for name in self.texts:
            node = self.get(name)
            if node is not None and not node.is_alias:
                found |= set(_names(node))
        return found


def final(node: Node) -> Node | None:
    """What an object is after all imports are followed, or None where they lead out of what has been read."""
    try:
        return node.final_target if isinstance(node, griffe.Alias) else node
    except _UNRESOLVED:
        return None


def read_redundant(text: str) -> frozenset[str] | None:
    """The names that a source imports as themselves (`import x as x`), or None where it does not parse."""
    try:
        return read_module(text).redundant_imports
    except (SyntaxError, ValueError, RecursionError):
        return None


def _names(node: Node) -> Iterator[str]:
    for name, member in node.members.items():
        if member.is_alias or member.is_module:
            continue
        yield name
        if member.is_class:
            yield from _names(member)
        elif isinstance(member, griffe.Function):
            yield from (parameter.name for parameter in member.parameters)
