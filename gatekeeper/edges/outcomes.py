"""Remembers what programs found out, in SQLite, so that a later run need not find it out again.

What is kept is no verdict: the gates judge it anew in each run. An entry that is damaged, of another version or
written by something else is not there. A store that cannot be read or written is an empty one, and fails no run.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from gatekeeper.model.frozen import dataclass

MEGABYTES = 200
"""How large the store may become where nothing else is said."""

IN_ONE_PLACE = "here "
"""Keys that begin with this hold for one place on one machine, so that their entries are carried to no other."""

_VERSION = 1
_MOST_FOR_A_KEY = 8
_LARGEST_ENTRY = 32 << 20
_ROOM_AFTER_PRUNING = 0.9
_PATIENCE = 2.0
_TOUCH = "UPDATE outcome SET used = ? WHERE digest = ?"
_TABLE = """CREATE TABLE IF NOT EXISTS outcome (
    digest TEXT PRIMARY KEY, key TEXT NOT NULL, body BLOB NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is remembered: the number of entries, and their bytes as they are kept."""

    entries: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """An entry: its digest over key and text, the key, and the JSON text of what was found out."""

    digest: str
    key: str
    text: str


def digest_of(key: str, text: str) -> str:
    """The digest by which an entry is known, and by which damage to it shows."""
    return sha256(f"gatekeeper.outcome/{_VERSION}\0{key}\0{text}".encode()).hexdigest()


class Outcomes:
    """The store in a folder, bounded to so many bytes; with none it neither gives nor keeps anything."""

    def __init__(self, folder: Path, limit: int = MEGABYTES << 20) -> None:
        self._file = folder / "outcomes.sqlite3"
        self._limit = limit

    def recall(self, key: str) -> tuple[Remembered, ...]:
        """What is remembered under a key, the last used first."""
        if not self._limit:
            return ()
        query = "SELECT digest, key, body FROM outcome WHERE key = ? ORDER BY used DESC, rowid DESC LIMIT ?"
        return tuple(self._read(query, (key, _MOST_FOR_A_KEY)))

    def everything(self) -> Iterator[Remembered]:
        """Every entry that is whole, the last used first."""
        return self._read("SELECT digest, key, body FROM outcome ORDER BY used DESC, rowid DESC", ())

    def remember(self, entries: Iterable[tuple[str, str]]) -> int:
        """Keep entries (key, JSON text), the first as the last used, and forget what was longest of no use.

        Tells how many are kept.
        """
        if not self._limit:
            return 0
        now, rows = time.time(), []
        for place, (key, text) in enumerate(entries):
            body = zlib.compress(text.encode(), 6)
            if len(text) <= _LARGEST_ENTRY:
                rows.append((digest_of(key, text), key, body, len(body) + 256, now - place / 1000))
        if not rows:
            return 0

        def insert(database: sqlite3.Connection) -> None:
            database.executemany("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?)", rows)
            for key in {row[1] for row in rows}:
                database.execute(
                    "DELETE FROM outcome WHERE key = ? AND digest NOT IN "
                    "(SELECT digest FROM outcome WHERE key = ? ORDER BY used DESC, rowid DESC LIMIT ?)",
                    (key, key, _MOST_FOR_A_KEY),
                )
            _prune(database, self._limit)

        return len(rows) if self._write(insert) else 0

    def touch(self, digest: str) -> None:
        """Note that an entry was of use."""
        self._write(lambda database: database.execute(_TOUCH, (time.time(), digest)))

    def size(self) -> Size:
        """How much is remembered."""
        with suppress(sqlite3.Error, OSError, ValueError), self._opened() as database:
            row = database.execute("SELECT count(*), coalesce(sum(size), 0) FROM outcome").fetchone()
            return Size(*map(int, row))
        return Size(0, 0)

    def prune(self, limit: int) -> Size:
        """Forget what was longest of no use until no more than so many bytes are left; tells what was forgotten."""
        before = self.size()
        self._write(lambda database: _prune(database, limit))
        after = self.size()
        return Size(before.entries - after.entries, before.bytes - after.bytes)

    def clear(self) -> None:
        """Forget everything. Raises OSError where the file cannot be removed."""
        for file in (self._file, self._file.with_name(f"{self._file.name}-journal")):
            file.unlink(missing_ok=True)

    def _read(self, query: str, values: tuple[Any, ...]) -> Iterator[Remembered]:
        with suppress(sqlite3.Error, OSError, ValueError), self._opened() as database:
            database.text_factory = _decoded
            for row in database.execute(query, values):
                entry = _whole(*row)
                if entry is not None:
                    yield entry

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file where it is one of ours, to be read; raises sqlite3.Error where it is not."""
        uri = f"{self._file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, timeout=_PATIENCE, uri=True)) as database:
            if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                raise sqlite3.DatabaseError("of another version")
            yield database

    def _write(self, change: Callable[[sqlite3.Connection], object]) -> bool:
        """Carry out a change in one transaction, and tell whether that could be done; a damaged file is begun anew."""
        try:
            try:
                self._make_ready()
            except sqlite3.OperationalError:
                return False
            except sqlite3.DatabaseError:
                self.clear()
                self._make_ready()
            with closing(sqlite3.connect(self._file, timeout=_PATIENCE)) as database, database:
                database.execute("PRAGMA synchronous = OFF")  # what a power cut damages is seen when it is read
                change(database)
        except (sqlite3.Error, OSError, ValueError):
            return False
        return True

    def _make_ready(self) -> None:
        with closing(sqlite3.connect(self._file, timeout=_PATIENCE)) as database, database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == _VERSION:
                return
            if version:
                raise sqlite3.DatabaseError("of another version")
            database.execute("PRAGMA auto_vacuum = FULL")
            database.execute(_TABLE)
            database.execute("CREATE INDEX IF NOT EXISTS by_key ON outcome (key)")
            database.execute(f"PRAGMA user_version = {_VERSION}")


def _whole(digest: object, key: object, body: object) -> Remembered | None:
    """The entry, if it is what was once kept: it unpacks, is JSON, and has the digest that it is known by."""
    if not (isinstance(digest, str) and isinstance(key, str) and isinstance(body, bytes)):
        return None
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(body, _LARGEST_ENTRY).decode()
        if digest_of(key, text) != digest or not isinstance(json.loads(text), dict):
            return None
    except (zlib.error, ValueError, RecursionError):
        return None
    return Remembered(digest, key, text)


def _decoded(text: bytes) -> str:
    """The text of a column; what is damaged in it makes another digest, and no exception."""
    return text.decode("utf-8", "replace")


def _prune(database: sqlite3.Connection, limit: int) -> None:
    """Where more than `limit` bytes are kept, forget the entries longest of no use until a tenth of it is free."""
    total = database.execute("SELECT coalesce(sum(size), 0) FROM outcome").fetchone()[0]
    if total <= limit:
        return
    doomed = []
    for row, size in database.execute("SELECT rowid, size FROM outcome ORDER BY used, rowid"):
        if total <= limit * _ROOM_AFTER_PRUNING:
            break
        doomed.append((row,))
        total -= size
    database.executemany("DELETE FROM outcome WHERE rowid = ?", doomed)
