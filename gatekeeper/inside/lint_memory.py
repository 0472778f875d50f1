"""Remembers what pylint said of one tree together with all that it stood on, and tells whether that still holds.

What was said holds again only where everything is as it was: the ground (what was asked, every name that could be
imported, the import path, the programs) and the content of every file that was opened. Paths are kept relative to the
tree and to the environment, so that what was seen in one folder holds in another. Runs beside `lint.py` under the
project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as `sys.path` and the audit events have them.

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.lint_ground import is_installed, read
else:
    from lint_ground import is_installed, read

Json = Dict[str, Any]

# With these the messages hang on code of the project, or on files and programs that nobody sees pylint ask for.
_UNTOLD = re.compile(
    r"load-plugins|load_plugins|init-hook|extension-pkg|unsafe-load|prefer-stubs|spelling|import-graph"
)
_BY_PLACE = re.compile(r"ignore-paths|ignored-paths")
_CODE = (".py", ".pyi", ".pyc", ".pth", ".so", ".pyd", ".c", ".cc", ".cpp", ".pyx")
_NO_SOURCE = ("__pycache__", "node_modules")
_MOST_NAMES = 100_000
_PROGRAMS = ("pylint", "astroid")
_WRITING = os.O_WRONLY | os.O_RDWR


class Untold(Exception):
    """It cannot be told on what the messages stand, so that they are not remembered."""


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
        if not path.endswith(".pyc") and path not in self._seen:
            self._seen[path] = _mark(path)

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
        entry for entry in map(os.path.normpath, [*path, *_served()]) if not (entry + os.sep).startswith(tree + os.sep)
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
        "names": {folders.short(entry): _names(entry, is_installed(entry)) for entry in far},
        "tree": _names_of_tree(side),
        "served": sorted(folders.short(entry) for entry in _served()),
        "programs": [_program(name) for name in _PROGRAMS]
        + [_sources(os.path.dirname(os.path.abspath(__file__)), "lint")],
    }


def recall(asked: Json, side: Json, ground: Json) -> Optional[Json]:
    """The remembered answer that still holds for this side, or None; which one it was is left for the store."""
    folders = Folders(asked, side)
    fresh: Dict[str, Optional[str]] = {}

    def holds(body: Json) -> bool:
        files = body["files"].items()
        return body["ground"] == ground and all(_content(folders.full(path), fresh) == seen for path, seen in files)

    with suppress(ValueError, KeyError, TypeError, AttributeError):  # what is no entry of ours is no answer
        for number, body in enumerate(json.loads(read(side["known"]) or "[]")):
            if holds(body):
                _write(side["made"], {"used": number})
                return dict(body["answer"], reused=str(body["tree"]))
    return None


def leave(asked: Json, side: Json, recorder: Recorder, answer: Json) -> None:
    """Leave what was said for the store, unless it cannot be told on what it stands."""
    if "ground" not in side or answer["problem"]:
        return
    folders = Folders(asked, side)
    told = [str(value) for row in answer["messages"] for value in row.values()] + answer["notes"]
    if any(map(folders.are_named_in, told)):
        return
    with suppress(Untold):
        body = {"ground": side["ground"], "files": recorder.files(folders), "answer": answer, "tree": side["tree_id"]}
        if side["ground"]["tree"] == _names_of_tree(side):
            _write(side["made"], body)


def digest(path: str) -> Optional[str]:
    """The digest of a file's content; None where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return None


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


def _served() -> List[str]:
    """The folders to which finders of editable installs lead."""
    found: List[str] = []
    for finder in sys.meta_path:
        module = sys.modules.get(str(getattr(finder, "__module__", "")))
        found += [str(place) for place in getattr(module, "MAPPING", {}).values()]
    return found


def _names_of_tree(side: Json) -> Optional[str]:
    """As `_names`; folders with a dot count where something that is looked at or imported from lies in them."""
    return _names(os.path.normpath(side["tree"]), False, [*side["files"], *side["roots"], *sys.path])


def _names(folder: str, is_flat: bool, ours: Sequence[str] = ()) -> Optional[str]:
    """The digest of the names in a folder that an import could mean; None where there is no such folder."""
    if not os.path.isdir(folder):
        return digest(folder) if os.path.isfile(folder) else None
    if is_flat:
        return _digest_of(sorted(os.listdir(folder)))
    return _digest_of(sorted(_walk(folder, ours)))


def _walk(top: str, ours: Sequence[str]) -> Iterator[str]:
    count = 0
    for folder, inner, files in os.walk(top):
        kept = []
        for name in inner:
            place = os.path.join(folder, name)
            if name in _NO_SOURCE or os.path.exists(os.path.join(place, "pyvenv.cfg")):
                continue
            if name.startswith(".") and not any((own + os.sep).startswith(place + os.sep) for own in ours):
                continue
            if os.path.islink(place) and not (os.path.realpath(place) + os.sep).startswith(
                os.path.realpath(top) + os.sep
            ):
                raise Untold(place)
            kept.append(name)
            yield place[len(top) :] + (" -> " + os.readlink(place) if os.path.islink(place) else "/")
        inner[:] = kept
        count += len(inner) + len(files)
        if count > _MOST_NAMES:
            raise Untold(top)
        yield from (os.path.join(folder, name)[len(top) :] for name in files if name.endswith(_CODE))


def _program(name: str) -> str:
    """The digest of the sources of a package that is installed."""
    found = importlib.util.find_spec(name)
    if found is None or not found.origin:
        raise Untold(name)
    return _sources(os.path.dirname(found.origin), "")


def _sources(top: str, prefix: str) -> str:
    found = []
    for folder, inner, files in os.walk(top):
        inner[:] = sorted(name for name in inner if name != "__pycache__" and not prefix)
        wanted = [os.path.join(folder, file) for file in files if file.endswith(".py") and file.startswith(prefix)]
        found += ["%s %s" % (place[len(top) :], digest(place)) for place in sorted(wanted)]
    return _digest_of(found)


def _digest_of(texts: List[str]) -> str:
    return hashlib.sha256(b"\0".join(map(os.fsencode, texts))).hexdigest()


def _write(path: str, content: Json) -> None:
    with suppress(OSError), open(path, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
