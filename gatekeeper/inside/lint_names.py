"""Digests what an import could find: the names in a tree, in a folder of the import path, and the sources of a program.

Runs beside `lint.py` under the project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as `sys.path` has them.

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from contextlib import suppress
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Set

_CODE = (".py", ".pyi", ".pyc", ".pth", ".so", ".pyd", ".c", ".cc", ".cpp", ".pyx")
_MOST_NAMES = 100_000
STANDARD: FrozenSet[str] = getattr(sys, "stdlib_module_names", frozenset())  # older Pythons do not tell


class Untold(Exception):
    """It cannot be told on what the messages stand, so that they are not remembered."""


def digest(path: str) -> Optional[str]:
    """The digest of a file's content; None where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return None


def names_lying(asked: Dict[str, Any]) -> Set[str]:
    """Every name that an absolute import by some file of the project could find in its own trees.

    A folder in which a file lies counts where it is no package: pylint may then take it for a root.
    """
    folders: Set[str] = set()
    for side in asked["sides"]:
        top = os.path.normpath(side.get("tree") or side["root"])
        folders.update([top, side["root"], *side["roots"]])
        for file in side["files"]:
            folder = os.path.dirname(os.path.normpath(file))
            while lies_in(folder, top):
                if not os.path.exists(os.path.join(folder, "__init__.py")):
                    folders.add(folder)
                folder = os.path.dirname(folder)
    found = set(asked["packages"])
    for folder in folders:
        with suppress(OSError):
            found.update(name.partition(".")[0] for name in os.listdir(folder) if not _gives_way(folder, name))
    return found - {""}


def lies_in(place: str, folder: str) -> bool:
    """Whether a path is that of a folder, or of something in it."""
    return (place + os.sep).startswith(folder.rstrip(os.sep) + os.sep)


def _gives_way(folder: str, name: str) -> bool:
    """Whether a name means the standard library's module: a folder that is no package comes after each that is one."""
    if name not in STANDARD or not os.path.isdir(os.path.join(folder, name)):
        return False
    with suppress(OSError, ValueError):  # what cannot be looked into may be a package
        if not any(each.startswith("__init__.") for each in os.listdir(os.path.join(folder, name))):
            found = importlib.util.find_spec(name)
            return found is not None and found.origin is not None and "site-packages" not in found.origin
    return False


def names_of_tree(side: Dict[str, Any], asked_for: Set[str]) -> str:
    """The digest of all in the tree that these names could mean: an import finds what has its name, and nothing else.

    A folder with another name counts where something that is looked at, or an entry of the import path, lies in it.
    """
    top = os.path.normpath(side["tree"])
    inside = {os.path.normpath(entry) for entry in [*side["files"], *side["roots"], *sys.path]}
    ways = {way for entry in inside if entry.startswith(top + os.sep) for way in _ways(entry, top)}
    return _digest_of(sorted(_walk(top, lambda place: place in ways, asked_for)))


def steady_names(side: Dict[str, Any]) -> str:
    """The digest of all names in the tree, to tell whether any came or went while somebody looked."""
    found: List[str] = []
    top = os.path.normpath(side["tree"])
    for folder, inner, files in os.walk(top):
        inner[:] = [name for name in inner if _is_source(os.path.join(folder, name), name)]
        found += [os.path.join(folder, name) for name in [*inner, *files] if name in inner or name.endswith(_CODE)]
        if len(found) > _MOST_NAMES:
            raise Untold(top)
    return _digest_of(sorted(found))


def _is_source(place: str, name: str) -> bool:
    if name in ("__pycache__", "node_modules") or name.startswith("."):
        return False
    return not os.path.exists(os.path.join(place, "pyvenv.cfg"))


def _ways(entry: str, top: str) -> Iterator[str]:
    while entry != top:
        yield entry
        entry = os.path.dirname(entry)


def names_in(folder: str, is_flat: bool) -> Optional[str]:
    """The digest of the names in a folder that an import could mean; None where there is no such folder."""
    if not os.path.isdir(folder):
        return digest(folder) if os.path.isfile(folder) else None
    return _digest_of(sorted(os.listdir(folder) if is_flat else _walk(folder, lambda place: True, None)))


def _walk(top: str, is_way: Callable[[str], bool], asked_for: Optional[Set[str]]) -> Iterator[str]:
    """The folders and sources below `top`, as far as they have one of the names or lie on the way to something."""
    count = 0
    for folder, inner, files in os.walk(top):
        count += len(inner) + len(files)
        if count > _MOST_NAMES:
            raise Untold(top)
        kept = [name for name in inner if _counts(name, asked_for) or is_way(os.path.join(folder, name))]
        inner[:] = [name for name in kept if name != "__pycache__"]
        for name in inner:
            yield _told(os.path.join(folder, name), top)
        yield from (
            os.path.join(folder, name)[len(top) :]
            for name in files
            if name.endswith(_CODE) and _counts(name.partition(".")[0], asked_for)
        )


def _counts(name: str, asked_for: Optional[Set[str]]) -> bool:
    return asked_for is None or name in asked_for


def _told(place: str, top: str) -> str:
    """A folder relative to `top`, with where it leads if it is a link; Untold if that is out of it."""
    if not os.path.islink(place):
        return place[len(top) :] + os.sep
    if not (os.path.realpath(place) + os.sep).startswith(os.path.realpath(top) + os.sep):
        raise Untold(place)
    return "%s -> %s" % (place[len(top) :], os.readlink(place))


def served() -> List[str]:
    """The folders to which finders of editable installs lead."""
    found: List[str] = []
    for finder in sys.meta_path:
        module = sys.modules.get(str(getattr(finder, "__module__", "")))
        found += [str(place) for place in getattr(module, "MAPPING", {}).values()]
    return found


def program(name: str) -> str:
    """The digest of the sources of a package that is installed."""
    found = importlib.util.find_spec(name)
    if found is None or not found.origin:
        raise Untold(name)
    return sources(os.path.dirname(found.origin), "")


def sources(top: str, prefix: str) -> str:
    """The digest of the sources below a folder, or with a prefix of those in it that begin with that."""
    found = []
    for folder, inner, files in os.walk(top):
        inner[:] = sorted(name for name in inner if name != "__pycache__" and not prefix)
        wanted = [os.path.join(folder, file) for file in files if file.endswith(".py") and file.startswith(prefix)]
        found += ["%s %s" % (place[len(top) :], digest(place)) for place in sorted(wanted)]
    return _digest_of(found)


def _digest_of(texts: List[str]) -> str:
    return hashlib.sha256(b"\0".join(map(os.fsencode, texts))).hexdigest()
