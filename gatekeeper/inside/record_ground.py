"""Credits what Python does to the test, the fixture or the import on whose behalf it does it.

Runs in the project's interpreter. What is seen: functions of the tree that are entered, files that are opened, folders
that are listed, processes that are started. Where it cannot be told what that means, the test is said to depend on
everything.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import Any, Dict, List, Optional, Set, Tuple

Place = Tuple[str, int]
"""A file of the tree, and the first line of a function in it."""

IMPORTING = "<frozen importlib._bootstrap>"
STARTS = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"),
    "pty.spawn",
)
LISTS = ("os.listdir", "os.scandir")
OPENS = ("open", "sqlite3.connect", "ctypes.dlopen")
AUDITED = frozenset((*STARTS, *LISTS, *OPENS))
# Functions of the standard library that are heard each time, and the file that each stands in.
WATCHED = {
    "import_module": os.path.join("importlib", "__init__.py"),
    "getlines": os.sep + "linecache.py",
    "start": os.path.join("multiprocessing", "process.py"),
}
MOST_RESTARTS = 20  # for one function that remembers, in one test


class Bucket:
    """What was done on behalf of one test, of one fixture, or of the session; `everything` says why it is unclear."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.entered: Set[Place] = set()
        self.reads: Set[str] = set()
        self.lists: Set[str] = set()
        self.uses: Set[int] = set()
        self.everything = ""
        self.lines = False

    def report(self) -> Dict[str, Any]:
        """The bucket as JSON can say it."""
        entered: Dict[str, List[int]] = {}
        for path, line in sorted(self.entered):
            entered.setdefault(path, []).append(line)
        return {
            "entered": entered,
            "reads": sorted(self.reads),
            "lists": sorted(self.lists),
            "uses": sorted(self.uses),
            "everything": self.everything,
            "lines": self.lines,
        }


class Ground:
    """Hears of everything, and puts it into the bucket that is current."""

    def __init__(self, tree: str, memory: Any, readers: Any) -> None:
        self.memory = memory
        self.tree = os.path.realpath(tree) + os.sep
        self.prefix = os.path.realpath(sys.prefix) + os.sep
        self.session = Bucket("the session")
        self.readers = readers.Readers(self.inside)
        self.buckets: List[Bucket] = [self.session]
        self.files: Dict[str, str] = {}
        self.kept: Set[Place] = set()
        self.modules: Dict[str, str] = {}
        self.edges: Set[Tuple[str, str]] = set()
        self.names_asked: Set[Tuple[str, str]] = set()
        self.remembering: Dict[Any, bool] = {}
        self.lasting = memory.Lasting(self.inside)
        self.undecided: Dict[Any, Set[str]] = {}  # what remembers if one of these names is of an object that lasts
        self.writing: Dict[str, Dict[int, Set[str]]] = {}
        self.restarts: Dict[Any, int] = {}
        self.sources: Dict[str, List[str]] = {}
        self.again: Any = lambda: None
        self.bottoms: Set[Any] = set()  # what calls tests and fixtures: below it there is pytest alone
        self.may_be_kept = True
        self.deaf = False
        self.listening = True

    def inside(self, place: str) -> str:
        """The path in relation to the tree, with slashes; empty outside of it, and inside of its environment."""
        known = self.files.get(place)
        if known is not None:
            return known
        found = "" if place.startswith("<") else self.relative(place)
        self.files[place] = found
        return found

    def relative(self, place: str) -> str:
        """As `inside`, for a path that may mean another place the next time."""
        real = os.path.realpath(place)
        if not real.startswith(self.tree) or (self.prefix.startswith(self.tree) and real.startswith(self.prefix)):
            return ""
        return real[len(self.tree) :].replace(os.sep, "/")

    def hear(self, code: Any, frame: Any) -> Optional[bool]:
        """A function was entered; tells whether the next time matters too, and nothing where none ever will.

        Without a `frame` it is that of the caller's caller: to look at frames costs more than all else here.
        """
        path = self.files.get(code.co_filename)
        if path is None:
            path = self.inside(code.co_filename)
        if not path:
            return self.hear_foreign(code, frame or sys._getframe(2))
        if not self.listening:
            return None
        if code.co_name == "<module>":
            self.module(path, frame or sys._getframe(2))
        remembers = self.remembering.get(code)
        if remembers is None:
            remembers = self.remembers(code, frame or sys._getframe(2), path)
        self.may_be_kept = self.may_be_kept or remembers
        place = (path, code.co_firstlineno)
        if self.may_be_kept and place not in self.kept and self.is_kept(frame or sys._getframe(2)):
            self.kept.add(place)
        bucket = self.buckets[-1]
        if bucket is not self.session or place not in self.kept:  # imports count for whoever imports, and not for all
            bucket.entered.add(place)
            bucket.lines = bucket.lines or not self.memory.LINE_READERS.isdisjoint(code.co_names)
        return self.open_anew(code, remembers)

    def hear_foreign(self, code: Any, frame: Any) -> Optional[bool]:
        """A function outside of the tree was entered."""
        if code.co_filename == IMPORTING:
            self.may_be_kept = True
            return False
        return True if code.co_name in WATCHED and self.watch(code, frame) else None

    def begin_test(self, bucket: Bucket) -> None:
        """A test begins: until it enters an import or something that remembers, nothing that it does is kept.

        Unless that is at work already, around the test or in a thread that an earlier one left behind.
        """
        self.restarts.clear()
        self.buckets.append(bucket)
        self.may_be_kept = threading.active_count() > 1 or self.is_kept(sys._getframe(1))

    def end_test(self) -> None:
        """The test is over."""
        self.buckets.pop()
        self.may_be_kept = True

    def open_anew(self, code: Any, remembers: bool) -> bool:
        """Hear of all that a remembering function calls; tells whether there is patience for a next time."""
        if not remembers and code not in self.undecided:
            return False
        self.restarts[code] = self.restarts.get(code, 0) + 1
        if remembers:
            self.again()
        return self.restarts[code] < MOST_RESTARTS

    def is_kept(self, frame: Any) -> bool:
        """Whether what runs outlives the test: a module is imported, or a function that remembers is at work."""
        remembering = self.remembering
        while frame is not None:
            code = frame.f_code
            if code.co_filename == IMPORTING or remembering.get(code):
                return True
            if code in self.bottoms:
                return False
            frame = frame.f_back
        return False

    def module(self, path: str, frame: Any) -> None:
        """A module of the tree is executed: keep its name, and who wanted it."""
        name = str(frame.f_globals.get("__name__", ""))
        self.lasting.forget()
        self.modules.setdefault(name, path)
        importer = self.nearest(frame.f_back)
        if importer and importer != path:
            self.edges.add((importer, path))
        elif not importer:
            self.edges.add(("", path))
        self.again()

    def nearest(self, frame: Any) -> str:
        """The file of the nearest frame that runs code of the tree."""
        while frame is not None:
            path = self.inside(frame.f_code.co_filename)
            if path:
                return path
            frame = frame.f_back
        return ""

    def watch(self, code: Any, frame: Any) -> bool:
        """A function of the standard library was entered, which tells more than that."""
        if not code.co_filename.endswith(WATCHED[code.co_name]):
            return False
        if code.co_name == "import_module":
            importer = self.nearest(frame.f_back)
            if importer:
                self.names_asked.add((importer, str(frame.f_locals.get("name", ""))))
        elif code.co_name == "start":
            self.unclear("it starts another process")
        else:
            self.read(frame.f_locals.get("filename"), frame)
        return True

    def remembers(self, code: Any, frame: Any, path: str) -> bool:
        """Whether a function may keep what it made for later tests: a cache, a global, a shared container or object."""
        if code not in self.undecided:
            stores = self.is_decorated(code, path) or self.memory.stores_for_all(code, frame.f_globals)
            self.remembering[code] = code.co_name != "<module>" and bool(stores)
            if path not in self.writing:
                self.writing[path] = self.memory.given_and_written(self.sources[path])
            names = self.writing[path].get(code.co_firstlineno, set()).intersection(code.co_varnames + code.co_freevars)
            if self.remembering[code] or not names or code.co_name == "__init__":
                return self.remembering[code]
            self.undecided[code] = names
            del self.remembering[code]
        if self.buckets[-1] is not self.session and self.lasting.is_given(self.undecided[code], frame):
            self.remembering[code] = True
        return code in self.remembering

    def is_decorated(self, code: Any, path: str) -> bool:
        """Whether a decorator's name speaks of remembering."""
        if path not in self.sources:
            self.sources[path] = self.lines_of(path)
        return bool(self.memory.is_decorated(self.sources[path][code.co_firstlineno - 1 : code.co_firstlineno + 9]))

    def lines_of(self, path: str) -> List[str]:
        """The lines of a file of the tree, read without being heard."""
        was, self.deaf = self.deaf, True
        try:
            with open(self.tree + path, encoding="utf-8", errors="replace") as file:
                return file.read().split("\n")
        except OSError:
            return []
        finally:
            self.deaf = was

    def audit(self, event: str, arguments: Any) -> None:
        """The audit hook; Python calls it for good and very often, so that it must be quick."""
        if event not in AUDITED or self.deaf or not self.listening:
            return
        if event in OPENS:
            self.read(arguments[0] if arguments else None, sys._getframe(1))
        elif event in LISTS:
            self.listed(arguments[0] if arguments else None, sys._getframe(1))
        elif not self.readers.is_asking(sys._getframe(1)):
            self.unclear("it starts another process")

    def read(self, name: Any, frame: Any) -> None:
        """A file is opened."""
        path = self.path_of(name, frame)
        if path:
            self.buckets[-1].reads.add(path)
            if not self.readers.is_for_messages(frame) and self.is_kept(frame):
                self.session.reads.add(path)

    def listed(self, name: Any, frame: Any) -> None:
        """The names in a folder are read."""
        path = self.path_of("." if name is None else name, frame, folder=True)
        if path is not None:
            self.buckets[-1].lists.add(path)
            if self.is_kept(frame):
                self.session.lists.add(path)

    def path_of(self, name: Any, frame: Any, folder: bool = False) -> Any:
        """The path that code of the tree, or a test, means; None where it lies elsewhere or a tool asks."""
        if isinstance(name, int) or name is None:
            return None
        with contextlib.suppress(TypeError, ValueError, OSError):
            place = os.path.realpath(os.fsdecode(name))
            if folder and place + os.sep == self.tree:
                path = ""
            else:
                path = self.relative(place)
                if not path:
                    return None
            return None if self.readers.is_tool(frame, self.buckets[-1] is self.session) else path
        return None

    def unclear(self, reason: str) -> None:
        """Whoever is at work depends on everything."""
        if not (self.buckets[-1] is self.session and not self.nearest(sys._getframe(2))):
            self.buckets[-1].everything = reason
