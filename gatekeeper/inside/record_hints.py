"""Knows in whose annotations code looks, as far as they are those of functions; runs in the project's interpreter.

Annotations of variables belong to what an import executes (`formats/function_heads.py`).
"""

from __future__ import annotations

import os
import sys
import types
from typing import TYPE_CHECKING, Any, Callable, Dict, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.record_ground import Ground

ANY = ""  # in the place of a file: each of the tree
# Functions of the standard library that name annotations and do not look into those of functions.
OTHERS: Dict[str, Tuple[str, ...]] = {
    "_signature_is_functionlike": ("inspect.py",),  # of which type they are
    # Those of classes, and some that they make.
    **dict.fromkeys(("_get_protocol_attrs", "_proto_hook", "__new__", "_make_nmtuple"), ("typing.py",)),
    **dict.fromkeys(("TypedDict", "_typeddict_new"), ("typing.py",)),
    **dict.fromkeys(("_process_class", "make_dataclass", "exec_body_callback"), ("dataclasses.py",)),
    **dict.fromkeys(("__init__", "__exit__"), (os.path.join("unittest", "mock.py"),)),  # the name alone
}
# The file in which a function of it stands that reads those of what it is given, and as which argument.
READERS: Dict[str, Tuple[str, ...]] = {
    "get_annotations": ("inspect.py", "obj"),
    "get_type_hints": ("typing.py", "obj"),
    "register": ("functools.py", "cls"),
    "decorating_function": ("reprlib.py", "user_function"),
}
SIGNATURES = os.path.dirname(os.__file__) + os.sep + "inspect.py"
NONE = frozenset((str, int, float, bool, bytes, type(None), types.BuiltinFunctionType, types.ModuleType))
FORWARDING = ("__wrapped__", "__getattr__", "__getattribute__")
MOST_WRAPPED = 20
IS_LAZY = sys.version_info >= (3, 14)  # to look at annotations may execute them
members_of: Any = vars(type)["__dict__"].__get__


class Hints:
    """Annotations of functions as a kind of text that code reads; `runs_tests` tells that of a file."""

    name = "__annotations__"
    # By these names code comes to annotations without naming them.
    other_names = frozenset(("co_consts", "WRAPPER_ASSIGNMENTS", "__annotate__", "__annotate_func__", "marshal"))
    all_values = frozenset(("getmembers", "getmembers_static"))
    harmless = OTHERS
    known = READERS
    is_of_modules = False
    may_be_any = False  # of what code of the tree lists: only functions have them

    def __init__(self, ground: Ground, runs_tests: Callable[[str], bool]) -> None:
        self.ground, self.runs_tests = ground, runs_tests

    def note(self, code: Any, path: str) -> None:
        """Nothing has to be known of a code that is entered for the first time."""

    def is_idle(self, frame: Any) -> bool:
        """Whether nothing is made of what is read from this frame on: pytest is after the names of arguments."""
        while frame is not None and frame.f_code.co_filename == SIGNATURES:
            frame = frame.f_back
        file = frame.f_code.co_filename if frame is not None else ""
        return self.runs_tests(file) and not self.ground.inside(file)

    def owners(self, value: Any) -> Set[str]:
        """The files of the tree in which the annotations of an object stand, if it is a function or leads to one."""
        found: Set[str] = set()
        for _ in range(MOST_WRAPPED):
            kind = type(value)
            if kind is types.MethodType:
                value = value.__func__
            elif kind is types.FunctionType:
                path = self.ground.inside(value.__code__.co_filename)
                found.update([path] if path else [])
                inner = vars(value).get("__wrapped__")
                if inner is None:
                    return found if has_its_own(value) else {ANY}
                value = inner
            elif issubclass(kind, type) and "__wrapped__" in members_of(value):
                value = members_of(value)["__wrapped__"]
            elif kind in NONE or issubclass(kind, type):
                return found  # a class has those of variables; what it calls is asked for them by itself
            else:
                inner = wrapped_by(value)
                if inner is None:
                    return found
                value = inner
        return {ANY}


def has_its_own(function: Any) -> bool:
    """Whether the annotations of a function may be those in its text, and were not taken from another one."""
    is_handed_on = function.__module__ != function.__globals__.get("__name__", function.__module__)
    if is_handed_on and (IS_LAZY or function.__annotations__):
        return False  # `functools.wraps` hands both on
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return IS_LAZY or {"return", *code.co_varnames[:count]}.issuperset(function.__annotations__)


def wrapped_by(value: Any) -> Any:
    """What an object of another kind stands for; None for nothing that is annotated, itself where that is unclear."""
    if any(name in members_of(each) for each in type(value).__mro__[:-1] for name in FORWARDING):
        return value
    try:
        members = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    if "__wrapped__" in members:
        return members["__wrapped__"]
    return value if "__annotations__" in members else None
