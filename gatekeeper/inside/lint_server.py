"""The warm server: has pylint imported and the modules that a project imports, and forks a child for each run.

The parent reads nothing that a run sends: it takes connections and forks. It has no road into any project on its import
path, and works in the root folder. It ends when nobody came for half an hour, when it is no longer the one that its
socket's name leads to, or when the programs that it stands on have changed. Started by `lint_warm.py`, under the
project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as everywhere in this folder.

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside import lint, lint_warm
    from gatekeeper.inside.lint_ground import clean_path, yield_to_the_tests
    from gatekeeper.inside.lint_names import served
else:
    sys.path[:] = [entry for entry in sys.path if entry]
    import lint
    import lint_warm
    from lint_ground import clean_path, yield_to_the_tests
    from lint_names import served

_IDLE_SECONDS = 1800.0
_WAIT_SECONDS = 300.0
_MOST_CHILDREN = 8
_LARGEST_REQUEST = 256 << 20
_MOST_KNOWN = 2000
_KNOWN_SECONDS = 30 * 86400.0
_STALE = 3

Json = Dict[str, Any]


class Server:
    """What the parent is: its kind, and the programs that it stands on, as they were."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._marks = {path: lint_warm.mark(path) for path in _stands_on()}

    def unfit(self, request: Json) -> str:
        """Why this server may not look for a run; empty where it may."""
        if request["key"] != self.key or request["path"] != sys.path:
            return "it is of another kind"
        return "" if self.is_fresh() else "the programs that it stands on have changed"

    def is_fresh(self) -> bool:
        """Whether every program that was imported, and every folder in which one could be found, is as it was."""
        return all(lint_warm.mark(path) == seen for path, seen in self._marks.items())


def main() -> None:
    """Begin as the request on standard input says, then serve until nobody needs it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]
    wanted = json.loads(sys.stdin.read())
    os.chdir("/")
    os.umask(0o077)
    sys.dont_write_bytecode = True
    name = os.path.join(wanted["asked"]["warm"], wanted["key"])
    with open(name + ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # another one is beginning
        try:
            server = _ready(wanted)
            if server is None:
                return
            _keep_known(name, lint.MODULES.ready)
            listener, number = _listening(*os.path.split(name))
        finally:
            with suppress(OSError):
                os.unlink(name + ".lock")
    serve(server, listener, name, number)


def _ready(wanted: Json) -> Optional[Server]:
    """Make ready to serve; None where the run that wanted us was of another kind than we are."""
    _wait_for(int(wanted["run"]))
    yield_to_the_tests(0)  # whoever began us has stepped back already
    gc.disable()
    clean_path(wanted["asked"])
    if sys.path != wanted["path"] or lint_warm.key_of(wanted["asked"]) != wanted["key"]:
        return None
    server = _begun(wanted)
    return server if server.is_fresh() else None


def _wait_for(run: int) -> None:
    """Let the run that wanted us end first: it needs the cores now."""
    end = time.monotonic() + _WAIT_SECONDS
    with suppress(OSError):
        while run > 1 and time.monotonic() < end:
            os.kill(run, 0)
            time.sleep(0.1)


def _begun(wanted: Json) -> Server:
    """Import pylint with all of its checkers, as a look does, and have the modules built."""
    import pylint.lint

    pylint.lint.PyLinter().load_default_plugins()
    server = Server(wanted["key"])
    lint.MODULES.fill([(str(name), str(path)) for name, path in wanted["sources"]])
    gc.collect()
    gc.freeze()
    return server


def _keep_known(name: str, sources: List[lint_warm.Source]) -> None:
    """Leave word of the modules for a server of the same kind that begins when this one has ended; forget old words."""
    folder, now = os.path.dirname(name), time.time()
    for entry in os.scandir(folder):
        if entry.name.endswith(lint_warm.KNOWN) and entry.stat().st_mtime < now - _KNOWN_SECONDS:
            os.unlink(entry.path)
    with open(name + ".part", "w", encoding="utf-8") as stream:
        json.dump(sources[-_MOST_KNOWN:], stream)
    os.rename(name + ".part", name + lint_warm.KNOWN)


def _stands_on() -> Set[str]:
    """The files of the programs that were imported, and the folders in which one could be found."""
    files = {str(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    folders = {os.path.dirname(file) for file in files} - {os.path.dirname(os.path.abspath(__file__))}
    return files | folders | set(sys.path) | set(served())


def _listening(folder: str, name: str) -> Tuple[socket.socket, int]:
    """A socket that takes its name when it listens, in place of one that has it, and the number of its file."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    aside = "%s.%d" % (name, os.getpid())
    with lint_warm.At(folder):
        listener.bind(aside)
        listener.listen(_MOST_CHILDREN)
        number = os.stat(aside).st_ino
        os.rename(aside, name)
    return listener, number


def serve(server: Server, listener: socket.socket, name: str, number: int) -> None:
    """Fork for everyone who comes, until nobody does for a while."""
    children: Set[int] = set()
    last = time.monotonic()
    while children or time.monotonic() < last + _IDLE_SECONDS:
        coming, _, _ = select.select([listener], [], [], 2.0)
        if coming:
            last = time.monotonic()
            connection = listener.accept()[0]
            if len(children) < _MOST_CHILDREN:
                children.add(_forked(server, listener, connection))
            connection.close()
        if not _is_named(name, number) or _any_stale(children):
            return
    if _is_named(name, number):
        os.unlink(name)


def _is_named(name: str, number: int) -> bool:
    try:
        return os.lstat(name).st_ino == number
    except OSError:
        return False


def _any_stale(children: Set[int]) -> bool:
    """Take leave of the children that have ended; whether one of them found that we are stale."""
    stale = False
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            children.discard(pid)
            stale = stale or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == _STALE)
    return stale


def _forked(server: Server, listener: socket.socket, connection: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        listener.close()
        yield_to_the_tests(0)
        code = attend(server, connection)
    finally:
        os._exit(code)


def attend(server: Server, connection: socket.socket) -> int:
    """Have one run looked for, and tell the exit code. The end of the connection is that of us and of our children."""
    if lint_warm.peer(connection)[1] != os.getuid():
        return 1
    connection.settimeout(lint_warm.GREETING_SECONDS)
    request = _received(connection)
    unfit = server.unfit(request)
    told = {"unfit": unfit, "ready": lint.MODULES.ready, "server": os.getppid(), "child": os.getpid()}
    connection.sendall(json.dumps(told).encode() + b"\n")
    if unfit:
        return 0 if server.is_fresh() else _STALE
    os.environ.clear()
    os.environ.update(request["environment"])
    os.umask(0o022)
    reading, writing = os.pipe()  # every child holds one end: nobody has it when all have ended
    looker = os.fork()
    if not looker:
        connection.close()
        _look(request)
    os.close(writing)
    ready, _, _ = select.select([connection.fileno(), reading], [], [])
    if connection.fileno() in ready:
        os.killpg(0, signal.SIGKILL)
    used = [os.wait4(looker, 0)[2], resource.getrusage(resource.RUSAGE_SELF)]
    connection.sendall(b"done %.3f\n" % sum(usage.ru_utime + usage.ru_stime for usage in used))
    return 0


def _look(request: Json) -> None:
    """Do what a look from cold does, and end."""
    code = 1
    try:
        importlib.invalidate_caches()
        lint.look_at_all(request["asked"], request["sides"], request["configuration"], request["foreign"])
        code = 0
    finally:
        os._exit(code)


def _received(connection: socket.socket) -> Json:
    """The request; the open files that come with it take the places of ours, and are held as long as we live."""
    head, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(64 * 4))
    numbers: List[int] = []
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers += [entry[0] for entry in struct.iter_unpack("i", data[: len(data) // 4 * 4])]
    for standard, number in enumerate(numbers[:2], 1):
        os.dup2(number, standard)
        os.close(number)
    (size,) = struct.unpack("!Q", head)
    if size > _LARGEST_REQUEST:
        raise ValueError("the request is too large")
    parts: List[bytes] = []
    while size:
        part: Optional[bytes] = connection.recv(min(size, 1 << 20))
        if not part:
            raise ValueError("the request is cut off")
        parts.append(part)
        size -= len(part)
    request: Json = json.loads(b"".join(parts))
    return request


if __name__ == "__main__":
    main()
