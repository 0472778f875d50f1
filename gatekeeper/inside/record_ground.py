"""Credits what Python does to the test, the fixture or the import on whose behalf it does it.

Runs in the project's interpreter. What is seen: functions of the tree that are entered, files that are opened, folders
that are listed, processes that are started. Where it cannot be told what that means, the test depends on everything.
"""

from __future__ import annotations

import contextlib
import os
import sys
from sys import _getframe  # a test may take it away
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.record_bucket import Bucket, Function

IMPORTING = "<frozen importlib._bootstrap>"
EXECUTING = frozenset(("_find_and_load", "_call_with_frames_removed", "_exec", "_load_unlocked"))  # what runs modules
PROGRAMS = ("subprocess.Popen", "os.system", "os.posix_spawn")
STARTS = (*PROGRAMS, "os.exec", "os.spawn", "os.fork", "os.forkpty", "pty.spawn")
LISTS = ("os.listdir", "os.scandir")
OPENS = ("open", "sqlite3.connect", "ctypes.dlopen")
AUDITED = frozenset((*STARTS, *LISTS, *OPENS))
TYPING = ("typing", "typing_extensions")
# Functions of others that are heard each time, and the file that each stands in.
WATCHED = {
    "import_module": os.path.join("importlib", "__init__.py"),
    "getlines": os.sep + "linecache.py",
    "start": os.path.join("multiprocessing", "process.py"),
    "fork_exec": os.path.join("loky", "backend", "fork_exec.py"),
    "_get_local_constants": os.path.join("hypothesis", "internal", "conjecture", "providers.py"),
}
number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook


class Ground:
    """Hears of everything, and puts it into the bucket that is current.

    A function goes by the number of its code object, which is kept alive: codes that look the same are equal, also
    those of two files.
    """

    def __init__(self, tree: str, load: Any) -> None:
        self.memory = load("record_memory")
        self.tree = os.path.realpath(tree) + os.sep
        self.prefix = os.path.realpath(sys.prefix) + os.sep
        self.bucket = load("record_bucket").Bucket
        self.session: Bucket = self.bucket("the session")
        self.readers = load("record_readers").Readers(self.inside)
        self.buckets: List[Bucket] = []
        self.files: Dict[str, str] = {}
        self.codes: Dict[int, Any] = {}
        self.functions: Dict[int, Function] = {}
        self.modules: Dict[str, str] = {}
        self.edges: Set[Tuple[str, str]] = set()
        self.names_asked: Set[Tuple[str, str]] = set()
        self.lasting = load("record_lasting").Lasting(self.is_own, self.memory.PLAIN)
        self.keeping = load("record_keeping").Keeping(self.memory, self.lasting, self.is_own, self.lines_of)
        self.texts = load("record_texts").Texts(self, load)
        self.children = load("record_children").Children(self, load, PROGRAMS)
        self.test: Optional[Bucket] = None
        self.problem = ""
        self.deaf = load("record_deaf").Deaf()
        self.listening = True
        self.begin(self.session)

    def begin(self, bucket: Bucket) -> None:
        """From now on what is done is done on behalf of this."""
        self.buckets.append(bucket)
        self.credit = bucket.codes.add

    def end(self) -> None:
        """What is done is done on behalf of what it was done for before."""
        self.buckets.pop()
        self.credit = self.buckets[-1].codes.add

    def inside(self, place: str) -> str:
        """The path in relation to the tree, with slashes; empty outside of it, and inside of its environment."""
        known = self.files.get(place)
        if known is not None:
            return known
        found = "" if place.startswith("<") else self.relative(place)
        self.files[place] = found
        return found

    def module_path(self, module: Any) -> str:
        """The path of a module, as `inside` tells it; empty for what is no file."""
        place = getattr(module, "__file__", None)
        return self.inside(place) if isinstance(place, str) else ""

    def is_own(self, module: Any) -> bool:
        """Whether a module is of the tree."""
        return bool(self.module_path(module))

    def relative(self, place: str) -> str:
        """As `inside`, for a path that may mean another place the next time."""
        return self.below(os.path.realpath(place))

    def below(self, real: str) -> str:
        """As `inside`, for a path without links."""
        if not real.startswith(self.tree) or (self.prefix.startswith(self.tree) and real.startswith(self.prefix)):
            return ""
        return real[len(self.tree) :].replace(os.sep, "/")

    def hear(self, code: Any, frame: Any) -> Optional[bool]:
        """A function was entered; tells whether the next time matters too, and nothing where none ever will.

        Without a `frame` it is that of the caller's caller: to look at frames costs more than all else here.
        """
        number = number_of(code)
        keeping = self.keeping
        if number in keeping.simple and not keeping.may_be:
            self.credit(number)
            return False
        try:
            path = self.inside(code.co_filename)
            if not path:
                return self.hear_foreign(code, frame)
            return self.hear_own(code, frame or _getframe(2), path) if self.listening else None
        except RecursionError:  # the project's own: it will say so itself
            raise
        except Exception as error:  # noqa: BLE001 - no test may fail by it
            self.give_up(error)
            return None

    def give_up(self, error: Exception) -> None:
        """Record nothing more, and have nothing learnt of this run; what a handler of signals raises goes on."""
        if self.readers.is_of_handler(error):
            raise error
        self.listening = False
        self.problem = self.problem or "the recording failed ({!r})".format(error)

    def hear_own(self, code: Any, frame: Any, path: str) -> bool:
        """A function of the tree was entered, and it matters what it is given, or what is at work."""
        number = number_of(code)
        if number not in self.codes:
            self.codes[number] = code
            asks = not self.memory.LINE_READERS.isdisjoint(code.co_names)
            self.functions[number] = (path, code.co_firstlineno, asks)
            self.texts.is_reader(code, path)
        matters = self.follow(code, frame, path)
        if number not in self.texts.readers:
            return matters
        self.texts.entered(code, frame, path)
        self.keeping.simple.discard(number)  # what it is given matters each time
        return True

    def follow(self, code: Any, frame: Any, path: str) -> bool:
        """Credit a function of the tree; tells whether the next time matters too."""
        number = number_of(code)
        if code.co_name == "<module>":
            self.module(path, frame)
        keeping, in_session = self.keeping, self.buckets[-1] is self.session
        if in_session and keeping.is_at_work(frame):
            keeping.kept.add(number)  # an import counts for whoever imports, and not for all
            return False
        remembers = keeping.remembers(code, frame, path, in_session)
        if remembers:
            keeping.expect()
        if keeping.may_be:
            keeping.settle(number, frame)
        if not in_session or number not in keeping.kept:
            self.credit(number)
        return bool(keeping.open_anew(number, remembers))

    def hear_foreign(self, code: Any, frame: Any) -> Optional[bool]:
        """A function outside of the tree was entered."""
        if code.co_filename == IMPORTING:
            if code.co_name not in EXECUTING:
                return None
            self.keeping.expect()
            return True
        if code.co_name in WATCHED and code.co_filename.endswith(WATCHED[code.co_name]):
            self.watch(code, frame or _getframe(3))
            return True
        if self.texts.is_reader(code, ""):
            self.texts.entered(code, frame or _getframe(3), "")
            return True
        return None

    def begin_test(self, bucket: Bucket) -> None:
        """A test begins."""
        self.begin(bucket)
        self.test = bucket
        self.keeping.begin_test()

    def end_test(self) -> None:
        """The test is over."""
        self.end()
        self.keeping.end_test()
        self.children.end_test()
        self.test = None

    def module(self, path: str, frame: Any) -> None:
        """A module of the tree is executed: keep its name, and who wanted it."""
        name = str(frame.f_globals.get("__name__", ""))
        if getattr(sys.modules.get(name), "__dict__", None) is frame.f_globals:  # and no script
            self.lasting.forget()
        self.modules.setdefault(name, path)
        importer = self.nearest(frame.f_back)
        if importer and importer != path:
            self.edges.add((importer, path))
        elif not importer:
            self.edges.add(("", path))
        self.texts.loaded_by(frame.f_globals.get("__loader__"), path)
        if any(getattr(sys.modules.get(typing), "TYPE_CHECKING", False) for typing in TYPING):
            self.session.everything = "modules are imported as a type checker sees them"  # `code_units.py` relies on it
        self.keeping.again(self.keeping.kept)

    def nearest(self, frame: Any) -> str:
        """The file of the nearest frame that runs code of the tree."""
        while frame is not None:
            path = self.inside(frame.f_code.co_filename)
            if path:
                return path
            frame = frame.f_back
        return ""

    def watch(self, code: Any, frame: Any) -> None:
        """A function was entered which tells more than that."""
        if code.co_name == "import_module":
            importer = self.nearest(frame.f_back)
            if importer:
                self.names_asked.add((importer, str(frame.f_locals.get("name", ""))))
        elif code.co_name in ("start", "fork_exec"):
            self.children.begin(code.co_name, frame)
            self.unclear("it starts another process")
        elif code.co_name == "_get_local_constants":
            if not self.readers.gets_ready(frame):
                self.buckets[-1].reads |= self.readers.drawn
        else:
            self.read(frame.f_locals.get("filename"), frame)

    def lines_of(self, path: str) -> List[str]:
        """The lines of a file of the tree, read without being heard."""
        place = self.tree + path
        with self.deaf.here(), contextlib.suppress(OSError), open(place, encoding="utf-8", errors="replace") as file:
            return file.read().split("\n")
        return []

    def hook(self) -> Any:
        """The audit hook: Python calls it for good and very often, so that it must be quick."""
        audited = AUDITED

        def audit(event: str, arguments: Any) -> None:
            if event in audited and self.listening and not self.deaf.is_here():
                try:
                    self.audit(event, arguments, _getframe(1))
                except RecursionError:
                    raise
                except Exception as error:  # noqa: BLE001 - as above
                    self.give_up(error)

        return audit

    def audit(self, event: str, arguments: Any, frame: Any) -> None:
        """A file is opened, a folder listed, or a process started."""
        if event in OPENS:
            self.read(arguments[0] if arguments else None, frame)
        elif event in LISTS:
            self.listed(arguments[0] if arguments else None, frame)
        elif not self.readers.is_asking(frame) and not self.children.begin(event, frame):
            self.unclear("it starts another process")

    def read(self, name: Any, frame: Any) -> None:
        """A file is opened."""
        path = self.path_of(name, frame)
        is_drawn = bool(path) and self.readers.draws(frame, path)
        if path and not (is_drawn and self.readers.gets_ready(frame)):
            self.buckets[-1].reads.add(path)
            is_known = is_drawn or self.readers.is_for_messages(frame)
            if not is_known and self.keeping.may_be and self.keeping.is_at_work(frame):
                self.session.reads.add(path)

    def listed(self, name: Any, frame: Any) -> None:
        """The names in a folder are read."""
        path = self.path_of("." if name is None else name, frame, folder=True)
        if path is not None:
            self.buckets[-1].lists.add(path)
            if self.keeping.may_be and self.keeping.is_at_work(frame):
                self.session.lists.add(path)

    def path_of(self, name: Any, frame: Any, folder: bool = False) -> Any:
        """The path that code of the tree, or a test, means; None where it lies elsewhere or a tool asks."""
        if isinstance(name, int) or name is None:
            return None
        with contextlib.suppress(TypeError, ValueError, OSError):
            place = os.path.realpath(os.fsdecode(name))
            path = self.below(place)
            if not path and not (folder and place + os.sep == self.tree):
                return None
            return None if self.readers.is_tool(frame, self.buckets[-1] is self.session) else path
        return None

    def unclear(self, reason: str) -> None:
        """Whoever is at work depends on everything."""
        if not (self.buckets[-1] is self.session and not self.nearest(_getframe(2))):
            self.buckets[-1].everything = reason
