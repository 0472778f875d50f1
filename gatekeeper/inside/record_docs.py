"""Knows in whose docstrings code looks, and where docstrings stand; runs in the project's interpreter."""

from __future__ import annotations

import os
import sys
import types
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.record_ground import Ground

ANY = ""  # in the place of a file: each of the tree
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
OPTIMIZED = 0x01  # a flag that functions have, and modules and the bodies of classes have not
PLAIN = frozenset(
    (str, int, float, bool, bytes, type(None), dict, list, tuple, set, frozenset, types.BuiltinFunctionType)
)
MOST_WRAPPED = 20
members_of: Any = vars(type)["__dict__"].__get__


class Docs:
    """Docstrings as a kind of text that code reads."""

    name = "__doc__"
    # By these names code comes to docstrings without naming them: as a constant of a function, one attribute of many.
    other_names = frozenset(("co_consts", "WRAPPER_ASSIGNMENTS", "_testMethodDoc", "marshal"))
    # The same where code of the tree does it; libraries have other things in mind.
    all_values = frozenset(("vars", "getmembers", "getmembers_static", "classify_class_attrs"))
    harmless = COPIERS
    known: ClassVar[Dict[str, Tuple[str, ...]]] = {}
    is_of_modules = True
    may_be_any = True  # of what code of the tree lists

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.texts: Dict[str, Set[str]] = {}  # in which files a text stands in the body of a class

    def note(self, code: Any, path: str) -> None:
        """A code was entered for the first time; `path` is that of its file in the tree, if it is there."""
        if path and not code.co_flags & OPTIMIZED:
            for text in code.co_consts:
                if type(text) is str:
                    self.texts.setdefault(text, set()).add(path)

    def is_idle(self, frame: Any) -> bool:
        """Whether nothing is made of what is read from this frame on."""
        return False

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
        text = members.get(self.name)
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
