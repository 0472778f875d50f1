"""Hears of the code that reads docstrings or annotations, and tells whose it may have read.

Most of it reads those of what it is given: then the files are known in which they stand. Of other code it is said that
it may have read any. Runs in the project's interpreter.
"""

from __future__ import annotations

import dis
import os
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, List, Optional, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.record_ground import Ground

ANY = ""  # in the place of a file: each of the tree
OWN = "<its module>"  # in the place of an argument: no name is written like this
EVERYBODY = "<everybody>"
IMPORTING = "<frozen importlib._bootstrap>"
REWRITING = os.path.join("_pytest", "assertion", "rewrite.py")
LIBRARY = os.path.dirname(os.__file__) + os.sep
HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
PACKAGES = "-packages" + os.sep
RUNNERS = tuple(name + os.sep for name in ("_pytest", "pluggy", "coverage"))  # what runs the tests
OPTIMIZED = 0x01  # a flag that functions have, and modules and the bodies of classes have not
ASKING = ("getattr", "hasattr")
FILLING = "update_wrapper"  # what a code was given may have texts of something else from then on
LOADERS = (("_frozen_importlib_external", "SourceFileLoader"), ("_pytest.assertion.rewrite", "AssertionRewritingHook"))
number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook

Readings = Tuple[Tuple[Any, FrozenSet[str]], ...]
"""Each kind of text that a code reads, with the arguments whose texts these are."""


class Texts:
    """The code that reads texts; `made` are the modules that did while they were imported, each with what they read.

    What was read is the name of the kind and a file, with a colon in between; without a file it stands for all files.
    """

    def __init__(self, ground: Ground, load: Any) -> None:
        self.ground = ground
        self.hints = load("record_hints").Hints(ground, runs_tests)
        self.kinds: List[Any] = [load("record_docs").Docs(ground), self.hints]
        self.readers: Dict[int, Tuple[Any, Readings]] = {}  # with the code, so that the number stays its own
        self.made: Set[Tuple[str, str]] = set()

    def is_reader(self, code: Any, path: str) -> bool:
        """Whether a code reads texts; `path` is that of its file in the tree, if it is there."""
        number = number_of(code)
        if number in self.readers:
            return True
        found = []
        for kind in self.kinds:
            kind.note(code, path)
            names = whose(code, bool(path), kind)
            if names:
                found.append((kind, names))
        if found:
            self.readers[number] = (code, tuple(found))
        return bool(found)

    def entered(self, code: Any, frame: Any, path: str) -> None:
        """A reader was entered: credit it to whoever is at work, and to the module that is being imported."""
        ground = self.ground
        if ground.deaf.is_here() or not ground.listening:
            return
        found: Set[str] = set()
        for kind, names in self.readers[number_of(code)][1]:
            if kind.is_idle(frame):
                continue
            if EVERYBODY in names:
                ground.session.texts.add(kind.name + ":")
            found.update(kind.name + ":" + file for file in files(kind, names, frame, path))
        self.credit(found, frame)

    def credit(self, found: Set[str], frame: Any) -> None:
        """These texts were read from this frame on."""
        ground = self.ground
        bucket, session, keeping = ground.buckets[-1], ground.session, ground.keeping
        if found <= bucket.texts and (bucket is session or not keeping.may_be):
            return
        importer = self.importer(frame)
        if importer == "":
            return
        if importer:
            self.made.update((importer, text) for text in found)
            if bucket is session:
                return
        bucket.texts |= found
        if not importer and bucket is not session and keeping.may_be and keeping.is_at_work(frame):
            session.texts |= found

    def importer(self, frame: Any) -> Optional[str]:
        """The module of the tree that is being executed; None where there is none, empty if it is one of others."""
        while frame is not None:
            code = frame.f_code
            if code.co_name == "<module>":
                path = self.ground.inside(code.co_filename)
                if path:
                    return path
                by = frame.f_back.f_code.co_filename if frame.f_back else ""
                if by == IMPORTING or by.endswith(REWRITING):
                    return ""
            frame = frame.f_back
        return None

    def loaded_by(self, loader: Any, path: str) -> None:
        """A module of the tree is executed. A loader that changes the code of what it loads may go by annotations."""
        kind = type(loader)
        if loader is not None and (kind.__module__, kind.__qualname__) not in LOADERS:
            self.made.add((path, self.hints.name + ":" + path))


def files(kind: Any, names: FrozenSet[str], frame: Any, path: str) -> Set[str]:
    """The files of the tree whose texts of a kind a reader reads that begins in this frame."""
    found: Set[str] = set()
    values = frame.f_locals
    for name in names:
        if name == OWN:
            found.update([path] if path else [])
        elif name == ANY or name not in values:
            found.add(ANY)
        elif name != EVERYBODY:
            found |= kind.owners(values[name])
    return {ANY} if ANY in found else found


def whose(code: Any, is_own: bool, kind: Any) -> FrozenSet[str]:
    """The arguments whose texts a code reads, `OWN` for those of its module, or `ANY`; empty if it reads none."""
    names = code.co_names
    is_function = code.co_flags & OPTIMIZED
    if not is_function and not is_own and not code.co_filename.startswith("<"):
        return frozenset()  # a module of others knows none of the tree
    is_named = any(is_name(each, kind.name) for each in code.co_consts)
    is_other = not kind.other_names.isdisjoint(names)
    is_listing = bool(is_own and is_function and lists_values(code, kind))
    if not (is_named or is_other or is_listing or kind.name in names) or (not is_own and is_harmless(code, kind)):
        return frozenset()
    if is_named and is_own and not is_function:
        return frozenset((ANY, EVERYBODY))  # a list of names, which any code may go by
    if is_other or FILLING in names or (is_listing and kind.may_be_any):
        return frozenset((ANY,))
    if not is_own and stands_in(code, kind.known):
        return frozenset(kind.known[code.co_name][1:])
    found = loaded(code, kind, is_named) | (frozenset(arguments(code)) if is_listing else frozenset())
    return found if kind.is_of_modules else found - {OWN}


def lists_values(code: Any, kind: Any) -> bool:
    """Whether a code may ask for each attribute that there is."""
    return not kind.all_values.isdisjoint(code.co_names) or ("dir" in code.co_names and asks(code))


def asks(code: Any) -> bool:
    """Whether a code, or one inside of it such as that of a comprehension, asks for attributes by names."""
    return "getattr" in code.co_names or any(asks(each) for each in code.co_consts if type(each) is type(code))


def arguments(code: Any) -> Tuple[str, ...]:
    """The names of the arguments of a function, but for `*` and `**`."""
    return tuple(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def is_name(constant: Any, name: str) -> bool:
    """Whether a constant is the name, has it as a part, or ends with it or is a format with it.

    Bytes are compared with nothing.
    """
    kind = type(constant)
    if kind is str:
        return constant == name or ("." + name in constant and ("{" in constant or constant.endswith("." + name)))
    return kind in (tuple, frozenset) and any(is_name(each, name) for each in constant)


def is_harmless(code: Any, kind: Any) -> bool:
    """Whether a code of others is known to make nothing of the texts, or is of what runs the tests."""
    file = code.co_filename
    if runs_tests(file) or file.startswith((HERE, "<frozen ")):
        return True
    return stands_in(code, kind.harmless)


def runs_tests(file: str) -> bool:
    """Whether a file is of what runs the tests; a folder above it may have such a name as well."""
    _, is_package, below = file.rpartition(PACKAGES)
    if is_package:
        return below.startswith(RUNNERS)
    return not file.startswith(LIBRARY) and any(os.sep + runner in file for runner in RUNNERS)


def stands_in(code: Any, places: Dict[str, Tuple[str, ...]]) -> bool:
    """Whether a code is that of a function which is named here, and in one of its files."""
    file = code.co_filename
    some = places.get(code.co_name, ())
    return any(file.endswith(place) if place.startswith(os.sep) else file == LIBRARY + place for place in some)


def loaded(code: Any, kind: Any, is_named: bool) -> FrozenSet[str]:
    """As `whose`, by the instructions: what is given is read if it stands right before, and is nothing else by then.

    `is_named` tells that the name is among the constants.
    """
    given = set(arguments(code)).difference(code.co_cellvars).union(code.co_freevars)
    found: Set[str] = set()
    before: List[Any] = []
    for each in dis.get_instructions(code):
        if each.opname.startswith(("STORE", "DELETE")):
            given.difference_update(part for part in parts_of(each) if type(part) is str)
        elif each.opcode in dis.hasconst:
            if is_name(each.argval, kind.name):
                found.add(asked_of(each, before) if each.argval == kind.name else ANY)
                is_named = False
        elif each.argval == kind.name and type(each.argval) is str:
            found.add(read_from(each, before))
        before = [each] if each.is_jump_target else [*before[-2:], each]
    return frozenset((ANY,)) if is_named or found - given - {OWN} else frozenset(found)


def parts_of(instruction: Any) -> Tuple[Any, ...]:
    """What an instruction names: some of them do two things at once."""
    return instruction.argval if type(instruction.argval) is tuple else (instruction.argval,)


def read_from(instruction: Any, before: List[Any]) -> str:
    """Whose texts an instruction reads by their name."""
    if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
        return OWN
    if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and before and not instruction.is_jump_target:
        return given_by(before[-1])
    return ANY


def asked_of(constant: Any, before: List[Any]) -> str:
    """Of which argument the name is asked for: by `getattr(argument, …`, or by `argument.__dict__.get(…`."""
    names = [each.argval for each in before]
    if constant.opname != "LOAD_CONST" or constant.is_jump_target:
        return ANY
    if len(before) > 1 and before[-2].opname == "LOAD_GLOBAL" and names[-2] in ASKING:
        return given_by(before[-1])
    if names[-2:] == ["__dict__", "get"] and len(before) > 2:
        return given_by(before[-3])
    return ANY


def given_by(instruction: Any) -> str:
    """The name of what an instruction loads last; `ANY` where it is no argument."""
    if not instruction.opname.startswith(("LOAD_FAST", "LOAD_DEREF")):
        return ANY
    return str(parts_of(instruction)[-1])
