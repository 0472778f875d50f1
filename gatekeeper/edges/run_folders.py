"""Gives every orchestration a folder: its lock, its log, its state, and the places where its agents work."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.git import Repository
from gatekeeper.edges.places import is_of_us, known_folder, repository_folder
from gatekeeper.model.errors import GatekeeperError, UsageError

KEPT = 20
"""How many orchestrations that have ended keep their folder."""

SCHEMA = 1
"""The number of the form in which the state of an orchestration is kept."""

_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class RunSummary:
    """An orchestration in one line: `state` in words, `started` in ISO 8601, `age` in seconds."""

    name: str
    title: str
    state: str
    started: str
    alive: bool
    age: float


class RunFolder:
    """The folder of one orchestration, held by this process.

    Two locks tell two things apart. `lock` is given to every program that is started: it is free when nothing of the
    run is left. The other is given to nobody: it is free when the supervisor is gone, whatever it left behind.
    """

    def __init__(self, folder: Path) -> None:
        """Take an existing folder; raises `BlockingIOError` while another process holds it."""
        self.folder = folder
        self.name = folder.name
        self._own = _locked(folder / "supervisor.lock", tries=20)
        try:
            self.lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            # what an earlier supervisor has left running may hold it still: `recover` ends that
            with suppress(BlockingIOError):
                fcntl.flock(self.lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            (folder / "pid").write_text(f"{os.getpid()}\n")
            self._log = os.open(folder / "events.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            size = os.fstat(self._log).st_size
            if size and os.pread(self._log, 1, size - 1) != b"\n":  # the line in which the last supervisor died
                os.write(self._log, b"\n")
        except OSError:
            os.close(self._own)
            raise

    @classmethod
    def create(cls, repository: Repository, now: datetime) -> RunFolder:
        """Make the folder of a new orchestration; older ones beyond the last twenty that have ended are removed."""
        if repository.top is None:
            raise UsageError("a bare repository has no working tree to work from", "run this inside a clone")
        home = _home(repository)
        prune(repository)
        while True:
            folder = home / f"{now:%Y%m%d-%H%M%S}-{token_hex(2)}"
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                break
        for name in ("worktrees", "scratch", "attempts"):
            (folder / name).mkdir()
        write_durably(folder / "cookie", f"{token_hex(16)}\n".encode())
        write_durably(folder / "started", now.astimezone().isoformat(timespec="seconds").encode())
        settle_folder(folder)
        settle_folder(home)
        return cls(folder)

    @classmethod
    def open(cls, repository: Repository, name: str) -> RunFolder:
        """Take the folder of an orchestration to go on with it; a unique beginning of its name will do, "" is the last.

        Raises `UsageError` for one that is unknown, or that another process carries out at this moment.
        """
        folder = find(repository, name)
        try:
            return cls(folder)
        except BlockingIOError:
            raise UsageError(
                f"the run {folder.name} is being carried out by process {_pid(folder)}",
                f"watch it with `gatekeeper watch {folder.name}`, or stop it first: kill {_pid(folder)}",
            ) from None

    @property
    def events(self) -> Path:
        """The log of events, one JSON object a line; the last line may be torn."""
        return self.folder / "events.jsonl"

    @property
    def cookie(self) -> str:
        """How the variable `GATEKEEPER_RUN` of every program of this run begins, a dot after it."""
        return cookies(self.folder)[0]

    def keep_cookie(self, cookie: str) -> None:
        """Note another beginning of `GATEKEEPER_RUN`, so that what bears it can be ended after a crash."""
        with (self.folder / "cookie").open("a", encoding="ascii") as file:
            file.write(f"{cookie}\n")

    def append(self, line: str) -> None:
        """Write a line to the log of events, in one go."""
        os.write(self._log, line.rstrip("\n").encode("utf-8", "surrogateescape") + b"\n")

    def save(self, document: Mapping[str, Any]) -> None:
        """Keep the state; its keys `title` and `ending` (a word, empty until it has ended) are shown in lists."""
        draft = self.folder / "state.draft"
        write_durably(draft, json.dumps({"schema": SCHEMA, "state": dict(document)}).encode())
        draft.replace(self.folder / "state.json")
        settle_folder(self.folder)

    def load(self) -> dict[str, Any]:
        """The state that was kept last; empty where none was. Raises `GatekeeperError` for one that is damaged."""
        try:
            return _state(self.folder)
        except (OSError, ValueError) as error:
            raise GatekeeperError(
                f"the state of the run {self.name} cannot be read: {error}",
                f"its work is kept: git for-each-ref refs/gatekeeper/orchestrations/{self.name}; start a new run",
            ) from error

    def place(self, workstream: str, attempt: int) -> Path:
        """The worktree of an attempt at a workstream."""
        return self.folder / "worktrees" / f"{self.name}.{part(workstream)}.{attempt}"

    def scratch(self, workstream: str, attempt: int) -> Path:
        """A folder beside the worktree of an attempt, for the prompt and for reports; made when missing."""
        folder = self.folder / "scratch" / f"{part(workstream)}.{attempt}"
        folder.mkdir(exist_ok=True)
        return folder

    def close(self) -> None:
        """Give the folder free; once is enough."""
        for number in (self._log, self.lock, self._own):
            with suppress(OSError):
                os.close(number)
        self._log = self.lock = self._own = -1


def runs(repository: Repository) -> tuple[RunSummary, ...]:
    """The orchestrations of a repository whose folders are still here, the latest first; nothing is written."""
    now = datetime.now().astimezone()
    return tuple(_summary(folder, now) for folder in reversed(folders(repository)))


def folders(repository: Repository) -> list[Path]:
    """The folders of all orchestrations, the oldest first; nothing is made."""
    known = known_folder(repository.common_dir)
    home = (known or repository_folder(repository.common_dir)) / "orchestrations"
    if not home.is_dir():
        return []
    return sorted(folder for folder in home.iterdir() if _NAME.fullmatch(folder.name) and is_of_us(folder))


def find(repository: Repository, name: str) -> Path:
    """The folder of the orchestration whose name begins so, the last one for "". Raises `UsageError` if unknown."""
    known = folders(repository)
    found = [folder for folder in known if folder.name.startswith(name)] if name else known[-1:]
    if len(found) == 1:
        return found[0]
    names = ", ".join(folder.name for folder in (found or known)[-5:])
    if found:
        raise UsageError(f"{len(found)} runs begin with {name}", f"give more of the name: {names}")
    said = f"there is no run {name}" if name else "there is no run here"
    raise UsageError(said, f"the last ones are {names}" if names else "start one with `gatekeeper orchestrate`")


def is_alive(folder: Path) -> bool:
    """Whether the supervisor of an orchestration is at work."""
    try:
        os.close(_locked(folder / "supervisor.lock"))
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def cookies(folder: Path) -> tuple[str, ...]:
    """What `GATEKEEPER_RUN` begins with in the programs of an orchestration, the run's own first."""
    try:
        words = (folder / "cookie").read_text("ascii", "replace").split()
    except OSError:
        return ()
    return tuple(word for word in words if len(word) >= 16)  # a torn line must not mean the programs of other runs


def part(workstream: str) -> str:
    """The id of a workstream as a part of the names of files and references; with a mark where it had to be altered."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", workstream)[:60]
    if plain == workstream:
        return plain
    return f"{plain}-{sha256(workstream.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def prune(repository: Repository, keep: int = KEPT, busy: Callable[[Path], bool] = is_alive) -> tuple[str, ...]:
    """Remove the folders of all but the last orchestrations that have ended; tells which.

    One that is alive, was cut off, or still has a worktree is never removed. The references to the work stay.
    """
    ended = [folder for folder in folders(repository) if _has_ended(folder) and not busy(folder)]
    gone = ended[: max(0, len(ended) - keep)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(folder.name for folder in gone)


def has_work_in_place(folder: Path) -> bool:
    """Whether an orchestration has worktrees, or what is left of them."""
    return any(any((folder / name).glob("*")) for name in ("worktrees", "attempts", "kept"))


def ending_of(folder: Path) -> str:
    """The word by which an orchestration has ended; empty where it has not, or where its state cannot be read."""
    try:
        return str(_state(folder).get("ending") or "")
    except (OSError, ValueError):
        return ""


def _has_ended(folder: Path) -> bool:
    return bool(ending_of(folder)) and not has_work_in_place(folder)


def _home(repository: Repository) -> Path:
    home = repository_folder(repository.common_dir) / "orchestrations"
    if home.is_symlink() or home.is_file():
        home.unlink()
    home.mkdir(exist_ok=True, mode=0o700)
    return home


def _locked(place: Path, tries: int = 1) -> int:
    """Lock a file that no program inherits; raises `BlockingIOError` while another process holds it.

    Whoever asks whether it is held, holds it for a moment: more than one try tells that from a supervisor.
    """
    number = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        for left in range(tries - 1, -1, -1):
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(0.01)
    except OSError:
        os.close(number)
        raise
    return number


def _state(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / "state.json").read_bytes())
    except FileNotFoundError:
        return {}
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, dict) or not isinstance(document.get("state"), dict):
        raise ValueError("it is no state of a run")
    if document.get("schema") != SCHEMA:
        raise ValueError(f"its form is {document.get('schema')!r}, and this version of Gatekeeper knows {SCHEMA}")
    return dict(document["state"])


def _summary(folder: Path, now: datetime) -> RunSummary:
    alive = is_alive(folder)
    title, state = "", "damaged"
    with suppress(OSError, ValueError):
        document = _state(folder)
        title, state = str(document.get("title") or ""), str(document.get("ending") or "cut off")
    started = datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").astimezone()
    with suppress(OSError, ValueError):
        started = datetime.fromisoformat((folder / "started").read_text("ascii", "replace").strip()).astimezone()
    age = max(0.0, (now - started).total_seconds())
    return RunSummary(folder.name, title, "running" if alive else state, started.isoformat(), alive, age)


def _pid(folder: Path) -> str:
    try:
        word = (folder / "pid").read_text("ascii", "replace").strip()
    except OSError:
        return "?"
    return word if word.isdigit() else "?"
