"""Asks a warm server to look with pylint in our place, and has one begun for the next run; without one nothing is lost.

The server (`lint_server.py`) has the modules that the project imports from outside, and forks for each run. Its
socket lies in a folder that only this user can enter. Whatever is not as it should be means that pylint looks from
cold. Runs beside `lint.py` under the project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as everywhere in this folder.

from __future__ import annotations

import array
import hashlib
import json
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.lint_ground import is_installed, read
    from gatekeeper.inside.lint_names import lies_in, served, sources
else:
    from lint_ground import is_installed, read
    from lint_names import lies_in, served, sources

GREETING_SECONDS = 5.0
_FEWEST_LACKING = 10
_MOST_SERVERS = 4
_COOKIE = "GATEKEEPER_RUN"
KNOWN = ".known"
"""How a file is called, after a kind of server, that tells the modules which the last server of it had ready."""

Json = Dict[str, Any]
Source = Tuple[str, str]
"""The name of a module, and the path of its source."""


class Looked(NamedTuple):
    """What became of asking: whether the server looked, in words why or why not, and which modules it has ready."""

    done: bool
    said: str
    ready: List[Source]


def key_of(asked: Json) -> str:
    """Names the only kind of server that may look for this run; empty where none may.

    None may where a road of the import path leads into a tree that is judged, or where the system does not tell who
    sits at the other end of a socket.
    """
    if not (asked.get("warm") and hasattr(socket, "SO_PEERCRED") and hasattr(os, "fork")):
        return ""
    trees = {os.path.realpath(side.get("tree") or side["root"]) for side in asked["sides"]}
    for entry in [*sys.path, *served()]:
        if any(lies_in(os.path.realpath(entry), tree) for tree in trees) and not is_installed(entry):
            return ""
    import pylint

    kind = [
        *(sys.executable, sys.prefix, sys.version, list(sys.flags), sys.getfilesystemencoding(), pylint.__version__),
        *(sys.path, served(), sorted(asked["packages"]), os.environ.get("PYTHONHASHSEED", "")),
        sources(os.path.dirname(os.path.abspath(__file__)), "lint"),
    ]
    return hashlib.sha256(json.dumps(kind).encode()).hexdigest()[:24]


def ask(asked: Json, sides: List[Json], configuration: str, foreign: List[str], key: str) -> Looked:
    """Have the server call `lint.look_at_all` for these sides; what it leaves lies where that leaves it."""
    request = {"key": key, "asked": asked, "sides": sides, "configuration": configuration, "foreign": foreign}
    try:
        with connected(asked["warm"], key) as connection:
            return _asked(connection, request)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Looked(False, "no warm server: %s" % error, [])


def _asked(connection: socket.socket, request: Json) -> Looked:
    text = json.dumps({**request, "path": sys.path, "environment": dict(os.environ)}).encode()
    connection.settimeout(GREETING_SECONDS)
    given = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", _inherited(connection.fileno())))]
    connection.sendmsg([struct.pack("!Q", len(text))], given)
    connection.sendall(text)
    lines = _lines(connection)
    try:
        greeting = json.loads(next(lines, b"{}"))
    except socket.timeout:
        with suppress(OSError):
            os.kill(peer(connection)[0], signal.SIGKILL)  # it hangs, and another one will take its name
        raise
    if greeting.get("unfit") != "":
        return Looked(False, "the warm server cannot look: %s" % greeting.get("unfit", "it said nothing"), [])
    connection.settimeout(float(request["asked"].get("seconds", 600)) / 2)
    ready = _sources(greeting["ready"])
    try:
        word, _, seconds = next(lines, b"").partition(b" ")
        if word == b"done":
            note_seconds(request["asked"], float(seconds))
            return Looked(True, "pylint was forked from the warm server %d" % greeting["server"], ready)
        said = "the warm server's child ended before it was done"
    except OSError:
        said = "the warm server's child took too long"
    with suppress(OSError):
        os.killpg(int(greeting["child"]), signal.SIGKILL)
    return Looked(False, said, ready)


def _inherited(own: int) -> List[int]:
    """Standard output and error, and what else the run gave us to hold, so that a child of the server holds it too."""
    found = [1, 2]
    with suppress(OSError, ValueError):
        for number in map(int, os.listdir("/proc/self/fd")):
            with suppress(OSError):
                if number > 2 and number != own and os.get_inheritable(number):
                    found.append(number)
    return found[:60]


def connected(folder: str, name: str) -> socket.socket:
    """A connection with the server of this name; raises OSError where there is none, or where it is not of us."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError("%s is open to others" % folder)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(GREETING_SECONDS)
        with At(folder):
            connection.connect(name)
        if peer(connection)[1] != os.getuid():
            raise PermissionError("it belongs to another user")
    except BaseException:
        connection.close()
        raise
    return connection


class At:
    """A folder to work in for a moment: the name of a socket has at most 107 bytes, however deep its folder lies."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._before = -1

    def __enter__(self) -> None:
        self._before = os.open(".", os.O_RDONLY)
        os.chdir(self._folder)

    def __exit__(self, *error: object) -> None:
        os.fchdir(self._before)
        os.close(self._before)


def peer(connection: socket.socket) -> List[int]:
    """Who sits at the other end: the numbers of the process and of its user."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return list(struct.unpack("3i", told))


def begin(asked: Json, key: str, before: Looked) -> None:
    """Have a server begun for the next run, if there is none, or if the one there is knows too little.

    It inherits nothing of this run: neither its open files, nor its group, nor the mark in its environment. It begins
    when the process `run` has ended, by default the one that started us.
    """
    ready = before.ready if before.done else _known(asked, key)
    wanted_ready = list(dict.fromkeys([*ready, *_made(asked)]))  # astroid builds them in the order of the looks
    if before.done and len(wanted_ready) - len(ready) < max(_FEWEST_LACKING, len(ready) // 10):
        return
    with suppress(OSError, subprocess.SubprocessError):
        if not wanted_ready or _others(asked["warm"], key) >= _MOST_SERVERS:
            return
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lint_server.py")
        environment = {name: value for name, value in os.environ.items() if name != _COOKIE}
        run = asked.get("run", os.getppid())
        wanted = json.dumps({"asked": asked, "key": key, "path": sys.path, "sources": wanted_ready, "run": run})
        server = subprocess.Popen(
            [sys.executable, program], cwd="/", env=environment, start_new_session=True, close_fds=True,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if server.stdin:
            with server.stdin:
                server.stdin.write(wanted.encode())


def _others(folder: str, key: str) -> int:
    """How many servers of other kinds live; the names of dead ones are taken away."""
    count = 0
    for name in os.listdir(folder):
        if "." not in name and name != key:
            try:
                connected(folder, name).close()
                count += 1
            except ConnectionRefusedError:
                os.unlink(os.path.join(folder, name))
    return count


def note_seconds(asked: Json, seconds: float) -> None:
    """Leave word of the CPU seconds that a child of the server took: nobody who waits for us would count them."""
    if asked.get("elsewhere"):
        with open(asked["elsewhere"], "w", encoding="utf-8") as stream:
            stream.write("%.3f" % seconds)


def note_made(asked: Json, side: Json, made: List[Source]) -> None:
    """Leave the foreign sources of which modules had to be built, for a server to have them ready."""
    if asked.get("warm"):
        with suppress(OSError), open(_note(asked, side), "w", encoding="utf-8") as stream:
            json.dump(list(dict.fromkeys(made)), stream)


def _made(asked: Json) -> List[Source]:
    found: List[Source] = []
    for side in asked["sides"]:
        with suppress(ValueError, TypeError):
            found += _sources(json.loads(read(_note(asked, side)) or "[]"))
    return found


def _known(asked: Json, key: str) -> List[Source]:
    with suppress(ValueError, TypeError):
        return _sources(json.loads(read(os.path.join(asked["warm"], key + KNOWN)) or "[]"))
    return []


def _sources(told: Any) -> List[Source]:
    return [(str(name), str(path)) for name, path in told]


def _note(asked: Json, side: Json) -> str:
    return "%s.%s.modules" % (asked["output"], side["name"])


def _lines(connection: socket.socket) -> Iterator[bytes]:
    rest = b""
    while True:
        got = connection.recv(1 << 16)
        if not got:
            return
        *whole, rest = (rest + got).split(b"\n")
        yield from whole


def mark(path: str) -> Optional[List[Any]]:
    """What changes whenever a file's content, or the names in a folder that an import could find, do.

    None where there is nothing.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return sorted(name for name in os.listdir(path) if name[0] != "." and name != "__pycache__")
    except OSError:
        return None
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
