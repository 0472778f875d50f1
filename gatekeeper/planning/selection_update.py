"""Brings what is known of tests up to a tree, by what a run of that tree saw."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from gatekeeper.formats.code_units import CodeUnits, Unit, read_units, read_units_once
from gatekeeper.formats.touch_trace import SeenBucket, TouchTrace
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.reading import TestCase
from gatekeeper.model.selection import (
    ASKS_GIT,
    AT_IMPORT,
    NOT_PASSED,
    Covered,
    KnownTest,
    Loaded,
    TestMap,
    Touched,
    Units,
)
from gatekeeper.planning.selection_coverage import renewed

_Each = TypeVar("_Each")
_UNKNOWN = TestCase("", "unknown")


@dataclass(frozen=True)
class Sources:
    """The head tree: its id, the blob of each file, and a reader of the files that were run."""

    tree: str
    objects: Mapping[str, str]
    text: Callable[[str], str | None]


def unfit(trace: TouchTrace, sources: Sources) -> str:
    """Why a run tells nothing about the tree; empty where it does."""
    if trace.problem:
        return trace.problem
    for path, blob in trace.blobs.items():
        if path in sources.objects and sources.objects[path] != blob:
            return f"{path} is not as Git has it, once it is laid out"
    return ""


def updated(
    before: TestMap | None, trace: TouchTrace, ended: Mapping[str, TestCase], sources: Sources, unsafe: frozenset[str],
    covered: Covered | None = None,
) -> TestMap:  # fmt: skip
    """The map of a tree after a run: what ran is known anew, what was left out is carried over, the rest forgotten.

    `before` is the map by which tests were left out, `ended` how each test ended that ran, `unsafe` the files that
    tests read and that are no part of the tree, `covered` what was known of coverage, with the lines of this tree.
    """
    reader = _Reader(sources, before.loaded if before else {})
    tests = {name: before.tests[name] for name in trace.left_out if name in before.tests} if before else {}
    touched_by: dict[int, Touched] = {}
    for name, bucket in trace.tests.items():
        touched = touched_by.get(id(bucket))
        if touched is None:
            touched = touched_by[id(bucket)] = reader.touched(_whole(bucket, trace.fixtures))
        test = ended.get(name, _UNKNOWN)
        again = _again(name, test.outcome, trace, touched, unsafe)
        tests[name] = KnownTest(bucket.path, again, touched, test.outcome == "skipped", round(test.seconds, 3))
    alive = set(sources.objects) | set(trace.blobs)
    old = before or TestMap("", {}, {}, Touched(), {}, {}, frozenset(), {})
    paths = {*trace.blobs, *(path for path in old.loaded if path in alive)}
    loaded = {path: reader.loaded(path, trace.blobs.get(path, "")) for path in sorted(paths)}
    session = reader.touched(trace.session)
    edges = {*old.edges, *trace.edges, *_asked(trace)}
    return TestMap(
        tree=sources.tree,
        environment=trace.environment,
        tests=tests,
        session=_joined(session, old.session) if trace.left_out else session,
        kept=_kept(reader, trace, old, loaded),
        modules={name: path for name, path in {**old.modules, **trace.modules}.items() if path in alive},
        edges=frozenset(edge for edge in edges if edge[1] in alive and (edge[0] in alive or not edge[0])),
        loaded=loaded,
        untracked={path: blob for path, blob in trace.blobs.items() if path not in sources.objects},
        covered=renewed(covered, trace.covered, trace.left_out),
        outside=trace.outside,
        patterns=trace.patterns,
        made=frozenset(each for each in {*old.made, *trace.made} if each[0] in alive),
    )


def with_earlier_reads(known: TestMap, earlier: TestMap | None, objects: Collection[str]) -> TestMap:
    """The map, with what programs of its tests once opened, as far as that is among the `objects` of the tree.

    A program with a memory of its own opens a file that it knows no more until that changes; a test that failed before
    it started one may start it again.
    """
    before = earlier.tests if earlier else {}
    alive = {*objects, "/", *(f"{path.rpartition('/')[0]}/" for path in objects)}
    tests = dict(known.tests)
    for name, test in known.tests.items():
        if name in before and before[name].touched.starts:
            reads = test.touched.reads | (before[name].touched.reads & alive)
            tests[name] = replace(test, touched=replace(test.touched, reads=reads, starts=True))
    return replace(known, tests=tests)


class _Reader:
    """Turns lines of files into the numbers of their parts; each file is read once, and not at all if it is known.

    Thousands of tests touch the same, so that what is equal is found once, and is there once.
    """

    def __init__(self, sources: Sources, known: Mapping[str, Loaded]) -> None:
        self.sources = sources
        self.known = known
        self.read: dict[str, CodeUnits] = {}
        self.found: dict[tuple[str, frozenset[int]], frozenset[int]] = {}
        self.sets: dict[frozenset[Any], frozenset[Any]] = {}

    def units(self, path: str) -> CodeUnits:
        """The parts of a file of the head tree, as far as their lines go; of one that cannot be read, none."""
        if path not in self.read:
            known = self.known.get(path)
            if not (known and known.blob == self.sources.objects.get(path)):
                known = self._seen(self.sources.text(path))
            spans = tuple(Unit(first, last, "") for first, last in known.spans)
            self.read[path] = CodeUnits("", spans, known.names)
        return self.read[path]

    def _seen(self, text: str | None) -> Loaded:
        """What a text says."""
        if text is None:
            return Loaded("")
        # Of many files each is asked for once, and their trees are large; of a few, others have asked before.
        units = read_units(text) if self.known else read_units_once(text)
        return Loaded("", units.imports, tuple((unit.first, unit.last) for unit in units.units))

    def numbers(self, path: str, lines: frozenset[int]) -> frozenset[int]:
        """The parts that hold these lines."""
        found = self.found.get((path, lines))
        if found is None:
            units = self.units(path)
            found = self.found[path, lines] = self.one(frozenset(units.number(line) for line in lines))
        return found

    def one(self, each: frozenset[_Each]) -> frozenset[_Each]:
        """The set that was there first of those that are equal to this one."""
        return self.sets.setdefault(each, each)

    def touched(self, bucket: SeenBucket) -> Touched:
        """What a bucket says, in parts."""
        entered = {path: self.numbers(path, lines) for path, lines in sorted(bucket.entered.items())}
        reads, lists, texts = self.one(bucket.reads), self.one(bucket.lists), self.one(bucket.texts)
        return Touched(entered, reads, lists, bucket.everything, bucket.lines, texts, bucket.starts)

    def loaded(self, path: str, blob: str) -> Loaded:
        """What a file says; `blob` is that of one that is no part of the tree."""
        units = self.units(path)
        spans = tuple((unit.first, unit.last) for unit in units.units)
        return Loaded(self.sources.objects.get(path, blob), units.imports, spans)


def _again(name: str, outcome: str, trace: TouchTrace, touched: Touched, unsafe: frozenset[str]) -> str:
    """Why a test has to run the next time in any case."""
    if outcome not in ("passed", "skipped"):
        return f"{NOT_PASSED} ({outcome})"
    if name in trace.always:
        return "it is no plain test function, it was run again, or its name stands for several"
    if touched.everything == ASKS_GIT:
        return f"{touched.everything}, and what that answers is no part of the tree"
    foreign = sorted(touched.reads & unsafe)
    return f"it reads {foreign[0]}, which is no part of the tree" if foreign else ""


def _whole(bucket: SeenBucket, fixtures: Mapping[str, SeenBucket]) -> SeenBucket:
    """A bucket with all that the fixtures did which it uses, directly or not."""
    if not bucket.uses:
        return bucket
    waiting, seen = list(bucket.uses), set(bucket.uses)
    entered = {path: set(lines) for path, lines in bucket.entered.items()}
    reads, lists, texts = set(bucket.reads), set(bucket.lists), set(bucket.texts)
    everything, lines, starts = bucket.everything, bucket.lines, bucket.starts
    while waiting:
        used = fixtures[waiting.pop()]
        for path, first_lines in used.entered.items():
            entered.setdefault(path, set()).update(first_lines)
        reads |= used.reads
        lists |= used.lists
        texts |= used.texts
        everything = max(everything, used.everything, key=lambda reason: (reason == ASKS_GIT, bool(reason)))
        lines = lines or used.lines
        starts = starts or used.starts
        waiting += [name for name in used.uses if name not in seen]
        seen.update(used.uses)
    places = {path: frozenset(each) for path, each in entered.items()}
    sets = frozenset(reads), frozenset(lists), frozenset(texts)
    return SeenBucket(places, *sets[:2], everything, lines, (), bucket.path, sets[2], starts)


def _joined(one: Touched, other: Touched) -> Touched:
    return Touched(
        _merged(one.entered, other.entered), one.reads | other.reads, one.lists | other.lists,
        one.everything or other.everything, one.lines or other.lines, one.texts | other.texts,
        one.starts or other.starts,
    )  # fmt: skip


def _merged(one: Units, other: Units) -> dict[str, frozenset[int]]:
    return {path: one.get(path, frozenset()) | other.get(path, frozenset()) for path in sorted({*one, *other})}


def _kept(reader: _Reader, trace: TouchTrace, old: TestMap, loaded: Mapping[str, Loaded]) -> dict[str, frozenset[int]]:
    """What outlives tests: what was seen now, and before in files whose parts are numbered as they were."""
    now = {path: reader.numbers(path, lines) - {AT_IMPORT} for path, lines in trace.kept.items()}
    before = {path: units for path, units in old.kept.items() if path in loaded}
    return {path: units for path, units in _merged(now, before).items() if units}


def _asked(trace: TouchTrace) -> set[tuple[str, str]]:
    """The imports that were asked for by name while the program ran."""
    own: dict[str, str] = {path: name for name, path in trace.modules.items()}
    found = set()
    for importer, name in trace.asked:
        full = name if not name.startswith(".") else own.get(importer, "").rpartition(".")[0] + "." + name.lstrip(".")
        while full:
            if full in trace.modules:
                found.add((importer, trace.modules[full]))
            full = full.rpartition(".")[0]
    return found
