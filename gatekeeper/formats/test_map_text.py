"""Writes what is known of tests as text and reads it again; equal parts are written once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.selection import Covered, KnownTest, Loaded, TestMap, Touched

_VERSION = 9
_AT_ONCE = 256  # tests are made text together, so that not much is there at a time, and little of it is overhead
_text = json.JSONEncoder(separators=(",", ":")).encode


def write_test_map(known: TestMap) -> str:
    """The map as JSON in ASCII, also with names that are no UTF-8."""
    return "".join(map_parts(known))


def map_parts(known: TestMap) -> Iterator[str]:
    """The same text piece by piece: that of a large project is never there as a whole."""
    shelf = _Shelf()
    names = sorted(known.tests)
    for test in map(known.tests.__getitem__, names):
        shelf.path(test.path)
        shelf.touched(test.touched)
    yield _text({"version": _VERSION, "tree": known.tree, "environment": dict(known.environment)})[:-1]
    yield f',"session":{shelf.touched(known.session)},"tests":['
    yield from _tests(known, names, shelf)
    yield "]"
    for name, value in _others(known, shelf):
        yield f',"{name}":{_text(value)}'
    yield "}"


def read_test_map(text: str) -> TestMap:
    """The map in this text; raises UnreadableReport where it is none."""
    try:
        data = json.loads(text)
        if data["version"] != _VERSION:
            raise UnreadableReport("what is known of the tests was written by another version")
        paths: list[str] = data["paths"]
        units = _Units(paths)
        touched = [units.touched(json.loads(each)) for each in data.pop("touched")]
        tests = dict(_known_tests(data.pop("tests"), paths, touched))
        return TestMap(
            tree=data["tree"],
            environment=data["environment"],
            tests=tests,
            session=touched[data["session"]],
            kept=units.of(data["kept"]),
            modules=data["modules"],
            edges=frozenset((importer, imported) for importer, imported in data["edges"]),
            loaded={path: _loaded(*row) for path, row in data["loaded"].items()},
            untracked=data["untracked"],
            covered=None if data["covered"] is None else _covered(data["covered"], paths),
            outside=data["outside"],
            patterns=tuple(data["patterns"]),
            asked=data["asked"],
            made=frozenset((importer, path) for importer, path in data["made"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        if isinstance(error, UnreadableReport):
            raise
        raise UnreadableReport(f"what is known of the tests cannot be read ({type(error).__name__})") from error


def _others(known: TestMap, shelf: _Shelf) -> Iterator[tuple[str, Any]]:
    """The members behind the tests; those of the shelf come last, when it is full."""
    yield "kept", shelf.units(known.kept)
    yield "modules", dict(known.modules)
    yield "edges", sorted(known.edges)
    yield "loaded", {path: [file.blob, list(file.names), list(file.spans)] for path, file in known.loaded.items()}
    yield "untracked", dict(known.untracked)
    yield "covered", None if known.covered is None else shelf.covered(known.covered)
    yield "outside", dict(known.outside)
    yield "patterns", list(known.patterns)
    yield "asked", known.asked
    yield "made", sorted(known.made)
    yield "paths", list(shelf.paths)
    yield "touched", list(shelf.seen)


def _tests(known: TestMap, names: Sequence[str], shelf: _Shelf) -> Iterator[str]:
    """What stands between the brackets of the tests, which are known by the shelf."""
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        yield "," * bool(first) + _text([_row(name, known.tests[name], shelf) for name in some])[1:-1]


def _row(name: str, test: KnownTest, shelf: _Shelf) -> tuple[str, int, str, int, int, int]:
    told = int(test.skipped), round(test.seconds * 1000)
    return (name, shelf.path(test.path), test.again, shelf.touched(test.touched), *told)


def _known_tests(
    rows: list[list[Any]], paths: Sequence[str], touched: Sequence[Touched]
) -> Iterator[tuple[str, KnownTest]]:
    """Each test by its name; the rows are used up on the way."""
    rows.reverse()
    while rows:
        name, path, again, number, skipped, milliseconds = rows.pop()
        yield name, KnownTest(paths[path], again, touched[number], bool(skipped), milliseconds / 1000)


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
        sets = (touched.reads, touched.lists, touched.texts)
        reads, lists, texts = ([self.path(path) for path in sorted(paths)] for paths in sets)
        flags = int(touched.lines), int(touched.starts)
        row = [self.units(touched.entered), reads, lists, touched.everything, flags, texts]
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


class _Units:
    """Reads what was touched. Thousands of tests touch the same parts, so that sets that are equal are there once."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths
        self.numbers: dict[tuple[int, ...], frozenset[int]] = {}
        self.names: dict[tuple[int, ...], frozenset[str]] = {}

    def of(self, rows: Iterable[Sequence[int]]) -> dict[str, frozenset[int]]:
        """The parts of each file."""
        return {self.paths[path]: self._set(tuple(numbers)) for path, *numbers in rows}

    def touched(self, row: list[Any]) -> Touched:
        """What a row tells."""
        entered, *sets, everything, (lines, starts), texts = row
        reads, lists, read = (self._named(tuple(numbers)) for numbers in (*sets, texts))
        return Touched(self.of(entered), reads, lists, everything, bool(lines), read, bool(starts))

    def _set(self, numbers: tuple[int, ...]) -> frozenset[int]:
        if numbers not in self.numbers:
            self.numbers[numbers] = frozenset(numbers)
        return self.numbers[numbers]

    def _named(self, numbers: tuple[int, ...]) -> frozenset[str]:
        if numbers not in self.names:
            self.names[numbers] = frozenset(self.paths[number] for number in numbers)
        return self.names[numbers]
