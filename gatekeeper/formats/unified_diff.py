"""Reads what `git diff-tree --raw -p -U0 -z` prints: which files differ, and in which lines."""

from __future__ import annotations

import re

from gatekeeper.model.change import ChangeKind, Hunk
from gatekeeper.model.frozen import dataclass

_KINDS = {
    "A": ChangeKind.ADDED,
    "M": ChangeKind.MODIFIED,
    "D": ChangeKind.DELETED,
    "R": ChangeKind.RENAMED,
    "C": ChangeKind.COPIED,
    "T": ChangeKind.TYPE_CHANGED,
}
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class UnreadableDiff(ValueError):
    """Git printed something that is not the diff that was asked for."""


@dataclass(frozen=True, slots=True)
class RawChange:
    """One record of the raw part: modes and object ids of both sides (zeros where absent), kind and paths."""

    kind: ChangeKind
    old_mode: str
    mode: str
    old_object: str
    object: str
    path: str
    old_path: str | None = None

    @property
    def sections(self) -> int:
        """How many sections the patch has for this record: a changed type is a deletion and a creation."""
        return 2 if self.kind is ChangeKind.TYPE_CHANGED else 1


@dataclass(frozen=True, slots=True)
class PatchSection:
    """The hunks of one file in the patch, or the fact that Git takes it for binary."""

    hunks: tuple[Hunk, ...] = ()
    binary: bool = False


def split_output(output: bytes) -> tuple[bytes, bytes]:
    """The raw part and the patch part; Git separates them by an empty record."""
    raw, separator, patch = output.partition(b"\0\0")
    return (raw + b"\0", patch) if separator else (output, b"")


def read_raw(raw: bytes) -> tuple[RawChange, ...]:
    """The records of the raw part, in the order of Git."""
    fields = iter(raw.split(b"\0"))
    changes = []
    for head in fields:
        if not head:
            continue
        parts = head.decode("ascii", "replace").lstrip(":").split(" ")
        if len(parts) != 5 or parts[4][:1] not in _KINDS:
            raise UnreadableDiff(f"not a raw diff record: {head!r}")
        old_mode, mode, old_object, new_object, status = parts
        kind = _KINDS[status[0]]
        first = _path(next(fields, b""))
        second = _path(next(fields, b"")) if kind in (ChangeKind.RENAMED, ChangeKind.COPIED) else None
        changes.append(
            RawChange(kind, old_mode, mode, old_object, new_object, second or first, first if second else None)
        )
    return tuple(changes)


def read_patch(patch: bytes) -> tuple[PatchSection, ...]:
    """The sections of the patch, in the order of Git.

    The lines of a hunk are counted, never recognised: a removed line `-- a` looks like a file header and an added line
    may look like anything.
    """
    sections: list[PatchSection] = []
    left = 0
    for line in patch.split(b"\n"):
        if left:
            left -= not line.startswith(b"\\")
        elif line.startswith(b"diff --git "):
            sections.append(PatchSection())
        elif match := _HUNK.match(line):
            hunk = Hunk(*(int(group) if group else 1 for group in match.groups()))
            left = hunk.old_count + hunk.new_count
            sections[-1] = PatchSection((*sections[-1].hunks, hunk))
        elif line.startswith((b"Binary files ", b"GIT binary patch")):
            sections[-1] = PatchSection(binary=True)
    if left:
        raise UnreadableDiff("the diff ends within a hunk")
    return tuple(sections)


def join_sections(raw: tuple[RawChange, ...], sections: tuple[PatchSection, ...]) -> tuple[PatchSection, ...]:
    """One section for each raw record, both parts of a changed type put together."""
    wanted = sum(change.sections for change in raw)
    if len(sections) != wanted:
        raise UnreadableDiff(f"{wanted} sections were expected in the diff, {len(sections)} came")
    rest = iter(sections)
    joined = []
    for change in raw:
        parts = [next(rest) for _ in range(change.sections)]
        joined.append(PatchSection(tuple(h for part in parts for h in part.hunks), any(p.binary for p in parts)))
    return tuple(joined)


def _path(name: bytes) -> str:
    if not name:
        raise UnreadableDiff("a raw diff record without a path")
    return name.decode("utf-8", "surrogateescape")
