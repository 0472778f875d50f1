"""Tells who reads a file, lists a folder or starts a process: the project, a plugin, or a tool of its own accord.

Runs in the project's interpreter.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Iterator, Set

IMPORTERS = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")
# Tools that read sources for purposes of their own.
TOOLS = tuple(os.sep + name for name in ("_pytest" + os.sep + "assertion" + os.sep, "coverage" + os.sep))
TOOL_FILES = (os.path.join("_pytest", "warnings.py"), os.path.join("_pytest", "pathlib.py"))
# What runs the session itself; pytest asks there for its settings, and for plugins among the installed packages.
RUNNERS = tuple(os.sep + name + os.sep for name in ("_pytest", "pytest", "pluggy", "iniconfig", "xdist", "execnet"))
PACKAGES = (os.path.join("importlib", "metadata") + os.sep, "importlib_metadata" + os.sep)
# The standard library asks other programs about the machine.
LIBRARY = os.path.dirname(os.__file__) + os.sep
ASKING = frozenset(LIBRARY + name for name in ("platform.py", os.path.join("ctypes", "util.py"), "uuid.py"))
PACKAGES_FOLDERS = tuple(os.sep + name + os.sep for name in ("site-packages", "dist-packages"))
HERE = os.path.dirname(os.path.abspath(__file__))

DRAWING = os.path.join("hypothesis", "internal", "constants_ast.py")
PREPARING = os.sep + "_hypothesis_pytestplugin.py"
MOST_ASKING = 6
MOST_BETWEEN = 12  # frames between one that reads lines and the one that wants them


class Readers:
    """Looks at who is at work; `inside` tells the path of a file in relation to the tree, if it is part of it."""

    def __init__(self, inside: Callable[[str], str]) -> None:
        self.inside = inside
        self.runners: Dict[str, bool] = {}
        self.drawn: Set[str] = set()

    def is_tool(self, frame: Any, in_session: bool) -> bool:
        """Whether a file is read to import it, or by pytest and coverage for themselves.

        Outside of tests (`in_session`) a plugin reads on behalf of the session.
        """
        if frame.f_code.co_filename in IMPORTERS and frame.f_back and frame.f_back.f_code.co_filename in IMPORTERS:
            return True
        is_of_runner, is_of_packages = True, False
        while frame is not None:
            name = frame.f_code.co_filename
            if self.inside(name):
                return False
            if any(tool in name for tool in TOOLS) or name.endswith(TOOL_FILES):
                return True
            is_of_runner = is_of_runner and self.is_runner(name)
            is_of_packages = is_of_packages or any(each in name for each in PACKAGES)
            frame = frame.f_back
        return in_session and (is_of_runner or is_of_packages)

    def is_runner(self, name: str) -> bool:
        """Whether a file is of pytest, of Python or ours, and not of a plugin."""
        if name not in self.runners:
            own = name.startswith("<") or os.path.dirname(os.path.abspath(name)) == HERE
            library = name.startswith(LIBRARY) and PACKAGES_FOLDERS[0] not in name and PACKAGES_FOLDERS[1] not in name
            self.runners[name] = own or library or any(each in name for each in RUNNERS)
        return self.runners[name]

    @staticmethod
    def is_for_messages(frame: Any) -> bool:
        """Whether a source is read to show its lines in a traceback or a warning, and not to make anything of them."""
        names = [os.path.basename(each.f_code.co_filename) for each in frames(frame, MOST_BETWEEN)]
        return "linecache.py" in names[:3] and "inspect.py" not in names

    def draws(self, frame: Any, path: str) -> bool:
        """Whether hypothesis reads a source for the constants in it; it does so once, for all tests that draw later."""
        if any(each.f_code.co_filename.endswith(DRAWING) for each in frames(frame, MOST_BETWEEN)):
            self.drawn.add(path)
            return True
        return False

    @staticmethod
    def gets_ready(frame: Any) -> bool:
        """Whether the plugin of hypothesis has it read the sources before the first test, to save that the time."""
        codes = [each.f_code for each in frames(frame, MOST_BETWEEN)]
        return any(c.co_name == "pytest_collection_modifyitems" and c.co_filename.endswith(PREPARING) for c in codes)

    @staticmethod
    def is_asking(frame: Any) -> bool:
        """Whether the standard library starts a process to ask it about the machine."""
        return any(each.f_code.co_filename in ASKING for each in frames(frame, MOST_ASKING))

    @staticmethod
    def is_of_handler(error: BaseException) -> bool:
        """Whether a handler of signals of the project raised this, while we happened to be at work."""
        import signal

        handlers = [getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()]
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code in handlers:
                return True
            trace = trace.tb_next
        return False


def frames(frame: Any, most: int) -> Iterator[Any]:
    """A frame and those that it was called from, as many as are wanted."""
    while frame is not None and most:
        yield frame
        frame, most = frame.f_back, most - 1
