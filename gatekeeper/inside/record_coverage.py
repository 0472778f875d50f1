"""Credits each line that coverage measures to the test that ran it first; runs in the project's interpreter.

What coverage has gathered so far is looked at after each test: a file costs a look at the number of its lines. Which
test ran a line after another one did is not known, nor needed: the line is covered as long as one of them is left out.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple

Json = Dict[str, Any]

LAYOUTS = (28, 20)  # bits of a line number, where the tracer in C packs the two ends of a branch into one number


class Crediting:
    """Knows what is covered already; `inside` tells the path of a file in relation to the tree, if it is part of it."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside
        self.measure: Any = None
        self.counts: Dict[str, int] = {}
        self.seen: Dict[str, Set[Any]] = {}
        self.by: Dict[str, Dict[str, Set[Any]]] = {}
        self.is_blind = False

    def gathered(self) -> Optional[Dict[str, Any]]:
        """What coverage has gathered by now, by file; None where nothing is measured, or not as we know it."""
        if self.measure is None:
            self.measure = current()
        data = getattr(getattr(self.measure, "_collector", None), "data", None)
        return data if isinstance(data, dict) else None

    def credit(self, name: str) -> None:
        """Credit what was gathered since the last call."""
        data = self.gathered()
        if data is None:
            self.is_blind = True
            return
        for file in list(data):
            places = data[file]
            if len(places) == self.counts.get(file, 0):
                continue
            self.counts[file] = len(places)
            seen = self.seen.setdefault(file, set())
            new = set(places) - seen
            seen |= new
            if new:
                self.by.setdefault(name, {}).setdefault(file, set()).update(new)

    def report(self, settings: str) -> Optional[Json]:
        """What each test ran first, as JSON can say it; None where that cannot be told."""
        self.credit("")
        if self.is_blind:
            return None
        data = self.measure.get_data()  # takes in what was gathered, and measures on
        branches = bool(data.has_arcs())
        names = {file: self.inside(file) for file in self.seen}
        if not all(names.values()):
            return None  # what lies outside of the tree changes without being seen
        layout = self.layout(data, branches)
        if layout is None:
            return None
        by = {
            test: {names[file]: sorted(spelt(places, layout)) for file, places in files.items()}
            for test, files in self.by.items()
        }
        return {"settings": settings, "branches": branches, "by": by}

    def layout(self, data: Any, branches: bool) -> Optional[int]:
        """How what was gathered is written, such that it means what coverage says; None where no way fits."""
        for layout in LAYOUTS if branches else (0,):
            if all(set(spelt(places, layout)) == said(data, file, branches) for file, places in self.seen.items()):
                return layout
        return None


def current() -> Any:
    """The coverage object that measures this process, or None."""
    import sys

    module = sys.modules.get("coverage")
    find = getattr(getattr(module, "Coverage", None), "current", None)
    return find() if find is not None else None


def said(data: Any, file: str, branches: bool) -> Set[Tuple[int, ...]]:
    """What coverage says that was run of a file."""
    if branches:
        return {tuple(arc) for arc in data.arcs(file) or ()}
    return {(line,) for line in data.lines(file) or ()}


def spelt(places: Iterable[Any], layout: int) -> List[Tuple[int, ...]]:
    """Lines and branches as tuples; with a layout of 0 a number is a line."""
    found: List[Tuple[int, ...]] = []
    for place in places:
        if not isinstance(place, int):
            found.append(tuple(place))
        elif not layout:
            found.append((place,))
        else:
            mask = (1 << layout) - 1
            start, end = place & mask, (place >> layout) & mask
            found.append((-start if place >> 2 * layout & 1 else start, -end if place >> 2 * layout + 1 & 1 else end))
    return found


def settings_of(measure: Any, root: str, digest: Any) -> str:
    """A short name for the settings that decide what is measured and counted, wherever the tree lies."""
    names = ("branch", "source", "source_pkgs", "source_dirs", "run_include", "run_omit", "include", "omit")
    counted = ("exclude_list", "partial_list", "partial_always_list", "plugins")
    words = [repr(getattr(measure.config, name, None)) for name in (*names, *counted)]
    places = {root, os.path.realpath(root)}
    for place in sorted(places, key=len, reverse=True):
        words = [word.replace(place, "") for word in words]
    return str(digest(words))
