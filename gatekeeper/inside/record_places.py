"""Tells where the environment of a run lies, and how it looks from outside, so that it is known again without a start.

Runs in the project's interpreter, and in Gatekeeper's when it compares. Where packages are added, removed or replaced,
the time of the folder changes in which they lie.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, Iterable, List

HERE = os.path.dirname(os.path.realpath(__file__)) + os.sep


def stamps(places: Iterable[str]) -> Dict[str, str]:
    """Of each file or folder its time of change and, for a file, its size; of one that is not there nothing."""
    return {place: stamp(place) for place in places}


def stamp(place: str) -> str:
    """How a file or folder looks; a folder with what leads from it to other places."""
    try:
        found = os.stat(place)
        if not os.path.isdir(place):
            return "{} {}".format(found.st_mtime_ns, found.st_size)
        leading = sorted(name for name in os.listdir(place) if name.endswith((".pth", ".egg-link")))
        told = ["{} {}".format(name, stamp(os.path.join(place, name))) for name in leading]
        return " ".join([str(found.st_mtime_ns), *told])
    except OSError:
        return ""


def places(tree: str) -> List[str]:
    """The interpreter, the file that describes its environment, and all of the import path that is not in the tree."""
    inside = os.path.realpath(tree) + os.sep
    own = os.path.realpath(sys.prefix) + os.sep
    found = [sys.executable, os.path.realpath(sys.executable), os.path.join(sys.prefix, "pyvenv.cfg")]
    for entry in sys.path:
        place = os.path.realpath(entry)
        if not (place + os.sep).startswith(inside) or (own.startswith(inside) and place.startswith(own)):
            found.append(place)
    return sorted(set(found))


def leading(tree: str) -> List[str]:
    """The folders that imports lead to and that are neither of the tree, nor of an environment, nor around ours."""
    own = (tree, sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), HERE)
    inside = tuple(os.path.realpath(each) + os.sep for each in own)
    finders = [sys.modules.get(str(getattr(finder, "__module__", ""))) for finder in sys.meta_path]
    mapped = [getattr(finder, "MAPPING", None) for finder in finders]
    entries = [*sys.path, *(each for names in mapped if isinstance(names, dict) for each in names.values())]
    places = {os.path.realpath(str(entry)) for entry in entries}
    folders = [each + os.sep for each in places if os.path.isdir(each) and "-packages" not in each]
    return sorted(each[:-1] for each in folders if not each.startswith(inside) and not HERE.startswith(each))


def patterns(config: Any) -> List[str]:
    """The patterns for the names of files in which pytest looks for tests; none where it was given files as well."""
    if any(str(word).split("::")[0].endswith(".py") for word in config.args):
        return []
    return [str(pattern) for pattern in config.getini("python_files")]


def is_plain(config: Any) -> bool:
    """Whether pytest finds tests in Python files alone: by itself, and without patterns for documents."""
    if getattr(config.option, "doctestglob", None):
        return False
    hooks = config.pluginmanager.hook
    callers = [getattr(hooks, "pytest_collect_" + name, None) for name in ("file", "directory")]
    owners = [each.plugin for caller in callers if caller is not None for each in caller.get_hookimpls()]
    return all(str(getattr(owner, "__name__", type(owner).__module__)).startswith("_pytest.") for owner in owners)
