"""What every fault test stands on: a tiny project with one command gate, all of its bytes, and the processes of a run."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from tests.repository import GitRepository, Run

OFF = "  review: off\n  coverage: off\n  tests: off\n  docs: off\n"
WORD = "GATEKEEPER_FAULT_WORD"
PATIENCE = 60.0
"""Seconds after which a test gives up waiting; only a hang takes as long."""


def gates(**commands: str | Mapping[str, object]) -> str:
    """A configuration with these command gates alone; a command is its text, or all settings of its gate."""
    lines = [
        f"  {name}: {json.dumps({'run': command} if isinstance(command, str) else dict(command))}\n"
        for name, command in commands.items()
    ]
    return f"gates:\n{OFF}{''.join(lines)}"


def python(code: str, *words: str) -> str:
    """A command line that runs this code with the interpreter of the tests, and these words after it."""
    return shlex.join([sys.executable, "-I", "-S", "-c", code]) + "".join(f" {word}" for word in words)


def everything(repository: GitRepository) -> dict[str, tuple[object, ...]]:
    """Every file, link and folder below the repository, byte for byte, with its mode and the time of its last change.

    Left out are Git's objects (a tree of the index may be written), what records verdicts, and the times of folders of
    Git (a lock that comes and goes changes them) and of a shared index (Git renews it whenever it reads it).
    """
    seen: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(repository.path):
        inside = Path(folder).relative_to(repository.path)
        of_git = ".git" in inside.parts
        folders[:] = [name for name in folders if not (of_git and name in ("objects", "notes"))]
        for name in (*folders, *files):
            seen[str(inside / name)] = _entry(Path(folder, name), of_git or name == ".git")
    return seen


def _entry(place: Path, of_git: bool) -> tuple[object, ...]:
    found = place.lstat()
    if stat.S_ISLNK(found.st_mode):
        return (found.st_mode, found.st_mtime_ns, str(place.readlink()))
    if stat.S_ISDIR(found.st_mode):
        return (found.st_mode, None if of_git else found.st_mtime_ns)
    times = None if of_git and place.name.startswith("sharedindex.") else found.st_mtime_ns
    return (found.st_mode, times, place.read_bytes())


def unchanged(repository: GitRepository, before: dict[str, tuple[object, ...]]) -> None:
    """Assert that nothing below the repository differs from what was seen before."""
    after = everything(repository)
    differing = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    assert not differing, [(name, before.get(name), after.get(name)) for name in differing]


class Started:
    """A run that goes on in the background; every process that it starts bears its word in the environment."""

    def __init__(
        self,
        repository: GitRepository,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        **options: object,
    ) -> None:
        self.word = uuid4().hex
        settings: dict[str, object] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
        }
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "gatekeeper", "run", *arguments],
            cwd=repository.path,
            env={**os.environ, **(env or {}), WORD: self.word},
            **{**settings, **options},  # type: ignore[call-overload]
        )

    def living(self) -> list[int]:
        """The processes of this run that live now, the run itself among them."""
        return bearing(f"{WORD}={self.word}")

    def signal(self, number: signal.Signals, group: bool = False) -> None:
        """Send a signal to the run, or to its whole process group as a terminal does."""
        try:
            (os.killpg if group else os.kill)(self.process.pid, number)
        except ProcessLookupError:
            return

    def end(self) -> tuple[int, str, str]:
        """Wait for the end: exit code and what was printed."""
        output, error = self.process.communicate(timeout=PATIENCE)
        return (
            self.process.returncode,
            (output or b"").decode("utf-8", "replace"),
            (error or b"").decode("utf-8", "replace"),
        )

    def nothing_lives(self) -> None:
        """Assert that soon no process of this run lives any more."""
        left = wait_for(lambda: not self.living())
        alive = {pid: _command(pid) for pid in self.living()}
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        assert left, alive


def bearing(setting: str) -> list[int]:
    """The processes that have this setting in their environment; what has ended and waits to be reaped has none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if setting.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return b"gone"


def wait_for(happened: object, seconds: float = PATIENCE) -> bool:
    """Wait until a question is answered with yes; False after the patience is over."""
    assert callable(happened)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.01)
    return False


def judge(repository: GitRepository, *arguments: str, env: dict[str, str] | None = None) -> Run:
    """Run Gatekeeper to its end, and assert that it changed nothing below the repository and left nothing running."""
    word = uuid4().hex
    before = everything(repository)
    run = repository.gatekeeper(*arguments, env={**(env or {}), WORD: word})
    unchanged(repository, before)
    assert not bearing(f"{WORD}={word}")
    assert "Traceback" not in run.stderr, run.stderr
    return run
