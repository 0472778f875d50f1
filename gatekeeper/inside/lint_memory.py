"""Remembers what pylint said of one tree together with all that it stood on, and tells whether that still holds.

What was said holds again only where everything is as it was: the ground (what was asked, every name that could be
imported, the import path, the programs) and the content of every file that was opened. Paths are kept relative to the
tree and to the environment, so that what was seen in one folder holds in another. Runs beside `lint.py` under the
project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as `sys.path` and the audit events have them.

from __future__ import annotations

import json
import os
import re
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.lint_ground import is_installed, read
    from gatekeeper.inside.lint_names import (
        Untold,
        digest,
        names_in,
        names_of_tree,
        program,
        served,
        sources,
        steady_names,
    )
else:
    from lint_ground import is_installed, read
    from lint_names import Untold, digest, names_in, names_of_tree, program, served, sources, steady_names

Json = Dict[str, Any]

# With these the messages hang on code of the project, or on files and programs that nobody sees pylint ask for.
_UNTOLD = re.compile(
    r"load-plugins|load_plugins|init-hook|extension-pkg|unsafe-load|prefer-stubs|spelling|import-graph"
)
_BY_PLACE = re.compile(r"ignore-paths|ignored-paths")
_PROGRAMS = ("pylint", "astroid")
_WRITING = os.O_WRONLY | os.O_RDWR


class Recorder:
    """Notes every file that this process opens to read from `start` on, as it was when it was opened first."""

    def __init__(self) -> None:
        self._seen: Dict[str, Optional[Tuple[int, ...]]] = {}
        self._on = False

    def start(self) -> None:
        """Begin to note; a hook cannot be taken away again, so this is done once in a process and its children."""
        self._on = True
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: Tuple[Any, ...]) -> None:
        if event != "open" or not self._on or not isinstance(arguments[0], (str, bytes)):
            return
        if isinstance(arguments[2], int) and arguments[2] & _WRITING:
            return
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not path.endswith(".pyc"):
            self.note(path)

    def note(self, path: str) -> None:
        """Note that a file is read now, by its absolute path."""
        if path not in self._seen:
            self._seen[path] = _mark(path)

    @property
    def paths(self) -> List[str]:
        """Every file that was opened so far."""
        return list(self._seen)

    def files(self, folders: Folders) -> Dict[str, Optional[str]]:
        """The digest of each file that was opened, None for one that was not there; Untold if one changed since."""
        self._on = False
        found = {}
        for path, mark in self._seen.items():
            content = digest(path)
            if _mark(path) != mark:
                raise Untold(path)
            found[folders.short(path)] = content
        return found


class Folders:
    """The folders that stand elsewhere on another day: paths are told relative to them."""

    def __init__(self, asked: Json, side: Json) -> None:
        named: List[Tuple[str, str]] = [
            (sys.base_prefix, "<python>"),
            (sys.prefix, "<environment>"),
            (asked["tree"], "<judged>"),
        ]
        named.append((side["tree"], "<tree>"))
        names: Dict[str, str] = {os.path.normpath(folder): name for folder, name in named}
        self._names = sorted(names.items(), key=lambda item: -len(item[0]))

    def short(self, path: str) -> str:
        """The path relative to the folder that it lies in, if it lies in one of them."""
        for folder, name in self._names:
            if (path + os.sep).startswith(folder + os.sep):
                return name + path[len(folder) :]
        return path

    def full(self, path: str) -> str:
        """The path that `short` stands for here."""
        for folder, name in self._names:
            if path == name or path.startswith(name + os.sep):
                return folder + path[len(name) :]
        return path

    def are_named_in(self, text: str) -> bool:
        """Whether a text tells one of the folders, so that it would be another one elsewhere."""
        return any(folder in text for folder, _ in self._names if folder not in self.short_ones)

    @property
    def short_ones(self) -> List[str]:
        """The folders with a name, such as `/usr`, that any text may hold; an answer holds where they are the same."""
        return [folder for folder, _ in self._names if folder.count(os.sep) < 2]


def ground_of(asked: Json, side: Json, configuration: str) -> Json:
    """All that can be told before pylint starts; raises Untold where that is not enough."""
    folders = Folders(asked, side)
    options = (read(configuration) or "") if configuration else ""
    if _UNTOLD.search(options) or ("source-roots" in options and not side["roots"]):
        raise Untold(configuration)
    path = [*side["roots"], *sys.path]
    tree = os.path.normpath(side["tree"])
    far = [
        entry for entry in map(os.path.normpath, [*path, *served()]) if not (entry + os.sep).startswith(tree + os.sep)
    ]
    return {
        "asked": [asked[key] for key in ("packages", "always_off", "profile_off", "ignore")],
        "files": [folders.short(file) for file in side["files"]],
        "root": folders.short(side["root"]),
        "place": [tree if _BY_PLACE.search(options) else "", *folders.short_ones],
        "configuration": [folders.short(configuration).rpartition(">")[2], digest(configuration)]
        if configuration
        else [],
        "python": [sys.version, sys.platform, sys.flags.optimize, sys.getfilesystemencoding()],
        "path": [folders.short(entry) for entry in path],
        "names": {folders.short(entry): names_in(entry, is_installed(entry)) for entry in far},
        "served": sorted(folders.short(entry) for entry in served()),
        "programs": [program(name) for name in _PROGRAMS]
        + [sources(os.path.dirname(os.path.abspath(__file__)), "lint")],
    }


def recall(asked: Json, side: Json, ground: Json) -> Optional[Json]:
    """The remembered answer that still holds for this side, or None; which one it was is left for the store."""
    folders = Folders(asked, side)
    fresh: Dict[str, Optional[str]] = {}

    def holds(body: Json) -> bool:
        files = body["files"].items()
        return (
            body["ground"] == ground
            and all(_content(folders.full(path), fresh) == seen for path, seen in files)
            and names_of_tree(side, set(body["asked"])) == body["names"]
        )

    with suppress(Exception):  # what is no entry of ours is no answer
        for number, body in enumerate(json.loads(read(side["known"]) or "[]")):
            if holds(body):
                _write(side["made"], {"used": number})
                return dict(body["answer"], reused=str(body["tree"]))
    side["before"] = steady_names(side)
    return None


def leave(asked: Json, side: Json, recorder: Recorder, names: Set[str], answer: Json) -> None:
    """Leave what was said for the store, unless it cannot be told on what it stands; `names` were looked up as well."""
    if "before" not in side or answer["problem"]:
        return
    folders = Folders(asked, side)
    told = [str(value) for row in answer["messages"] for value in row.values()] + answer["notes"]
    if any(map(folders.are_named_in, told)):
        return
    with suppress(Exception):  # no memory is no reason to say nothing
        asked_for = names_asked_for(names)
        body = {
            "ground": side["ground"],
            "files": recorder.files(folders),
            "asked": sorted(asked_for),
            "names": names_of_tree(side, asked_for),
            "answer": answer,
            "tree": side["tree_id"],
        }
        if steady_names(side) != side["before"]:
            return
        _write(side["made"], body)


def names_asked_for(more: Set[str]) -> Set[str]:
    """The parts of these module names, and of all that astroid looked up, whether it found one or not."""
    from astroid.manager import AstroidManager  # type: ignore[import-untyped]

    manager = AstroidManager()
    names = more | {str(key[0]) for key in manager._mod_file_cache} | {str(name) for name in manager.astroid_cache}
    return {"__init__"} | {part for name in names for part in name.split(".") if part}


def _content(path: str, known: Dict[str, Optional[str]]) -> Optional[str]:
    if path not in known:
        known[path] = digest(path)
    return known[path]


def _mark(path: str) -> Optional[Tuple[int, ...]]:
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _write(path: str, content: Json) -> None:
    with suppress(OSError), open(path, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
