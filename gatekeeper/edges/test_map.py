"""Keeps what is known of the tests of a repository, in an SQLite file beside the store."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

KEPT = 4
"""How many trees are kept for each project and interpreter; the oldest are forgotten."""

_MARK = 0x6761_746D  # "gatm"
_VERSION = 1
_LEVEL = 4  # of zlib: one of 6, its usual one, makes a map 7 % smaller in more than twice the time
_WAIT = 2.0  # seconds, for another run that is writing
_LARGEST = 256 << 20  # bytes of text that a map may unpack to
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS maps (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, tree TEXT NOT NULL, "
    "digest BLOB NOT NULL, packed BLOB NOT NULL)"
)


def known_trees(folder: Path, owner: str) -> tuple[str, ...]:
    """The trees whose map is kept for an owner, the newest first; empty where the file is none of ours.

    `folder` is that of `places.repository_folder`; the owner is a project with its interpreter.
    """
    rows = _asked(folder, "SELECT tree FROM maps WHERE owner = ? ORDER BY id DESC", (_plain(owner),))
    return tuple(str(tree) for (tree,) in rows)


def kept_map(folder: Path, owner: str, tree: str) -> str | None:
    """The text of a map, or None where there is none, or where it is not the one that was written."""
    rows = _asked(
        folder,
        "SELECT digest, packed FROM maps WHERE owner = ? AND tree = ? ORDER BY id DESC LIMIT 1",
        (_plain(owner), tree),
    )
    return next((_whole(owner, tree, digest, packed) for digest, packed in rows), None)


def every_map(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Owner, tree and text of every map that is as it was written, the newest first."""
    for owner, tree, digest, packed in _asked(folder, "SELECT owner, tree, digest, packed FROM maps ORDER BY id DESC"):
        if isinstance(owner, str) and isinstance(tree, str):
            text = _whole(owner, tree, digest, packed)
            if text is not None:
                yield owner, tree, text


def keep_map(folder: Path, owner: str, tree: str, text: str | Iterable[str]) -> str:
    """Keep a map and forget the oldest ones; tells in words why it could not be kept, else nothing.

    The text may come in pieces. A file that is damaged is begun anew: what is lost costs a run of all tests.
    """
    digest, packed = _packed(owner, tree, (text,) if isinstance(text, str) else text)
    for _ in range(2):
        try:
            _write(folder, (_plain(owner), tree, digest, packed))
            return ""
        except sqlite3.OperationalError as error:
            return f"what the tests touched could not be kept: {error}"
        except sqlite3.DatabaseError:
            for ending in ("", "-journal"):
                with suppress(OSError):
                    Path(f"{_file(folder)}{ending}").unlink(missing_ok=True)
    return "what the tests touched could not be kept"


def _whole(owner: str, tree: str, digest: object, packed: Any) -> str | None:
    """The text of a row, if it is what was once written."""
    with suppress(zlib.error, TypeError, UnicodeDecodeError):
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, _LARGEST)
        found = _begun(owner, tree)
        found.update(text)
        if digest == found.digest() and unpacker.eof:
            return text.decode("ascii")
    return None


def _packed(owner: str, tree: str, parts: Iterable[str]) -> tuple[bytes, bytes]:
    """The digest of a row, and its text packed."""
    digest, packer, packed = _begun(owner, tree), zlib.compressobj(_LEVEL), []
    for part in parts:
        text = part.encode("ascii")
        digest.update(text)
        packed.append(packer.compress(text))
    return digest.digest(), b"".join((*packed, packer.flush()))


def _write(folder: Path, row: tuple[str, str, bytes, bytes]) -> None:
    """Write one row in a transaction, which a kill leaves whole or undone; nothing waits for the disk."""
    with closing(sqlite3.connect(_file(folder), timeout=_WAIT, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN IMMEDIATE")
        _check(database, empty=True)
        database.execute(_SCHEMA)
        database.execute(f"PRAGMA application_id = {_MARK}")
        database.execute(f"PRAGMA user_version = {_VERSION}")
        own = row[0]
        database.execute("DELETE FROM maps WHERE owner = ? AND tree = ?", row[:2])
        database.execute("INSERT INTO maps (owner, tree, digest, packed) VALUES (?, ?, ?, ?)", row)
        database.execute(
            "DELETE FROM maps WHERE owner = ? AND id NOT IN "
            "(SELECT id FROM maps WHERE owner = ? ORDER BY id DESC LIMIT ?)",
            (own, own, KEPT),
        )
        database.execute("DELETE FROM maps WHERE id <= (SELECT max(id) FROM maps) - ?", (16 * KEPT,))
        database.execute("COMMIT")


def _asked(folder: Path, question: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    if not _file(folder).exists():
        return []
    try:
        with closing(sqlite3.connect(_file(folder), timeout=_WAIT)) as database:
            _check(database)
            return database.execute(question, values).fetchall()
    except sqlite3.Error:
        return []


def _check(database: sqlite3.Connection, empty: bool = False) -> None:
    """Raise where the file is not one of ours; with `empty`, one without anything in it will do."""
    mark = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if empty and not (mark or version or database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]):
        return
    if (mark, version) != (_MARK, _VERSION):
        raise sqlite3.DatabaseError("this file is not one of ours")


def _begun(owner: str, tree: str) -> Any:
    """The digest of a row, up to its text."""
    return sha256(b"\0".join((_plain(owner).encode(), tree.encode(), b"")))


def _plain(text: str) -> str:
    """The text without lone surrogates, which SQLite refuses."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _file(folder: Path) -> Path:
    return folder / "tests.sqlite3"
