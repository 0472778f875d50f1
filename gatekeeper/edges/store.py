"""Remembers how long jobs and workstreams took, in SQLite, so that the next run can tell what to expect."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from gatekeeper.formats.median import median

_KEPT = {"timing": 5, "workstream": 20}
"""The tables, and how many of the last times each keeps under a name."""


def expected_seconds(folder: Path, names: Mapping[str, str] | None = None) -> dict[str, float]:
    """The median seconds of the last runs of each job; empty when nothing is known or the file is damaged.

    `names` are those under which some jobs are remembered in this run; of one that is not known, the job's own holds.
    """
    known = {job: median(seconds) for job, seconds in _times(folder, "timing").items()}
    return {**known, **{job: known[name] for job, name in (names or {}).items() if name in known}}


def remember_seconds(folder: Path, times: Iterable[tuple[str, float]], names: Mapping[str, str] | None = None) -> None:
    """Add the seconds of each job, under the name that it has in `names`, and forget all but its last few."""
    _remember(folder, "timing", [((names or {}).get(job, job), seconds) for job, seconds in times])


def workstream_seconds(folder: Path) -> dict[str, tuple[float, ...]]:
    """The seconds of the last workstreams by the key that the planner gave them, the oldest first."""
    return _times(folder, "workstream")


def remember_workstreams(folder: Path, times: Iterable[tuple[str, float]]) -> None:
    """Add the seconds of workstreams by key and forget all but the last of each."""
    _remember(folder, "workstream", times)


def every_time(folder: Path) -> dict[str, dict[str, tuple[float, ...]]]:
    """The seconds that are known, by table and name, the oldest first; without the tables of which nothing is."""
    return {table: times for table in _KEPT if (times := _times(folder, table))}


def adopt_times(folder: Path, found: Mapping[str, Mapping[str, Iterable[float]]]) -> int:
    """Take over what `every_time` told elsewhere of names that are not known here, and tell how many names these were.

    The times of this machine are nearer to what it will take than those of another one.
    """
    names = 0
    for table in _KEPT:
        known = _times(folder, table)
        new = {name: seconds for name, seconds in found.get(table, {}).items() if name not in known}
        if new:
            _remember(folder, table, [(name, each) for name, seconds in new.items() for each in seconds])
        names += len(new)
    return names


def _times(folder: Path, table: str) -> dict[str, tuple[float, ...]]:
    if not _file(folder).exists():
        return {}
    try:
        with closing(sqlite3.connect(_file(folder), timeout=2)) as database:
            # the table is one of ours
            rows = database.execute(f"SELECT job, seconds FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
    except sqlite3.Error:
        return {}
    times: dict[str, list[float]] = {}
    for job, seconds in rows:
        times.setdefault(str(job), []).append(float(seconds))
    return {job: tuple(seconds) for job, seconds in times.items()}


def _remember(folder: Path, table: str, times: Iterable[tuple[str, float]]) -> None:
    """Add rows and forget all but the last of each name; a damaged file is begun anew.

    These figures are a help for the eye and for the order of starting, so a disk that is full or read-only is no
    reason to fail a run.
    """
    rows = list(times)
    for _ in range(2):
        try:
            with closing(sqlite3.connect(_file(folder), timeout=2)) as database, database:
                database.execute("PRAGMA synchronous = OFF")  # nothing here is worth waiting for a disk
                database.execute(f"CREATE TABLE IF NOT EXISTS {table} (job TEXT NOT NULL, seconds REAL NOT NULL)")
                database.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)  # noqa: S608 - as above
                database.execute(
                    f"DELETE FROM {table} WHERE rowid NOT IN (SELECT rowid FROM (SELECT rowid, row_number() OVER "  # noqa: S608
                    f"(PARTITION BY job ORDER BY rowid DESC) AS age FROM {table}) WHERE age <= ?)",
                    (_KEPT[table],),
                )
            return
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return
            _file(folder).unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder / "timings.sqlite3"
