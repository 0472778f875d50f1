"""Carries what is remembered from one machine to another, in a tar file that is read without being unpacked.

Each member is one entry, named after its kind and its digest: an outcome, what is known of the tests at one tree, or
all times. A file that holds anything else is refused as a whole before any of it is taken over; nothing in it can name
a place on disk.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

from gatekeeper.edges.outcomes import IN_ONE_PLACE, Outcomes, digest_of
from gatekeeper.edges.store import adopt_times, every_time
from gatekeeper.edges.test_map import every_map, keep_map
from gatekeeper.model.errors import GatekeeperError, UsageError

_OUTCOME, _TESTS, _TIMES = "outcomes", "tests", "times"
_NAME = re.compile(rf"gatekeeper-({_OUTCOME}|{_TESTS}|{_TIMES})/([0-9a-f]{{64}})")
_TREE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LARGEST = 40 << 20
_MOST_BYTES = 2 << 30
_MOST_MAPS = 256  # four times what one machine keeps
_MOST_NAMES = 10_000
_MOST_TIMES = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a repository: its folder, and the store of outcomes in it."""

    folder: Path
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Moved:
    """How much went over: outcomes, maps of what tests touch, and names whose times are known."""

    outcomes: int = 0
    maps: int = 0
    times: int = 0


def export_memory(memory: Memory, file: Path, most: int | None = None) -> Moved:
    """Write every entry that is whole into a file, and tell how many there were.

    What was of use last comes first, and nothing begins where `most` bytes are reached. The file takes its name when
    all is written. Raises GatekeeperError where it cannot be written.
    """
    aside = file.with_name(f".{file.name}.part")
    count = {_OUTCOME: 0, _TESTS: 0, _TIMES: 0}
    try:
        with (
            aside.open("wb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            for kind, digest, content, number in _everything(memory):
                if most is not None and raw.tell() >= most:
                    break
                if len(content) > _LARGEST:
                    continue  # nobody would take it
                member = tarfile.TarInfo(f"gatekeeper-{kind}/{digest}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
                count[kind] += number
        aside.replace(file)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise GatekeeperError(f"{file} cannot be written: {error.strerror}", "name another file") from error
    return Moved(count[_OUTCOME], count[_TESTS], count[_TIMES])


def import_memory(memory: Memory, file: Path) -> Moved:
    """Take over the entries of such a file, and tell how many were kept; raises UsageError where it is none."""
    try:
        others = [(kind, entry) for kind, entry in _entries(file) if kind != _OUTCOME]  # and is all of it sound?
        outcomes = memory.outcomes.remember(entry for kind, entry in _entries(file) if kind == _OUTCOME)
    except gzip.BadGzipFile as error:
        raise _refusal(file, "it is not packed with gzip") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}", "name the file of an export") from error
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refusal(file, error) from None
    maps = [entry for kind, entry in reversed(others) if kind == _TESTS]  # the newest of them shall be the newest here
    kept = sum(not keep_map(memory.folder, *entry) for entry in maps)
    times = sum(adopt_times(memory.folder, entry) for kind, entry in others if kind == _TIMES)
    return Moved(outcomes, kept, times)


def _everything(memory: Memory) -> Iterator[tuple[str, str, bytes, int]]:
    """Kind, digest and content of each member, and how many entries it stands for."""
    times = every_time(memory.folder)
    if times:
        content = _json(times)
        yield _TIMES, _digest(_TIMES, content), content, sum(map(len, times.values()))
    for owner, tree, text in every_map(memory.folder):
        content = _json({"owner": owner, "tree": tree, "text": text})
        yield _TESTS, _digest(_TESTS, content), content, 1
    for entry in memory.outcomes.everything():
        if not entry.key.startswith(IN_ONE_PLACE):
            yield _OUTCOME, entry.digest, _json({"key": entry.key, "text": entry.text}), 1


def _json(document: object) -> bytes:
    return json.dumps(document).encode("ascii")


def _digest(kind: str, content: bytes) -> str:
    return sha256(f"gatekeeper.{kind}/1\0".encode() + content).hexdigest()


def _refusal(file: Path, why: object) -> UsageError:
    return UsageError(
        f"{file} is no export of Gatekeeper's memory, so nothing of it was taken over: {why}",
        "make one with: gatekeeper cache export FILE",
    )


def _entries(file: Path) -> Iterator[tuple[str, Any]]:
    """Kind and entry of each member. Raises ValueError, and what the readers of such files raise, where one is bad."""
    maps = 0
    with gzip.open(file) as packed:
        bounded = _Bounded(packed)
        archive = tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r|")  # noqa: SIM115 - has nothing to close
        for member in archive:
            bounded.begin()
            name = _NAME.fullmatch(member.name)
            if name is None or not member.isreg() or member.size > _LARGEST:
                raise ValueError(f"it holds {member.name[:100]!r}")
            stream = archive.extractfile(member)
            entry = _entry(name[1], name[2], stream.read() if stream else b"")
            if entry is None:
                raise ValueError(f"{member.name} is damaged")
            maps += name[1] == _TESTS
            if maps > _MOST_MAPS:
                raise ValueError("it is too large")
            yield name[1], entry


def _entry(kind: str, digest: str, content: bytes) -> tuple[str, ...] | dict[str, Any] | None:
    """The entry, if it is what was once written: its digest fits, and so does every value in it."""
    document = json.loads(content)
    if kind == _OUTCOME:
        key, text = document["key"], document["text"]
        is_whole = digest_of(key, text) == digest and isinstance(json.loads(text), dict)
        return (key, text) if is_whole else None
    if _digest(kind, content) != digest:
        return None
    if kind == _TIMES:
        return document if _are_times(document) else None
    entry = document["owner"], document["tree"], document["text"]
    if not all(isinstance(each, str) for each in entry):
        return None
    return entry if _TREE.fullmatch(entry[1]) and entry[2].isascii() else None


def _are_times(document: Any) -> bool:
    """Whether these are tables of names with their last seconds. Raises ValueError for names that no database takes."""
    tables: list[Any] = list(document.values()) if isinstance(document, Mapping) else [None]
    if not all(isinstance(table, Mapping) and len(table) <= _MOST_NAMES for table in tables):
        return False
    for name, seconds in (row for table in tables for row in table.items()):
        name.encode()
        if not isinstance(seconds, list) or len(seconds) > _MOST_TIMES or not all(map(_is_time, seconds)):
            return False
    return True


def _is_time(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and value >= 0


class _Bounded:
    """A stream of which no more is read than anybody's memory can hold."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._left = _MOST_BYTES
        self._of_member = 0
        self.begin()

    def begin(self) -> None:
        """A further member may be as large as one may be."""
        self._of_member = 2 * _LARGEST

    def read(self, size: int) -> bytes:
        """Read so many bytes; raises ValueError for more than a member, or all of them, may have."""
        self._left -= size
        self._of_member -= size
        if min(self._left, self._of_member) < 0:
            raise ValueError("it is too large")
        return self._stream.read(size)
