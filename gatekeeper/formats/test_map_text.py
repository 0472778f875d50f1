"""Writes what is known of tests as text and reads it again; equal parts are written once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.selection import Covered, KnownTest, Loaded, TestMap, Touched

_VERSION = 10
_AT_ONCE = 256  # tests are made text together, so that not much is there at a time, and little of it is overhead
_text = json.JSONEncoder(separators=(",", ":")).encode
_path = itemgetter(0)


def write_test_map(known: TestMap) -> str:
    """The map as JSON in ASCII, also with names that are no UTF-8."""
    return "".join(map_parts(known))


def map_parts(known: TestMap) -> Iterator[str]:
    """The same text piece by piece: that of a large project is never there as a whole."""
    shelf = _Shelf()
    names = sorted(known.tests)
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
        sets = _Sets(paths)
        touched = list(
            _touched(data.pop("touched"), sets.parts(data.pop("parts")), sets.names(data["names"]), data["reasons"])
        )
        tests = dict(_known_tests(data.pop("tests"), paths, touched))
        return TestMap(
            tree=data["tree"],
            environment=data["environment"],
            tests=tests,
            session=touched[data["session"]],
            kept=dict(sets.parts(data["kept"])),
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
    except (ValueError, LookupError, TypeError, OverflowError, AttributeError, RecursionError) as error:
        if isinstance(error, UnreadableReport):
            raise
        raise UnreadableReport(f"what is known of the tests cannot be read ({type(error).__name__})") from error


def _others(known: TestMap, shelf: _Shelf) -> Iterator[tuple[str, Any]]:
    """The members behind the tests; those of the shelf come last, when it is full."""
    yield "kept", [shelf.numbered(path, units) for path, units in sorted(known.kept.items())]
    yield "modules", dict(known.modules)
    yield "edges", sorted(known.edges)
    yield "loaded", {path: [file.blob, list(file.names), list(file.spans)] for path, file in known.loaded.items()}
    yield "untracked", dict(known.untracked)
    yield "covered", None if known.covered is None else shelf.covered(known.covered)
    yield "outside", dict(known.outside)
    yield "patterns", list(known.patterns)
    yield "asked", known.asked
    yield "made", sorted(known.made)
    yield "parts", [shelf.numbered(path, units) for path, units in shelf.parts]
    yield "names", [[shelf.path(path) for path in sorted(names)] for names in shelf.names]
    yield "reasons", list(shelf.reasons)
    yield "paths", list(shelf.paths)
    yield "touched", list(shelf.seen)


def _tests(known: TestMap, names: Sequence[str], shelf: _Shelf) -> Iterator[str]:
    """What stands between the brackets of the tests."""
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


def _touched(
    rows: Iterable[str], parts: Sequence[tuple[str, frozenset[int]]], names: Sequence[frozenset[str]],
    reasons: Sequence[str],
) -> Iterator[Touched]:  # fmt: skip
    """What each row tells."""
    for row in rows:
        reads, lists, texts, everything, lines, starts, *entered = map(int, row.split())
        sets = names[reads], names[lists], names[texts]
        units = dict([parts[number] for number in entered])
        yield Touched(units, *sets[:2], reasons[everything], bool(lines), sets[2], bool(starts))


class _Shelf:
    """Numbers paths, parts of files, sets of names, and what was touched, as they come."""

    def __init__(self) -> None:
        self.paths: dict[str, int] = {}
        self.parts: dict[tuple[str, frozenset[int]], int] = {}
        self.names: dict[frozenset[str], int] = {}
        self.reasons: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.known: dict[int, int] = {}

    def path(self, path: str) -> int:
        """The number of a path."""
        return self.paths.setdefault(path, len(self.paths))

    def numbered(self, path: str, units: frozenset[int]) -> list[int]:
        """The number of a path, followed by those of its parts."""
        return [self.path(path), *sorted(units)]

    def touched(self, touched: Touched) -> int:
        """The number of what was touched: many tests touch the same, and share the object that tells it."""
        if id(touched) in self.known:
            return self.known[id(touched)]
        sets = (touched.reads, touched.lists, touched.texts)
        names = [self.names.setdefault(each, len(self.names)) for each in sets]
        entered = sorted(touched.entered.items(), key=_path)
        parts = [self.parts.setdefault(each, len(self.parts)) for each in entered]
        everything = self.reasons.setdefault(touched.everything, len(self.reasons))
        row = (*names, everything, int(touched.lines), int(touched.starts), *parts)
        number = self.seen.setdefault(" ".join(map(str, row)), len(self.seen))
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


class _Sets:
    """Reads sets of numbers. Those that are equal are there once, as many files have the same numbers of parts."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths
        self.known: dict[tuple[int, ...], frozenset[int]] = {}

    def parts(self, rows: Iterable[Sequence[int]]) -> list[tuple[str, frozenset[int]]]:
        """The path and the parts of each row."""
        return [(self.paths[path], self._one(tuple(numbers))) for path, *numbers in rows]

    def names(self, rows: Iterable[Sequence[int]]) -> list[frozenset[str]]:
        """The paths of each row."""
        return [frozenset(self.paths[number] for number in row) for row in rows]

    def _one(self, numbers: tuple[int, ...]) -> frozenset[int]:
        return self.known.setdefault(numbers, frozenset(numbers))
