"""Brings fixed files into the index and the working tree, and keeps what is not staged as it is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.edges.fix_files import read_file
from gatekeeper.edges.fix_journal import Journal, Replacement, StaleError, alone, write_journal
from gatekeeper.edges.fix_steps import carry_out
from gatekeeper.edges.git import Repository
from gatekeeper.model.errors import GatekeeperError

_KEEP_CACHES = ("-c", "core.untrackedCache=keep")


@dataclass(frozen=True, slots=True)
class FixedBlob:
    """A fixed file of a tree: its mode there, and the object before and after."""

    path: str
    mode: str
    old: str
    new: str


def apply_fixes(repository: Repository, tree: str, blobs: Sequence[FixedBlob], with_index: bool) -> tuple[str, ...]:
    """Put the fixed files of a tree into the working tree, and into the index where that holds the tree.

    Tells what is worth knowing. Raises `GatekeeperError`, and has changed nothing then, where the index or a file is no
    longer what the tree was made of, where it is locked, or where a fix and an edit that is not staged meet.
    """
    try:
        index = own_index(repository) if with_index else ""
        with alone(repository.git_dir) as draft:
            journal, notes = prepare(repository, draft, tree, blobs, index)
            carry_out(journal)
    except OSError as error:
        raise GatekeeperError(
            f"the fixes could not be written: {error.strerror or error}", "make room or give the right to write"
        ) from error
    if index and journal.paths:  # Git has not seen the new files yet, and would read them again every time
        repository.attempt(*_KEEP_CACHES, "update-index", "-q", "--refresh")
    return notes


def prepare(
    repository: Repository, draft: Path, tree: str, blobs: Sequence[FixedBlob], index: str
) -> tuple[Journal, tuple[str, ...]]:
    """Write the journal of all that is to be replaced; nothing else is written."""
    top = repository.top or ""
    old_index = _draft_index(repository, draft, tree, blobs, index) if index else None
    files, notes = _replacements(repository, blobs, bool(index))
    return write_journal(draft, top, files, old_index), notes


def own_index(repository: Repository) -> str:
    """The index of the working tree. Raises `GatekeeperError` where Git is about to commit from another one."""
    own = Path(repository.git_dir, "index")
    used = Path(repository.top or "", os.environ.get("GIT_INDEX_FILE") or own)
    if used.resolve() != own.resolve():
        raise GatekeeperError(
            "Git commits from a temporary index here (`git commit -a` or `git commit PATH`), which is not to be fixed",
            "run `gatekeeper run --fix --worktree` first, or `git add` the files and commit without naming them",
        )
    return str(own.resolve())


def _draft_index(repository: Repository, draft: Path, tree: str, blobs: Sequence[FixedBlob], index: str) -> bytes:
    """Make the new index in the draft; tells the bytes of the old one."""
    place, new = Path(index), draft / "index.new"
    try:
        old = place.read_bytes()
        seen = place.stat()
    except FileNotFoundError:
        raise StaleError("the index was removed while the fixes were made", "run again") from None
    new.write_bytes(old)
    os.utime(new, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # by this Git tells which files it has to read again
    env = {"GIT_INDEX_FILE": str(new)}
    if repository.run("write-tree", env=env).decode().strip() != tree:
        raise StaleError("the index was changed while the fixes were made", "run again")
    records = "".join(f"{blob.mode} {blob.new}\t{blob.path}\0" for blob in blobs)
    repository.run(
        *_KEEP_CACHES, "update-index", "-z", "--index-info", stdin=records.encode("utf-8", "surrogateescape"), env=env
    )
    shutil.copymode(place, new)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    return old


def _replacements(
    repository: Repository, blobs: Sequence[FixedBlob], with_index: bool
) -> tuple[list[Replacement], tuple[str, ...]]:
    files, notes, conflicts = [], [], []
    contents = repository.contents([object_id for blob in blobs for object_id in (blob.old, blob.new)])
    for blob, before, after in zip(blobs, contents[::2], contents[1::2], strict=True):
        found = read_file(repository.top or "", blob.path)
        if found is None or before is None or after is None:
            kept = "fixed in the index alone" if with_index else "not fixed"
            notes.append(f"{blob.path} was {kept}: it is no regular file in the working tree")
            continue
        fixed = _fixed(repository, blob, found, (before, after))
        if fixed is None:
            conflicts.append(blob.path)
        elif fixed != found:
            files.append(Replacement(blob.path, found, fixed))
    if conflicts:
        raise GatekeeperError(
            f"a fix and an edit that is not staged meet in {', '.join(conflicts)}; nothing was changed",
            "stage that edit too, or put it aside with `git stash push --keep-index`; then run again",
        )
    return files, tuple(notes)


def _fixed(repository: Repository, blob: FixedBlob, found: bytes, raw: tuple[bytes, bytes]) -> bytes | None:
    """What a file of the working tree shall hold, with the edits that are not staged; None where these do not fit.

    The file keeps its own line ends, whichever Git would write.
    """
    if found == raw[0]:
        return raw[1]
    before, after = (_as_checked_out(repository, blob.path, object_id) for object_id in (blob.old, blob.new))
    if found == before:
        return after
    if b"\r\n" not in found:
        before, after = raw
    elif b"\r\n" not in before:
        before, after = (content.replace(b"\n", b"\r\n") for content in raw)
    return after if found == before else _merged(repository, found, before, after)


def _as_checked_out(repository: Repository, path: str, object_id: str) -> bytes:
    """The content that Git would write into the working tree, with the line ends and the encoding of its settings."""
    return repository.run("cat-file", "--filters", f"--path={path}", object_id)


def _merged(repository: Repository, mine: bytes, base: bytes, theirs: bytes) -> bytes | None:
    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        places = [Path(folder, name) for name in ("mine", "base", "theirs")]
        for place, content in zip(places, (mine, base, theirs), strict=True):
            place.write_bytes(content)
        status, output, _ = repository.attempt("merge-file", "--stdout", "--quiet", *map(str, places))
    return None if status else output
