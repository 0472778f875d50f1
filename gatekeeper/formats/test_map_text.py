"""Writes what is known of tests as text and reads it again; equal parts are written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.selection import Covered, KnownTest, Loaded, TestMap, Touched

_VERSION = 6


def write_test_map(known: TestMap) -> str:
    """The map as JSON in ASCII, also with names that are no UTF-8."""
    shelf = _Shelf()
    tests = [
        [name, shelf.path(test.path), test.again, shelf.touched(test.touched), *_told(test)]
        for name, test in sorted(known.tests.items())
    ]
    data = {
        "version": _VERSION,
        "tree": known.tree,
        "environment": dict(known.environment),
        "session": shelf.touched(known.session),
        "tests": tests,
        "kept": shelf.units(known.kept),
        "modules": dict(known.modules),
        "edges": sorted(known.edges),
        "loaded": {path: [file.blob, list(file.names), list(file.spans)] for path, file in known.loaded.items()},
        "untracked": dict(known.untracked),
        "covered": None if known.covered is None else shelf.covered(known.covered),
        "outside": dict(known.outside),
        "asked": known.asked,
        "made": sorted(known.made),
        "paths": list(shelf.paths),
        "touched": list(shelf.seen),
    }
    return json.dumps(data, separators=(",", ":"))


def read_test_map(text: str) -> TestMap:
    """The map in this text; raises UnreadableReport where it is none."""
    try:
        data = json.loads(text)
        if data["version"] != _VERSION:
            raise UnreadableReport("what is known of the tests was written by another version")
        paths: list[str] = data["paths"]
        touched = [_touched(json.loads(each), paths) for each in data["touched"]]
        tests = {
            name: KnownTest(paths[path], again, touched[number], bool(skipped), milliseconds / 1000)
            for name, path, again, number, skipped, milliseconds in data["tests"]
        }
        return TestMap(
            tree=data["tree"],
            environment=data["environment"],
            tests=tests,
            session=touched[data["session"]],
            kept=_units(data["kept"], paths),
            modules=data["modules"],
            edges=frozenset((importer, imported) for importer, imported in data["edges"]),
            loaded={path: _loaded(*row) for path, row in data["loaded"].items()},
            untracked=data["untracked"],
            covered=None if data["covered"] is None else _covered(data["covered"], paths),
            outside=data["outside"],
            asked=data["asked"],
            made=frozenset((importer, path) for importer, path in data["made"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        if isinstance(error, UnreadableReport):
            raise
        raise UnreadableReport(f"what is known of the tests cannot be read ({type(error).__name__})") from error


def _told(test: KnownTest) -> tuple[int, int]:
    return int(test.skipped), round(test.seconds * 1000)


class _Shelf:
    """Numbers paths, and what was touched, as they come."""

    def __init__(self) -> None:
        self.paths: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.known: dict[int, int] = {}

    def path(self, path: str) -> int:
        """The number of a path."""
        return self.paths.setdefault(path, len(self.paths))

    def units(self, units: Mapping[str, frozenset[int]]) -> list[list[int]]:
        """The number of each path, followed by those of its parts."""
        return [[self.path(path), *sorted(numbers)] for path, numbers in sorted(units.items())]

    def touched(self, touched: Touched) -> int:
        """The number of what was touched: many tests touch the same, and share the object that tells it."""
        if id(touched) in self.known:
            return self.known[id(touched)]
        sets = (touched.reads, touched.lists, touched.docs)
        reads, lists, docs = ([self.path(path) for path in sorted(paths)] for paths in sets)
        row = [self.units(touched.entered), reads, lists, touched.everything, int(touched.lines), docs]
        number = self.seen.setdefault(json.dumps(row, separators=(",", ":")), len(self.seen))
        self.known[id(touched)] = number
        return number

    def covered(self, covered: Covered) -> list[Any]:
        """Settings, kind, whether it is whole, and of each test the number of each path, followed by its lines."""
        by = [
            [test, [[self.path(path), *map(list, sorted(places))] for path, places in sorted(files.items())]]
            for test, files in sorted(covered.by.items())
        ]
        return [covered.settings, int(covered.branches), int(covered.whole), by]


def _loaded(blob: str, names: list[str], spans: list[list[int]]) -> Loaded:
    return Loaded(blob, tuple(names), tuple((first, last) for first, last in spans))


def _covered(row: list[Any], paths: list[str]) -> Covered:
    settings, branches, whole, by = row
    found = {test: {paths[path]: frozenset(map(tuple, places)) for path, *places in files} for test, files in by}
    return Covered(settings, bool(branches), found, bool(whole))


def _units(rows: list[list[int]], paths: list[str]) -> dict[str, frozenset[int]]:
    return {paths[path]: frozenset(numbers) for path, *numbers in rows}


def _touched(row: list[Any], paths: list[str]) -> Touched:
    entered, *sets, everything, lines, docs = row
    reads, lists, documents = (frozenset(paths[number] for number in each) for each in (*sets, docs))
    return Touched(
        _units(entered, paths), reads, lists, everything, bool(lines), documents
    )  # fmt: skip
