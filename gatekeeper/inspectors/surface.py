"""Knows what the packages of one tree offer: their public names and where each leads, read by griffe and never run."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable

import griffe

from gatekeeper.inspectors.definitions import read_module
from gatekeeper.inspectors.module_tree import ModuleTree, Node, final
from gatekeeper.inspectors.sources import Source

_MOST_PATHS = 8
_DEEPEST = 12
_TYPE_VARIABLE = re.compile(r"^(\w+\.)?(TypeVar|ParamSpec|TypeVarTuple|NewType)\(")


class Surface:
    """The interface of some packages in one tree.

    `public` maps the place where an object is defined to the public names that lead there.
    """

    def __init__(self, search_path: tuple[str, ...] = ()) -> None:
        self._tree = ModuleTree(search_path)
        self._hidden: set[str] = set()
        self._redundant: dict[str, frozenset[str]] = {}
        self.public: dict[str, list[str]] = {}

    @property
    def texts(self) -> dict[str, str]:
        """The sources that were read, by dotted name."""
        return self._tree.texts

    @property
    def places(self) -> dict[str, str]:
        """The path of each dotted module."""
        return self._tree.places

    @property
    def broken(self) -> dict[str, str]:
        """Why sources could not be read, by path."""
        return self._tree.broken

    def load(self, sources: Iterable[Source], is_product: Callable[[str], bool]) -> None:
        """Read the sources of packages together, so that the names which one takes from another can be followed.

        Nothing is public in a file whose path `is_product` denies.
        """
        modules = self._tree.load(sources)
        self._hidden = {module for module, path in self.places.items() if not is_product(path)}
        for module in modules:
            if not module.name.startswith("_"):
                self._publish(module, module.name, set())

    def _publish(self, node: Node, path: str, seen: set[str]) -> None:
        """Note the public members of a module or class under the public name `path`."""
        if node.canonical_path in self._hidden or path.count(".") > _DEEPEST:
            return
        for name, member in list(node.members.items()):
            if not self._is_public(node, name, member):
                continue
            public = f"{path}.{name}"
            target = final(member)
            if target is None and not member.is_exported:
                continue  # what a module takes from outside is its own only where it says so
            place = target.canonical_path if target is not None else public
            if not self._note(place, public) or target is None:
                continue
            # A module that is only handed on is noted, and what stands in it under its own name alone.
            if target.is_class or (target.is_module and not member.is_alias and place not in seen):
                self._publish(target, public, seen | {place})
            if target.is_class:
                self._publish_inherited(target, public)

    def _note(self, place: str, public: str) -> bool:
        """Keep a public name of an object; tells whether it is a new one, of which only so many are kept."""
        paths = self.public.setdefault(place, [])
        if public in paths or len(paths) >= _MOST_PATHS:
            return False
        paths.append(public)
        return True

    def _publish_inherited(self, node: Node, path: str) -> None:
        """Note what a public class takes over from bases of the project: their members are public through it."""
        for base in self._tree.bases(node):
            for name, member in base.members.items():
                if not member.is_alias and not member.is_private and name not in node.members:
                    self._note(member.canonical_path, f"{path}.{name}")

    def _is_public(self, parent: Node, name: str, member: Node) -> bool:
        if name.startswith("__") and name.endswith("__"):
            return parent.is_class
        if member.is_public:
            return True
        if not parent.is_module or name.startswith("_") or not member.is_alias or parent.exports:
            return False
        # A package without `__all__` offers what it imports from its own modules, and what any `import x as x` says.
        if parent.path not in self._tree.inits:
            return False
        target = getattr(member, "target_path", "")
        return target.partition(".")[0] == parent.path.partition(".")[0] or name in self._said_again(parent.path)

    def _said_again(self, module: str) -> frozenset[str]:
        """The names that a module imports as themselves (`import x as x`), which is a way to offer them."""
        if module not in self._redundant:
            self._redundant[module] = read_module(self.texts[module]).redundant_imports
        return self._redundant[module]

    def names(self) -> set[str]:
        """The last names of everything that the packages define: functions, classes, attributes and parameters."""
        return self._tree.names()

    def place_of(self, path: str) -> str | None:
        """The full dotted name under which an object is defined, None where the name leads nowhere."""
        node = self._tree.get(path)
        return None if node is None else node.canonical_path

    def weakness(self, path: str) -> str:
        """Why an object was hardly something that users rely on, by its kind; "" for one like any other."""
        node = self._tree.get(path)
        if node is None:
            return ""
        if "instance-attribute" in node.labels:
            return "attribute of an instance"
        if node.runtime is False:
            return "only seen by type checkers"
        return "type variable" if _TYPE_VARIABLE.match(str(getattr(node, "value", ""))) else ""

    def is_class(self, path: str) -> bool:
        """Whether the name leads to a class."""
        node = self._tree.get(path)
        return node is not None and node.is_class

    def ancestors(self, path: str) -> frozenset[str]:
        """The dotted names of all base classes of a class, near and far, as far as they can be followed."""
        node = self._tree.get(path)
        if node is None:
            return frozenset()
        near = [owner for owner in (node, *self._tree.bases(node)) if isinstance(owner, griffe.Class)]
        paths = {base if isinstance(base, str) else base.canonical_path for owner in near for base in owner.bases}
        return frozenset(paths | {owner.path for owner in near})

    def is_served(self, path: str, depth: int = 0) -> bool:
        """Whether a name still answers, or may answer in a way that reading does not show."""
        if self._tree.get(path) is not None:
            return True
        above, _, name = path.rpartition(".")
        if not above or depth > _DEEPEST:
            return bool(above)
        parent = self._tree.get(above)
        if parent is None:
            return self.is_served(above, depth + 1) if "." in above else not self._tree.knows(above)
        member = parent.members.get(name)
        if isinstance(member, griffe.Alias):
            return self.is_served(member.target_path, depth + 1)
        if parent.is_module:
            return self.is_dynamic(parent.canonical_path) or self._is_broken(f"{parent.canonical_path}.{name}")
        return parent.is_class and self._may_inherit(parent, name)

    def _is_broken(self, module: str) -> bool:
        """Whether a module is there and could only not be read."""
        ends = ("/" + module.replace(".", "/") + ending for ending in (".py", "/__init__.py"))
        return any(f"/{path}".endswith(end) for end in ends for path in self.broken)

    def is_dynamic(self, module: str) -> bool:
        """Whether a module makes names while it runs: by `__getattr__`, `globals()` or a foreign wildcard import."""
        node = self._tree.get(module)
        if node is None or not node.is_module:
            return False
        text = self.texts.get(node.canonical_path, "")
        return (
            "__getattr__" in node.members
            or any(getattr(member, "wildcard", None) for member in node.members.values())
            or any(hint in text for hint in ("globals()", "sys.modules[__name__]", "vars()["))
        )

    def _may_inherit(self, node: Node, name: str) -> bool:
        for owner in (node, *self._tree.bases(node)):
            if "__getattr__" in owner.members:
                return True
            for base in self._tree.open_bases(owner):
                known = getattr(builtins, base, None)
                if known is None or hasattr(known, name):
                    return True
        return False

    def inherits_documentation(self, path: str) -> bool:
        """Whether a method overrides a documented one, be its class of the project, of Python or installed."""
        above, _, name = path.rpartition(".")
        node = self._tree.get(above)
        if node is None or not node.is_class:
            return False
        if self._documented_above(node, name):
            return True
        missing = {base for owner in (node, *self._tree.bases(node)) for base in self._tree.open_bases(owner)}
        if any(getattr(getattr(builtins, base, None), name, None) is not None for base in missing):
            return True
        for package in sorted({base.partition(".")[0] for base in missing if "." in base}):
            self._tree.load_outside(package)
        return bool(missing) and self._documented_above(node, name)

    def _documented_above(self, node: Node, name: str) -> bool:
        for base in self._tree.bases(node):
            member = base.members.get(name)
            if member is not None and not member.is_alias and member.docstring is not None:
                return True
        return False
