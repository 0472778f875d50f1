"""Tells which tests a change can affect, by what they were seen to touch before; in doubt, all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import PurePosixPath

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.frozen import dataclass, field, replace
from gatekeeper.model.selection import ANNOTATIONS, AT_IMPORT, DOCSTRINGS, Selection, TestMap, Touched
from gatekeeper.planning.selection_coverage import carried
from gatekeeper.planning.selection_graph import importers_of
from gatekeeper.planning.selection_paths import (
    SETTLING,
    folders_that_differ,
    is_for_people,
    is_metadata,
    is_requirement,
    is_spared,
    is_test_file,
    parent_of,
)

_TEXTS = {
    DOCSTRINGS: ("__doc__", "a docstring", "docstrings"),
    ANNOTATIONS: ("__annotations__", "an annotation", "annotations"),
}
"""How parts of a file are called that code may read, and what to call them for people."""


_OF_NO_TEST = "it starts a program, and what that covers belongs to no test"


class _AllTests(Exception):
    """Every test has to run; the text says why."""


@dataclass(frozen=True)
class _Effects:
    """What a change does: parts of files, what imports execute, files that are read, names that are listed.

    `covering` are parts that did not change since, but whose coverage is asked for, in files that tests loaded, and
    `fresh` all files of which it is asked for. `texts` are docstrings and annotations that are other ones, as
    `Touched.texts` has them, each with what to say of it, where no import made anything of them; `still` are files in
    which no line moved that is as it was. `near` are the folders, with a slash at their end, in which something differs
    (of documents, in which one came or went), each with such a path.
    """

    units: dict[str, frozenset[int]] = field(default_factory=dict)
    at_import: dict[str, str] = field(default_factory=dict)
    covering: dict[str, frozenset[int]] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    still: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    near: dict[str, str] = field(default_factory=dict)

    @cached_property
    def concerned(self) -> set[str]:
        """The files of which a test may run something that counts; asked for once nothing is added any more."""
        return {*self.units, *self.covering, *(self.paths - self.still)}


def select(
    known: TestMap, files: Iterable[FileChange], covered: Iterable[FileChange] = (), total: bool = False,
    names: Collection[str] | None = None,
) -> Selection:  # fmt: skip
    """Which of the known tests may be left out, given all that differs between the tree of the map and the head.

    `covered` are the files whose added lines will be looked for in the coverage of the run: the tests that run these
    lines have to run as well, although the tree of the map may hold the lines already. With `total` the coverage of
    the whole project is asked for. `names` are all paths of the head, by which it is known whether a folder is new;
    where they are not given, each one with a new file may be. A test that is not known always runs, and is not named.
    """
    files, covered = tuple(files), tuple(covered)
    if total and known.covered is None:
        return Selection(known.tree, all_because="the coverage of the whole project is asked for, and none is known")
    try:
        effects = _effects(known, files, names)
        parts = {file.path: _parts_of_added_lines(file) for file in covered if file.path in known.loaded}
        effects = replace(effects, covering=parts, fresh=tuple(file.path for file in covered))
        runs = {name: _OF_NO_TEST for name, test in known.tests.items() if total and test.touched.starts}
        runs |= _runs(known, effects, bool(files or covered or total))
    except _AllTests as reason:
        seconds = sum(test.seconds for test in known.tests.values())
        return Selection(known.tree, all_because=str(reason), seconds=seconds)
    seconds = sum(known.tests[name].seconds for name in runs)
    reuse = tuple(name for name in known.tests if name not in runs)
    seen = carried(known.covered, files, reuse) if known.covered else None
    passed = sum(not known.tests[name].skipped for name in reuse)
    return Selection(known.tree, reuse, runs, "", known.environment, known.untracked, seen, passed, seconds=seconds)


def _effects(known: TestMap, files: tuple[FileChange, ...], names: Collection[str] | None) -> _Effects:
    effects = _Effects()
    for folder in folders_that_differ(files, names):
        effects.names.add(parent_of(folder))
        effects.near[f"{parent_of(folder)}/"] = folder
    for file in files:
        effects.paths.update(path for path in (file.path, file.old_path) if path)
        is_other = file.kind is not ChangeKind.MODIFIED
        if is_other:
            effects.names.update(parent_of(path) for path in (file.path, file.old_path) if path)
        if is_other or not is_for_people(known, file.path):
            effects.near.update((f"{parent_of(path)}/", path) for path in (file.path, file.old_path) if path)
    for file in files:
        _effect(known, file, effects)
    for path, units in known.kept.items():
        if effects.units.get(path, frozenset()) & units:
            effects.at_import.setdefault(path, f"what runs during an import, or is remembered, in {path} is another")
    return effects


def _parts_of_added_lines(file: FileChange) -> frozenset[int]:
    """The parts of a file that hold lines which the change brought; -1 is among them for what an import executes."""
    from gatekeeper.formats.code_units import read_units  # noqa: PLC0415 - as below

    return read_units(file.text or "").parts(file.added_lines)


def _effect(known: TestMap, file: FileChange, effects: _Effects) -> None:
    if not {file.mode, file.old_mode} <= {"100644", "000000", "100755"} or file.mode_changed:
        raise _AllTests(f"{file.path} is a link or a submodule, or its mode changed")
    name = PurePosixPath(file.path).name
    if file.path not in known.loaded and is_spared(file):
        return  # the tests that read it run: `_looks_at` finds them
    if not file.path.endswith(".py") and (name in SETTLING or is_requirement(file.path)):
        raise _AllTests(f"{file.path} changed")
    if file.kind is ChangeKind.MODIFIED:
        _modified(known, file, effects)
    elif file.kind in (ChangeKind.ADDED, ChangeKind.COPIED):
        _came(known, file.path)
    elif file.kind is ChangeKind.DELETED:
        _went(known, file.path, effects)
    else:
        _went(known, file.old_path or file.path, effects)
        _came(known, file.path)


def _modified(known: TestMap, file: FileChange, effects: _Effects) -> None:
    """What a file with other contents does."""
    path = file.path
    if path in known.loaded:
        _modified_code(known, file, effects)
    elif path.endswith(".py"):
        # Of an `__init__.py` that nothing imports, pytest asks no more than whether it is there.
        if PurePosixPath(path).name in SETTLING - {"__init__.py"}:
            raise _AllTests(f"{path} changed")
    elif is_metadata(path):
        raise _AllTests(f"{path} changed, which tells what the package is")
    elif not is_for_people(known, path) and not _is_read(known, path):
        raise _AllTests(f"{path} changed, and nothing was seen to read it")


def _modified_code(known: TestMap, file: FileChange, effects: _Effects) -> None:
    """What a file that was loaded does with another text."""
    path = file.path
    if file.text is None or file.base_text is None:
        raise _AllTests(f"{path} cannot be read as text")
    from gatekeeper.formats.code_units import read_units  # noqa: PLC0415 - only where code changed

    old, new = read_units(file.base_text), read_units(file.text)
    changed = old.changed(new)
    if old.stays(new):
        effects.still.add(path)
    if AT_IMPORT in changed:
        effects.at_import[path] = f"what an import of {path} executes changed"
    else:
        effects.units[path] = changed - _TEXTS.keys()
        for part in sorted(changed & _TEXTS.keys()):
            _says_more(known, path, part, effects)


def _says_more(known: TestMap, path: str, part: int, effects: _Effects) -> None:
    """What other texts in a file do: those that an import, or a plugin, reads concern whoever imports the file."""
    name, one, many = _TEXTS[part]
    made = known.session.texts | {read for _, read in known.made}
    if made.isdisjoint((f"{name}:", f"{name}:{path}")):
        effects.texts[f"{name}:{path}"] = f"it reads {many}, and one in {path} changed"
    else:
        effects.at_import[path] = f"{one} in {path} changed, and was read by what outlives tests"


def _came(known: TestMap, path: str) -> None:
    """A file that is new: a module may be imported in the place of another, a file may be found where none was."""
    if not path.endswith(".py"):
        if not is_for_people(known, path):
            raise _AllTests(f"{path} is new")
        return
    stem = PurePosixPath(path).stem
    alike = (other for other in known.loaded if stem in other)
    if not is_test_file(path) or any(PurePosixPath(other).stem == stem for other in alike):
        raise _AllTests(f"{path} is new, and may be imported in place of something else")


def _went(known: TestMap, path: str, effects: _Effects) -> None:
    """A file that is gone."""
    if PurePosixPath(path).name in SETTLING:
        raise _AllTests(f"{path} is gone")
    if is_test_file(path) and path in known.loaded:
        effects.at_import[path] = f"{path} is gone"
    elif path in known.loaded or not (path.endswith(".py") or is_for_people(known, path)):
        raise _AllTests(f"{path} is gone")


def _runs(known: TestMap, effects: _Effects, changed: bool) -> Iterator[tuple[str, str]]:
    """Each known test that has to run, with the reason; raises where all have to."""
    reached = importers_of(known, effects.at_import)
    _for_all(known, effects, reached, changed)
    reasons: dict[int, str] = {}  # many tests touched the same, and share the object that tells it
    for name, test in known.tests.items():
        own, touched = test.again or _at_import(test.path, effects, reached), test.touched
        if not own and id(touched) not in reasons:
            reasons[id(touched)] = _because(touched, effects, reached, changed)
        reason = own or reasons[id(touched)]
        if reason:
            yield name, reason


def _for_all(known: TestMap, effects: _Effects, reached: Mapping[str, str], changed: bool) -> None:
    """Raise where what concerns the whole session is concerned."""
    owned = {test.path for test in known.tests.values()}
    for importer, path in sorted(known.edges):
        if not importer and path not in owned and path in reached:
            raise _AllTests(f"{effects.at_import[reached[path]]}, and {path} is there for all tests")
    # what imports execute while tests are collected is covered in any case
    covering = {path: parts - {AT_IMPORT} for path, parts in effects.covering.items()}
    reason = _touches(known.session, replace(effects, covering=covering), changed)
    if reason:
        raise _AllTests(f"outside of any test, {reason}")


def _at_import(path: str, effects: _Effects, reached: Mapping[str, str]) -> str:
    """Why an import of a file does something else; empty where it does not."""
    return effects.at_import[reached[path]] if path in reached else ""


def _because(touched: Touched, effects: _Effects, reached: Mapping[str, str], changed: bool) -> str:
    """Why tests that touched this have to run; empty where their outcome holds."""
    imported = _entered(touched, reached.keys())
    return _at_import(imported[0], effects, reached) if imported else _touches(touched, effects, changed)


def _touches(touched: Touched, effects: _Effects, changed: bool) -> str:
    """What of the change is among what was touched, in words."""
    if touched.everything and changed:
        return touched.everything
    return _enters(touched, effects) or _looks_at(touched, effects)


def _enters(touched: Touched, effects: _Effects) -> str:
    """Which of the changed code it runs, in words."""
    for path in _entered(touched, effects.concerned):
        units = touched.entered[path]
        if units & effects.units.get(path, frozenset()):
            return f"it runs what changed in {path}"
        if units & effects.covering.get(path, frozenset()):
            return f"it covers lines that are new in {path}"
        if touched.lines and path in effects.paths and path not in effects.still:
            return f"it asks for numbers of lines, and {path} changed"
    for path in effects.fresh if touched.starts else ():
        if not touched.reads.isdisjoint((path, f"{parent_of(path)}/")):
            return f"it starts a program that may cover lines that are new in {path}"
    return ""


def _entered(touched: Touched, paths: AbstractSet[str]) -> list[str]:
    """Those of the files that it entered, in its own order."""
    met = touched.entered.keys() & paths
    return [path for path in touched.entered if path in met] if met else []


def _looks_at(touched: Touched, effects: _Effects) -> str:
    """Which of the changed files it reads or lists, in words."""
    for text, reason in sorted(effects.texts.items()):
        if not touched.texts.isdisjoint((text, text.partition(":")[0] + ":")):
            return reason
    for path in sorted(touched.reads & effects.paths):
        return f"it reads {path}"
    for folder in sorted(touched.reads & effects.near.keys()):
        where = "the folder of the repository" if folder == "/" else folder
        return f"it starts a program that looks into {where}, and {effects.near[folder]} changed"
    for path in sorted(touched.lists & effects.names):
        return f"it lists the files in {path or 'the folder of the repository'}"
    return ""


def _is_read(known: TestMap, path: str) -> bool:
    return path in known.session.reads or any(path in test.touched.reads for test in known.tests.values())
