"""Remembers how long jobs took, in SQLite, so that the next run can tell what to expect."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from statistics import median

_KEPT = 5
_SCHEMA = "CREATE TABLE IF NOT EXISTS timing (job TEXT NOT NULL, seconds REAL NOT NULL)"


def expected_seconds(folder: Path) -> dict[str, float]:
    """The median seconds of the last runs of each job; empty when nothing is known or the file is damaged."""
    if not _file(folder).exists():
        return {}
    try:
        with closing(sqlite3.connect(_file(folder), timeout=2)) as database:
            rows = database.execute("SELECT job, seconds FROM timing ORDER BY rowid").fetchall()
    except sqlite3.Error:
        return {}
    times: dict[str, list[float]] = {}
    for job, seconds in rows:
        times.setdefault(str(job), []).append(float(seconds))
    return {job: median(seconds) for job, seconds in times.items()}


def remember_seconds(folder: Path, times: Iterable[tuple[str, float]]) -> None:
    """Add the seconds of each job and forget all but its last few; a damaged file is begun anew.

    These figures are a help for the eye and for the order of starting, so a disk that is full or read-only is no
    reason to fail a run.
    """
    rows = list(times)
    for _ in range(2):
        try:
            with closing(sqlite3.connect(_file(folder), timeout=2)) as database, database:
                database.execute("PRAGMA synchronous = OFF")  # nothing here is worth waiting for a disk
                database.execute(_SCHEMA)
                database.executemany("INSERT INTO timing VALUES (?, ?)", rows)
                database.execute(
                    "DELETE FROM timing WHERE rowid NOT IN (SELECT rowid FROM (SELECT rowid, row_number() OVER "
                    "(PARTITION BY job ORDER BY rowid DESC) AS age FROM timing) WHERE age <= ?)",
                    (_KEPT,),
                )
            return
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return
            _file(folder).unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder / "timings.sqlite3"
