"""Carries remembered outcomes from one machine to another, in a tar file that is read without being unpacked.

Each member is one entry, named after its digest. A file that holds anything else is refused as a whole before any of
it is taken over; nothing in it can name a place on disk.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from gatekeeper.edges.outcomes import Outcomes, digest_of
from gatekeeper.model.errors import GatekeeperError, UsageError

_NAME = re.compile(r"gatekeeper-outcomes/([0-9a-f]{64})")
_LARGEST = 40 << 20
_MOST_BYTES = 2 << 30


def export_outcomes(store: Outcomes, file: Path) -> int:
    """Write every entry that is whole into a file, the last used first, and tell how many there were.

    The file takes its name when all is written. Raises GatekeeperError where it cannot be written.
    """
    aside = file.with_name(f".{file.name}.part")
    count = 0
    try:
        with (
            aside.open("wb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            for entry in store.everything():
                content = json.dumps({"key": entry.key, "text": entry.text}).encode()
                member = tarfile.TarInfo(f"gatekeeper-outcomes/{entry.digest}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
                count += 1
        aside.replace(file)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise GatekeeperError(f"{file} cannot be written: {error.strerror}", "name another file") from error
    return count


def import_outcomes(store: Outcomes, file: Path) -> int:
    """Take over the entries of such a file, and tell how many were kept; raises UsageError where it is none."""
    try:
        for _ in _entries(file):
            pass  # is all of it sound?
        return store.remember(_entries(file))
    except gzip.BadGzipFile as error:
        raise _refusal(file, "it is not packed with gzip") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}", "name the file of an export") from error
    except (tarfile.TarError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refusal(file, error) from None


def _refusal(file: Path, why: object) -> UsageError:
    return UsageError(
        f"{file} is no export of Gatekeeper's memory, so nothing of it was taken over: {why}",
        "make one with: gatekeeper cache export FILE",
    )


def _entries(file: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(file) as packed:
        bounded = _Bounded(packed)
        archive = tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r|")  # noqa: SIM115 - has nothing to close
        for member in archive:
            bounded.begin()
            name = _NAME.fullmatch(member.name)
            if name is None or not member.isreg() or member.size > _LARGEST:
                raise ValueError(f"it holds {member.name[:100]!r}")
            content = archive.extractfile(member)
            entry = json.loads(content.read() if content else b"")
            key, text = entry["key"], entry["text"]
            if digest_of(key, text) != name[1] or not isinstance(json.loads(text), dict):
                raise ValueError(f"{member.name} is damaged")
            yield key, text


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
