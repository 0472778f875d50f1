"""Holds the interface of one of two trees, read by griffe: the most expensive part of an inspection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import griffe

from gatekeeper.inspectors.definitions import Defined, ModuleText
from gatekeeper.inspectors.names_only import NamesOnly
from gatekeeper.inspectors.sources import Source
from gatekeeper.inspectors.surface import Surface
from gatekeeper.inspectors.work import Work

_TROUBLE = (griffe.GriffeError, AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError)


@dataclass
class Side:
    """One of the two trees: its interface, and what stands in the changed files, by dotted module."""

    surface: Surface | NamesOnly
    modules: dict[str, ModuleText] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    whole: bool = False

    def definitions(self) -> dict[str, Defined]:
        """Every definition of the changed files by its full dotted name."""
        return {f"{name}.{d.name}": d for name, text in self.modules.items() for d in text.definitions.values()}

    def path_of(self, place: str) -> str:
        """The file in which the object of this full dotted name is defined, "" where it is not known."""
        module = place
        while module and module not in self.paths and module not in self.surface.places:
            module = module.rpartition(".")[0]
        return self.paths.get(module) or self.surface.places.get(module, "")


def unread_side() -> Side:
    """A tree of which nothing is asked."""
    return Side(NamesOnly({}))


def read_side(
    work: Work,
    sources: Iterable[Source],
    changed: Mapping[str, tuple[str, ModuleText]],
    missing: Mapping[str, ModuleText],
) -> tuple[Side, str]:
    """A tree with the interface that the sources make, and a note if that could not be followed.

    `changed` are the path and the text of its changed modules, by dotted name. `missing` are empty texts for the
    modules that the other tree has: where names alone can be compared, what stood in them is gone.
    """
    modules = {name: text for name, (_, text) in changed.items()}
    paths = {name: path for name, (path, _) in changed.items()}
    surface = Surface(work.search_path)
    try:
        surface.load(sources, work.is_product)
    except _TROUBLE as error:
        note = f"The interface could not be followed ({type(error).__name__}), names alone were compared"
        return Side(NamesOnly({**missing, **modules}), modules, paths, work.whole), note
    return Side(surface, modules, paths, work.whole), ""
