"""Gives every orchestration a folder: its lock, its log, its state, and the places where its agents work."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.git import Repository
from gatekeeper.edges.places import repository_folder
from gatekeeper.edges.run_list import (
    COOKIE,
    SCHEMA,
    RunSummary,
    find,
    folders,
    locked,
    marks,
    prune,
    read_state,
    runs,
    supervisor,
)
from gatekeeper.model.errors import GatekeeperError, UsageError

__all__ = ["RunFolder", "RunSummary", "find", "folders", "part", "runs"]


class RunFolder:
    """The folder of one orchestration, held by this process.

    Two locks tell two things apart. `lock` is given to every program that is started: it is free when nothing of the
    run is left. The other is given to nobody: it is free when the supervisor is gone, whatever it left behind.
    """

    def __init__(self, folder: Path, joins: bool = True) -> None:
        """Take an existing folder; raises `BlockingIOError` while another process holds it.

        Without `joins` the run is not gone on with, only cleared up: what was told of its end stays told.
        """
        self.folder = folder
        self.name = folder.name
        self._own = locked(folder / "supervisor.lock", tries=20)
        try:
            self.lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if joins:
                with suppress(BlockingIOError):  # while `recover` looks whether anybody holds it
                    fcntl.flock(self.lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                (folder / "pid").write_text(f"{os.getpid()}\n")
                (folder / "cut-off").unlink(missing_ok=True)
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
        write_durably(folder / "cookie", f"{COOKIE}={token_hex(16)}\n".encode())
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
                f"the run {folder.name} is being carried out by process {supervisor(folder)}",
                f"watch it with `gatekeeper watch {folder.name}`, or stop it first: kill {supervisor(folder)}",
            ) from None

    @property
    def events(self) -> Path:
        """The log of events, one JSON object a line; the last line may be torn."""
        return self.folder / "events.jsonl"

    @property
    def cookie(self) -> tuple[str, str]:
        """A variable for the environment of every agent: by it what runs on after a crash is found and ended."""
        name, _, value = marks(self.folder)[0].partition("=")
        return name, value

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
            return read_state(self.folder)
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


def part(workstream: str) -> str:
    """The id of a workstream as a part of the names of files and references; with a mark where it had to be altered."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", workstream)[:60]
    if plain == workstream:
        return plain
    return f"{plain}-{sha256(workstream.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def _home(repository: Repository) -> Path:
    home = repository_folder(repository.common_dir) / "orchestrations"
    if home.is_symlink() or home.is_file():
        home.unlink()
    home.mkdir(exist_ok=True, mode=0o700)
    return home
