"""Stands in for the full interface where that cannot be read: what is public is judged by names alone."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.inspectors.definitions import ModuleText


class NamesOnly:
    """The interface of the changed files alone, with the questions that a `Surface` answers.

    Nothing is known of what other modules hand on, so names of modules that were not read count as served.
    """

    def __init__(self, modules: Mapping[str, ModuleText]) -> None:
        self._modules = modules
        self._classes = {
            f"{module}.{defined.name}"
            for module, text in modules.items()
            for defined in text.definitions.values()
            if defined.kind == "class"
        }
        self.places: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.broken: dict[str, str] = {}
        self.public: dict[str, list[str]] = {}
        for module, text in modules.items():
            for name in text.definitions:
                if not _is_private(module, name, text.exports):
                    self.public[f"{module}.{name}"] = [f"{module}.{name}"]

    def place_of(self, path: str) -> str | None:
        """The name itself where it was read, None for any other."""
        return path if path in self.public else None

    def weakness(self, path: str) -> str:
        """Nothing is known that would excuse a removal."""
        return ""

    def is_served(self, path: str) -> bool:
        """Whether the name may still answer: always, unless it stood in a module that was read."""
        module = path
        while module and module not in self._modules:
            module = module.rpartition(".")[0]
        return not module or path[len(module) + 1 :] in self._modules[module].definitions

    def is_class(self, path: str) -> bool:
        """Whether the name is that of a class."""
        return path in self._classes

    def ancestors(self, path: str) -> frozenset[str]:
        """Nothing: base classes cannot be followed."""
        return frozenset()

    def inherits_documentation(self, path: str) -> bool:
        """Never known."""
        return False

    def names(self) -> set[str]:
        """The last names of what the changed files define."""
        return {name.rpartition(".")[2] for text in self._modules.values() for name in text.definitions}


def _is_private(module: str, name: str, exports: frozenset[str] | None) -> bool:
    if exports is not None and name.partition(".")[0] in exports:
        return any(part.startswith("_") for part in name.split(".")[1:])
    return exports is not None or any(part.startswith("_") for part in (*module.split("."), *name.split(".")))
