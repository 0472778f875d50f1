"""Ends a run of pytest at its first failure, and has the files first whose tests are the likeliest to fail.

Runs in the project's interpreter. Whole files change places: within each of them the order stays that pytest gave, so
that fixtures of a module are made once, and tests that lean on the one before them in their file find what it left.
Where a file comes in several parts, pytest has grouped tests of many files by what a fixture of the session is made
with: files change places within such a group alone, or the fixture would be made once for each of them.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Set, Tuple

Json = Dict[str, Any]


def arranged(items: List[Any], order: Json, path_of: Callable[[Any], str]) -> List[Any]:
    """The items, in each group by their files: those of `first` in its order, those that are not named, then `last`."""
    places = {path: (2, number) for number, path in enumerate(order["last"])}
    places.update((path, (0, number)) for number, path in enumerate(order["first"]))

    def place(item: Any) -> Tuple[int, int]:
        return places.get(path_of(item), (1, 0))

    return [item for group in groups_of(items, path_of) for item in sorted(group, key=place)]


def groups_of(items: List[Any], path_of: Callable[[Any], str]) -> List[List[Any]]:
    """The items in parts of which each has every file in one piece, as long as can be from the first one on."""
    groups: List[List[Any]] = []
    seen: Set[str] = set()
    current = None
    for item in items:
        path = path_of(item)
        if not groups or (path != current and path in seen):
            groups.append([])
            seen.clear()
        groups[-1].append(item)
        seen.add(path)
        current = path
    return groups


def files_of(tree: str) -> Callable[[Any], str]:
    """What tells the file of an item in relation to the tree, with slashes; empty for one that lies outside."""
    inside = os.path.realpath(tree) + os.sep
    known: Dict[str, str] = {}

    def path_of(item: Any) -> str:
        place = str(getattr(item, "path", None) or item.fspath)
        if place not in known:
            real = os.path.realpath(place)
            known[place] = real[len(inside) :].replace(os.sep, "/") if real.startswith(inside) else ""
        return known[place]

    return path_of


def plugin(request: Json, pytest: Any) -> Any:
    """The plugin for pytest; its `report` tells what it did, in fields of the report."""
    told = {"ended_at_first": False, "reordered": False}

    class Plugin:
        @staticmethod
        def report() -> Json:
            """Whether pytest ended at the first failure since it was told to, and whether files changed places."""
            return told

        def pytest_configure(self, config: Any) -> None:
            """What `--maxfail=1` does. As an argument, it would make the settings of pytest look like other ones."""
            config.option.maxfail = 1

        @pytest.hookimpl(trylast=True)  # type: ignore[untyped-decorator]
        def pytest_collection_modifyitems(self, items: List[Any]) -> None:
            before = list(items)
            items[:] = arranged(before, request["hurry"], files_of(request["tree"]))
            told["reordered"] = list(map(id, items)) != list(map(id, before))

        def pytest_sessionfinish(self, session: Any) -> None:
            """What else stops a run sets `shouldstop`."""
            is_cut = session.shouldfail and session.testsfailed and not session.shouldstop
            told["ended_at_first"] = bool(is_cut)

    return Plugin()
