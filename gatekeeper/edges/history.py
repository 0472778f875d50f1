"""Keeps the local history of runs, in an SQLite file of each repository's own folder."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from gatekeeper.model.record import GateRecord, PastRun, RunRecord
from gatekeeper.model.verdict import Status

KEPT = 5000
"""How many runs are kept; the oldest are forgotten."""

_MARK = 0x6761_7465  # "gate": tells our files from those of others
_VERSION = 1
_TEXTS = ("base_tree", "head_tree", "kind", "base", "head", "policy", "source", "version", "title", "hook", "branch")
_COLUMNS = ("ended", "exit", "complete", "seconds", *_TEXTS, "gates")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, ended INTEGER NOT NULL, exit INTEGER NOT NULL, "
    "complete INTEGER NOT NULL, seconds REAL NOT NULL, "
    + ", ".join(f"{name} TEXT NOT NULL" for name in (*_TEXTS, "gates"))
    + ")"
)
_FIRSTS = (
    "SELECT min(id) FROM runs WHERE complete AND kind IN ('staged', 'range') AND branch <> '' GROUP BY base, branch"
)
_WAIT = 2.0  # seconds, for another run that is writing


class _ForeignFileError(Exception):
    """The file is not one of ours."""


class _NewerFileError(Exception):
    """The file was written by a later version of Gatekeeper."""


def past_runs(folder: Path, limit: int = KEPT, only_first: bool = False) -> tuple[PastRun, ...]:
    """The last runs of a repository, the newest first; empty when nothing is known or the file cannot be read.

    `folder` is that of `places.repository_folder`. Whether a run was the first of its change is told by all runs that
    are kept, and not only by those within the limit. With `only_first` all others are left out.
    """
    file = _file(folder)
    if not file.exists():
        return ()
    try:
        with closing(sqlite3.connect(file, timeout=_WAIT)) as database:
            _check(database)
            which = f"WHERE id IN ({_FIRSTS})" if only_first else ""
            query = f"SELECT id IN ({_FIRSTS}), {', '.join(_COLUMNS)} FROM runs {which} ORDER BY id DESC LIMIT ?"  # noqa: S608
            rows = database.execute(query, (limit,)).fetchall()
    except (sqlite3.Error, _ForeignFileError, _NewerFileError):
        return ()
    return tuple(run for row in rows if (run := _run_of(row)))


def remember_run(folder: Path, run: RunRecord) -> tuple[str, ...]:
    """Add a run to the history and forget the oldest ones; what went wrong comes back in words and fails nothing.

    A file that is damaged or that someone else has put there is set aside, and the history begins anew.
    """
    said: list[str] = []
    for _ in range(2):
        try:
            _append(folder, run)
            return tuple(said)
        except _NewerFileError:
            return ("the history of runs is that of a later version of Gatekeeper: this run is not in it",)
        except (_ForeignFileError, sqlite3.DatabaseError) as error:
            if _is_passing(error):
                return (f"the run could not be added to the history: {error}",)
            said = [f"the history of runs could not be read and was begun anew; the old file is {_set_aside(folder)}"]
        except OSError as error:
            return (f"the run could not be added to the history: {error.strerror}",)
    return ("the run could not be added to the history",)


def _append(folder: Path, run: RunRecord) -> None:
    """Write one row, in a transaction that a kill at any moment leaves whole or undone.

    The journal is SQLite's older kind: it needs no shared memory, so that it works on every file system, and the next
    run rolls back what a killed one began. Nothing waits for the disk: only a power cut could damage the file, and
    then it is begun anew.
    """
    marks = ", ".join("?" * len(_COLUMNS))
    # the transaction is begun by hand, or else Python would begin it too late for what is checked
    with closing(sqlite3.connect(_file(folder), timeout=_WAIT, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN IMMEDIATE")
        if _check(database):
            database.execute(_SCHEMA)
            database.execute(f"PRAGMA application_id = {_MARK}")
            database.execute(f"PRAGMA user_version = {_VERSION}")
        database.execute(f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES ({marks})", _row_of(run))  # noqa: S608
        database.execute("DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?", (KEPT,))
        database.execute("COMMIT")


def _check(database: sqlite3.Connection) -> bool:
    """Whether the file is still empty; raises when it is not ours."""
    mark = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not (mark or version or tables):
        return True
    if mark == _MARK and version > _VERSION:
        raise _NewerFileError
    columns = {row[1] for row in database.execute("PRAGMA table_info(runs)")}
    if mark != _MARK or not columns.issuperset(_COLUMNS):
        raise _ForeignFileError
    return False


def _is_passing(error: Exception) -> bool:
    """Whether the trouble is not that of the file: it is locked, the disk is full, nothing may be written."""
    return isinstance(error, sqlite3.OperationalError)


def _set_aside(folder: Path) -> str:
    """Give the file another name, with its journal, which would else be laid over the next one; tells the name."""
    place = _file(folder)
    aside = place.with_name(f"{place.name}.damaged")
    with (folder / "history.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_sound(place):  # another run may have been quicker
            for ending in ("-journal", "-wal", "-shm"):
                place.with_name(place.name + ending).unlink(missing_ok=True)
            with suppress(OSError):
                place.replace(aside)
    return str(aside)


def _is_sound(place: Path) -> bool:
    try:
        with closing(sqlite3.connect(place, timeout=_WAIT)) as database:
            _check(database)
            return bool(database.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except (sqlite3.Error, _ForeignFileError, _NewerFileError):
        return False


def _row_of(run: RunRecord) -> tuple[object, ...]:
    gates = [[gate.name, gate.status.value, gate.measured, gate.required, gate.reason] for gate in run.gates]
    texts = (_storable(getattr(run, name)) for name in _TEXTS)
    return (run.when, run.exit, int(run.complete), run.seconds, *texts, json.dumps(gates))


def _storable(text: str) -> str:
    """The text without lone surrogates, which SQLite refuses: a branch may have a name that is no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _run_of(row: tuple[Any, ...]) -> PastRun | None:
    """The run in a row, or None where the row makes no sense."""
    first, when, code, complete, seconds, *texts, gates = row
    try:
        read = tuple(
            GateRecord(str(name), Status(status), measured, required, str(reason))
            for name, status, measured, required, reason in json.loads(gates)
        )
        named: dict[str, Any] = dict(zip(_TEXTS, map(str, texts), strict=True))
        return PastRun(
            when=int(when), exit=int(code), complete=bool(complete), seconds=float(seconds), gates=read,
            first=bool(first), **named,
        )  # fmt: skip
    except (TypeError, ValueError):
        return None


def _file(folder: Path) -> Path:
    return folder / "history.sqlite3"
