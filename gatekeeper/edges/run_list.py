"""Reads the folders of orchestrations: which there are, whether they are alive, how they ended."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gatekeeper.edges.git import Repository
from gatekeeper.edges.places import is_of_us, known_folder, repository_folder
from gatekeeper.model.errors import UsageError

KEPT = 20
"""How many orchestrations that have ended keep their folder."""

SCHEMA = 1
"""The number of the form in which the state of an orchestration is kept."""

COOKIE = "GATEKEEPER_ORCHESTRATION"
"""The variable that every agent bears, with a value for its run."""

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
        os.close(locked(folder / "supervisor.lock"))
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def marks(folder: Path) -> tuple[str, ...]:
    """The variables, as "NAME=value", that the programs of an orchestration bear."""
    try:
        words = (folder / "cookie").read_text("ascii", "replace").split()
    except OSError:
        return ()
    return tuple(word for word in words if len(word) > len(COOKIE) + 16)  # half a mark could be that of anybody


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
        return str(read_state(folder).get("ending") or "")
    except (OSError, ValueError):
        return ""


def _has_ended(folder: Path) -> bool:
    return bool(ending_of(folder)) and not has_work_in_place(folder)


def locked(place: Path, tries: int = 1) -> int:
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


def read_state(folder: Path) -> dict[str, Any]:
    """The state that was kept last, empty where none was; raises `ValueError` for one that cannot be read."""
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
        document = read_state(folder)
        title, state = str(document.get("title") or ""), str(document.get("ending") or "cut off")
    started = datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").astimezone()
    with suppress(OSError, ValueError):
        started = datetime.fromisoformat((folder / "started").read_text("ascii", "replace").strip()).astimezone()
    age = max(0.0, (now - started).total_seconds())
    return RunSummary(folder.name, title, "running" if alive else state, started.isoformat(), alive, age)


def supervisor(folder: Path) -> str:
    """The process id of the last supervisor, for people; "?" where it is unknown."""
    try:
        word = (folder / "pid").read_text("ascii", "replace").strip()
    except OSError:
        return "?"
    return word if word.isdigit() else "?"
