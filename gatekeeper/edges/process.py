"""The edge to other programs: starts them without a shell, listens, and ends their whole process tree."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import IO, cast

from gatekeeper.edges.child_environment import child_environment
from gatekeeper.edges.guard import Guard
from gatekeeper.edges.listening import FLOOD, PAUSE_SECONDS, PROGRESS, Listener, ProcessEnd, Taker, listen
from gatekeeper.edges.strays import BIRTHS, LEADERS, clear_away, kill_strays
from gatekeeper.model.frozen import dataclass, replace

_COOKIE = "GATEKEEPER_RUN"
_GRACE_SECONDS = 2.0
_DRAIN_SECONDS = 0.5
_TIMED_OUT = "time limit"
_SEES_ENDS = hasattr(os, "waitid")  # not on macOS before Python 3.13


def run_quickly(
    argv: Sequence[str], environment: Mapping[str, str], seconds: float, folder: str = "/"
) -> tuple[int, str, str]:
    """Run a short helper to its end: exit code (127 if it could not be started, 124 after the limit) and its output."""
    try:
        done = subprocess.run(
            list(argv), env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 124, "", f"no answer within {seconds:g} s"
    except OSError as error:
        return 127, "", str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program came to its end; `problem` is empty when it ended by itself with an exit code."""

    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float
    cpu_seconds: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start, and how to deal with it while it runs.

    `environment` is all that it gets. `feed` is called with its standard input, on a thread of its own. `mind` is asked
    again and again, and ends the program by naming a reason. `alone` means that nothing it started may outlive it.
    """

    argv: Sequence[str]
    folder: str
    environment: Mapping[str, str]
    seconds_limit: float
    feed: Callable[[IO[bytes] | None], None]
    mind: Callable[[], str] = lambda: ""
    alone: bool = False


class Processes:
    """Starts programs, each in a process group of its own, and can end all of them at once.

    Every program inherits the open file number `lock`. With a lock there is also a guard, from the first program until
    `stop`: should this process be killed, the guard ends what it had started. Lines of standard output that begin with
    `mark` are handed on and not kept; an empty one means all of them. `cookie` is the variable in the environment by
    which those are found that left their group.
    """

    def __init__(self, lock: int | None = None, mark: bytes = PROGRESS, cookie: str = _COOKIE) -> None:
        self._mark = mark
        self._variable = cookie
        self._inherited = () if lock is None else (lock,)
        self._cookie = os.urandom(16).hex()
        self._count = count()
        self._running: set[_Child] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._began = False
        self._guard: Guard | None = None

    def run(
        self,
        argv: Sequence[str],
        folder: str,
        env: Sequence[tuple[str, str]] = (),
        stdin: str = "",
        seconds_limit: float = 600,
        said: Callable[[bytes], None] = lambda line: None,
    ) -> Ended:
        """Run a program to its end, or until its time limit or `stop`; trouble is told, not raised."""
        listener = Listener(said, self._mark)
        launch = Launch(argv, folder, child_environment(env), seconds_limit, lambda pipe: _feed(pipe, stdin))
        ended = self.carry_out(launch, listener)
        problem = ended.problem
        if listener.flooded and not problem:
            problem = f"it printed more than {FLOOD >> 20} MiB, the rest is lost"
        return replace(ended, stdout=listener.text("stdout"), stderr=listener.text("stderr"), problem=problem)

    def carry_out(self, launch: Launch, listener: Taker) -> Ended:
        """The same for a program that is dealt with in another way; what it prints goes to `listener` alone."""
        started = time.monotonic()
        cookie = f"{self._cookie}.{next(self._count)}."
        try:
            child = self._start(launch, f"{self._variable}={cookie}")
        except (OSError, ValueError) as error:
            problem = f"{launch.argv[0]} could not be started: {getattr(error, 'strerror', None) or error}"
            if not os.path.isdir(launch.folder):  # noqa: PTH112 - whatever it is, it is no folder
                problem = f"there is no folder {launch.folder}"
            return Ended(None, "", "", time.monotonic() - started, 0.0, problem)
        threading.Thread(target=launch.feed, args=(child.process.stdin,), daemon=True).start()
        try:
            child.attend(listener, started + launch.seconds_limit, launch.mind)
        finally:
            self._clear_up(child, launch.alone)
        problem = child.problem(launch.seconds_limit)
        return Ended(child.exit_code, "", "", time.monotonic() - started, child.cpu_seconds, problem)

    def _clear_up(self, child: _Child, alone: bool) -> None:
        """End what a program left behind. Only then it is reaped, and its number may become that of another."""
        try:
            child.kill()
            if alone:
                clear_away(child.mark, child.process.pid)
        finally:
            with self._lock:
                self._running.discard(child)
                if self._guard:
                    self._guard.forget(child.process.pid)
            child.reap()

    def stop(self) -> None:
        """End every program and everything it started; further ones are not started any more."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for child in running:
            child.end("it was stopped")
        deadline = time.monotonic() + 2 * _GRACE_SECONDS
        while time.monotonic() < deadline and not all(child.over for child in running):
            time.sleep(0.02)
        if self._began:  # to look through all processes takes 10 ms
            kill_strays(f"{self._variable}={self._cookie}.")
        with self._lock:  # whoever stops us in another thread at the same time has none to dismiss
            guard, self._guard = self._guard, None
        if guard:
            guard.dismiss()

    def _start(self, launch: Launch, mark: str) -> _Child:
        with self._lock:
            if self._stopped:
                raise InterruptedError(0, "the run was stopped")
            if self._inherited and not self._guard:
                self._guard = Guard(f"{self._variable}={self._cookie}\\.")
            self._began = True
            inherited = (*self._inherited, self._guard.token) if self._guard else ()
            child = _Child(launch, mark, inherited)
            self._running.add(child)
            if self._guard:
                self._guard.watch(child.process.pid)
            return child


class _Child:
    """One started program: attended by one thread, ended from any."""

    def __init__(self, launch: Launch, mark: str, inherited: Sequence[int]) -> None:
        variable, _, cookie = mark.partition("=")
        with BIRTHS:
            self.process = subprocess.Popen(
                list(launch.argv), cwd=launch.folder, env={**launch.environment, variable: cookie},
                start_new_session=True, pass_fds=inherited,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            LEADERS.add(self.process.pid)
        self.mark = mark
        self.over = False
        self.exit_code: int | None = None
        self._numbered = threading.Lock()
        self.cpu_seconds = 0.0
        self._ended_because = ""
        self._kill_at = float("inf")

    def attend(self, listener: Taker, deadline: float, mind: Callable[[], str]) -> None:
        """Listen until the program has ended and its pipes are empty, ending it when its time is over."""
        ended_at = 0.0
        with selectors.DefaultSelector() as selector, ProcessEnd(self.process.pid) as end:
            pipes = {"stdout": self.process.stdout, "stderr": self.process.stderr}
            for name, pipe in pipes.items():
                selector.register(cast(IO[bytes], pipe), selectors.EVENT_READ, name)
            # a grandchild that keeps a pipe open must not keep us waiting
            while not ended_at or (selector.get_map() and time.monotonic() < ended_at + _DRAIN_SECONDS):
                if listen(selector, listener):
                    end.wait(PAUSE_SECONDS)
                if not ended_at and self._is_over():
                    ended_at = time.monotonic()
                elif not ended_at:
                    self._mind_the_time(deadline, mind)
        for pipe in pipes.values():
            cast(IO[bytes], pipe).close()

    def end(self, reason: str) -> None:
        """Ask the program to end, and have it killed a little later if it does not."""
        if not self.over and not self._ended_because:
            self._ended_because = reason
            self._kill_at = time.monotonic() + _GRACE_SECONDS
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill whatever is left of the program's group."""
        self._signal(signal.SIGKILL)

    def problem(self, limit: float) -> str:
        """Why the program did not end by itself, in words; empty when it did."""
        if self._ended_because == _TIMED_OUT:
            return f"it was stopped after its time limit of {limit:g} s"
        if self._ended_because:
            return self._ended_because
        if self.exit_code is not None and self.exit_code < 0:
            return f"it was ended by {_signal_name(-self.exit_code)}"
        return ""

    def _mind_the_time(self, deadline: float, mind: Callable[[], str]) -> None:
        now = time.monotonic()
        if now > deadline:
            self.end(_TIMED_OUT)
        elif not self._ended_because and (reason := mind()):
            self.end(reason)
        if now > self._kill_at:
            self.kill()
            kill_strays(self.mark)

    def reap(self) -> None:
        """Take the end of the program: from here on its number, and that of its group, may be those of others."""
        with self._numbered, suppress(ChildProcessError):
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if not pid:
                return
            self.cpu_seconds = usage.ru_utime + usage.ru_stime
            self.exit_code = self.process.returncode = os.waitstatus_to_exitcode(status)
            LEADERS.discard(pid)

    def _is_over(self) -> bool:
        """Whether the program has ended; it is left to be reaped, so that its number stays its own."""
        if _SEES_ENDS:
            self.over = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        else:
            self.reap()
            self.over = self.exit_code is not None
        if self.over and self._ended_because:
            kill_strays(self.mark)
        return self.over

    def _signal(self, number: signal.Signals) -> None:
        with self._numbered, suppress(ProcessLookupError, PermissionError):
            if self.exit_code is None or not _SEES_ENDS:
                os.killpg(self.process.pid, number)


def _feed(pipe: IO[bytes] | None, text: str) -> None:
    if pipe is None:
        return
    try:
        with pipe:
            pipe.write(text.encode("utf-8", "surrogateescape"))
    except OSError:  # the program ended, or closed its input, before it had read all
        return


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
