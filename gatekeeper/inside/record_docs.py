"""Hears of the code that reads docstrings, and tells whose it may have read; runs in the project's interpreter.

Most of it reads those of what it is given: then the files are known in which they stand. Of other code it is said that
it may have read any.
"""

from __future__ import annotations

import dis
import os
import sys
import types
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Optional, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.record_ground import Ground

NAME = "__doc__"
ANY = ""  # in the place of a file: each of the tree
OWN = "<its module>"  # in the place of an argument: no name is written like this
EVERYBODY = "<everybody>"
# By these names code comes to docstrings without naming them: as a constant of a function, or one attribute of many.
OTHER_NAMES = frozenset(("co_consts", "WRAPPER_ASSIGNMENTS", "_testMethodDoc", "marshal"))
# The same where code of the tree does it; libraries have other things in mind.
ALL_VALUES = frozenset(("vars", "getmembers", "getmembers_static", "classify_class_attrs"))
IMPORTING = "<frozen importlib._bootstrap>"
REWRITING = os.path.join("_pytest", "assertion", "rewrite.py")
LIBRARY = os.path.dirname(os.__file__) + os.sep
HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
# Functions of the standard library that hand a docstring on, or have one of their own, and do not look into it. What
# they hand it to is asked for it by name, or is a function that it does not stand in (`owners` tells that). A path that
# begins with a separator may be anywhere.
COPIERS: Dict[str, Tuple[str, ...]] = {
    "__init__": (
        "contextlib.py",  # a context manager has that of its function
        "functools.py",  # `cached_property`
        "types.py",  # `DynamicClassAttribute`, as the three below
        "typing.py",  # special forms
        os.path.join("unittest", "case.py"),  # kept as `_testMethodDoc`, for `shortDescription`
        "code.py",  # the names that a console begins with
    ),
    **dict.fromkeys(("getter", "setter", "deleter"), ("types.py",)),
    "_process_class": ("dataclasses.py",),  # whether there is one: `code_units.py` has that among what imports execute
    "__new__": ("enum.py", os.path.join("unittest", "mock.py")),  # whether there is one; the class of a mock
    "convert_class": ("enum.py",),  # the same
    "__dir__": ("enum.py", os.path.join("concurrent", "futures", "__init__.py")),  # the name alone
    "namedtuple": (os.path.join("collections", "__init__.py"),),  # its own
    "decorating_function": ("reprlib.py",),
    "__exit__": (os.path.join("unittest", "mock.py"),),  # the name of what was patched
    "_copy_func_details": (os.path.join("unittest", "mock.py"),),
    "_run_code": ("runpy.py",),  # that there is none
    # The name, to import the module around it; that of a module of its own.
    **dict.fromkeys(("importobj", "__docget"), (os.path.join(os.sep, "apipkg", "__init__.py"),)),
}
# What runs the tests reads docstrings for its own messages; `doctest` in the standard library is heard.
RUNNERS = tuple(os.sep + name + os.sep for name in ("_pytest", "coverage"))
OPTIMIZED = 0x01  # a flag that functions have, and modules and the bodies of classes have not
PLAIN = frozenset(
    (str, int, float, bool, bytes, type(None), dict, list, tuple, set, frozenset, types.BuiltinFunctionType)
)
MOST_WRAPPED = 20
number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook
members_of: Any = vars(type)["__dict__"].__get__


class Docstrings:
    """The code that reads docstrings; `made` are the modules that did while they were imported, each with a file."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.readers: Dict[int, Tuple[Any, FrozenSet[str]]] = {}  # with the code, so that the number stays its own
        self.made: Set[Tuple[str, str]] = set()
        self.texts: Dict[str, Set[str]] = {}  # in which files a text stands in the body of a class

    def is_reader(self, code: Any, path: str) -> bool:
        """Whether a code reads docstrings; `path` is that of its file in the tree, if it is there."""
        number = number_of(code)
        if number in self.readers:
            return True
        if path and not code.co_flags & OPTIMIZED:
            for text in code.co_consts:
                if type(text) is str:
                    self.texts.setdefault(text, set()).add(path)
        names = whose(code, bool(path))
        if names:
            self.readers[number] = (code, names)
        return bool(names)

    def entered(self, code: Any, frame: Any, path: str) -> None:
        """A reader was entered: credit it to whoever is at work, and to the module that is being imported."""
        ground = self.ground
        if ground.deaf or not ground.listening:
            return
        names = self.readers[number_of(code)][1]
        if EVERYBODY in names:
            ground.session.docs.add(ANY)
        files = self.files(names, frame, path)
        bucket, session, keeping = ground.buckets[-1], ground.session, ground.keeping
        if files <= bucket.docs and (bucket is session or not keeping.may_be):
            return
        importer = self.importer(frame)
        if importer == "":
            return
        if importer:
            self.made.update((importer, file) for file in files)
            if bucket is session:
                return
        bucket.docs |= files
        if not importer and bucket is not session and keeping.may_be and keeping.is_at_work(frame):
            session.docs |= files

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

    def files(self, names: FrozenSet[str], frame: Any, path: str) -> Set[str]:
        """The files of the tree whose docstrings a reader reads that begins in this frame."""
        found: Set[str] = set()
        values = frame.f_locals
        for name in names:
            if name == OWN:
                found.update([path] if path else [])
            elif name == ANY or name not in values:
                found.add(ANY)
            elif name != EVERYBODY:
                found |= self.owners(values[name])
        return {ANY} if ANY in found else found

    def owners(self, value: Any) -> Set[str]:
        """The files of the tree in which the docstring of an object stands, or would stand; none if it has another."""
        kind = type(value)
        if kind is types.FunctionType:
            return self.owners_of_function(value)
        if kind is types.MethodType:
            return self.owners(value.__func__)
        if kind is types.ModuleType:
            return {path for path in [self.ground.module_path(value)] if path}
        if issubclass(kind, type):
            return self.owners_of_class(members_of(value))
        return set() if kind in PLAIN else {ANY}

    def owners_of_class(self, members: Any) -> Set[str]:
        """As `owners`; a class may say of itself that it is of another module, so that its text tells more."""
        text = members.get(NAME)
        if text is None:
            return set()  # whether a class has one is among what an import executes
        if type(text) is not str or "__wrapped__" in members:
            return {ANY}
        module = sys.modules.get(str(members.get("__module__")))
        is_unknown = module is None or self.ground.is_own(module)
        return self.texts.get(text) or ({ANY} if is_unknown else set())

    def owners_of_function(self, function: Any) -> Set[str]:
        """As `owners`; a function may have the docstring of the one that it stands around."""
        found: Set[str] = set()
        for _ in range(MOST_WRAPPED):
            code, text = function.__code__, function.__doc__
            path = self.ground.inside(code.co_filename)
            found.update([path] if path else [])
            if text is not None and code.co_consts[:1] and code.co_consts[0] is text:
                return found
            inner = vars(function).get("__wrapped__")
            if inner is None and text is None:
                return found
            if type(inner) is not types.FunctionType:
                break
            function = inner
        return {ANY}


def whose(code: Any, is_own: bool) -> FrozenSet[str]:
    """The arguments whose docstrings a code reads, `OWN` for that of its module, or `ANY`; empty if it reads none."""
    names = code.co_names
    is_function = code.co_flags & OPTIMIZED
    if not is_function and not is_own and not code.co_filename.startswith("<"):
        return frozenset()  # a module of others knows none of the tree
    is_named = any(is_name(each) for each in code.co_consts)
    is_other = not OTHER_NAMES.isdisjoint(names)
    if is_own and is_function:
        is_other = is_other or not ALL_VALUES.isdisjoint(names) or ("dir" in names and "getattr" in names)
    if not (is_named or is_other or NAME in names) or (not is_own and is_harmless(code)):
        return frozenset()
    if is_named and is_own and not is_function:
        return frozenset((ANY, EVERYBODY))  # a list of names, which any code may go by
    return frozenset((ANY,)) if is_named or is_other else loaded(code)


def is_name(constant: Any) -> bool:
    """Whether a constant is the name, has it as a part, or is a format with it; bytes are compared with nothing."""
    kind = type(constant)
    if kind is str:
        return constant == NAME or ("." + NAME in constant and "{" in constant)
    return kind in (tuple, frozenset) and any(is_name(each) for each in constant)


def is_harmless(code: Any) -> bool:
    """Whether a code of others is known to make nothing of docstrings, or is of what runs the tests."""
    file = code.co_filename
    if any(runner in file for runner in RUNNERS) or file.startswith((HERE, "<frozen ")):
        return True
    places = COPIERS.get(code.co_name, ())
    return any(file.endswith(place) if place.startswith(os.sep) else file == LIBRARY + place for place in places)


def loaded(code: Any) -> FrozenSet[str]:
    """As `whose`, by the instructions: what is given is read if it stands right before, and is nothing else by then."""
    count = code.co_argcount + code.co_kwonlyargcount
    given = set(code.co_varnames[:count]).difference(code.co_cellvars).union(code.co_freevars)
    found: Set[str] = set()
    before: Any = None
    for each in dis.get_instructions(code):
        operation, parts = each.opname, each.argval if type(each.argval) is tuple else (each.argval,)
        if operation.startswith(("STORE", "DELETE")):
            given.difference_update(part for part in parts if type(part) is str)
        elif type(each.argval) is str and each.argval == NAME:
            if operation in ("LOAD_NAME", "LOAD_GLOBAL"):
                found.add(OWN)
            elif operation in ("LOAD_ATTR", "LOAD_METHOD") and before is not None and not each.is_jump_target:
                found.add(read_from(before))
            else:
                found.add(ANY)
        before = each
    return frozenset((ANY,)) if found - given - {OWN} else frozenset(found)


def read_from(instruction: Any) -> str:
    """The name of what an instruction loads last; `ANY` where it is no argument."""
    if not instruction.opname.startswith(("LOAD_FAST", "LOAD_DEREF")):
        return ANY
    value = instruction.argval
    return str(value[-1] if type(value) is tuple else value)
