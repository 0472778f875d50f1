"""The journal of fixes that are being applied: on the disk before the first write, it holds all that is replaced."""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.model.errors import GatekeeperError

PATIENCE = 5.0
"""How many seconds to wait for a lock."""

PAUSE = 0.05


class StaleError(GatekeeperError):
    """A file or the index is no longer what the fixes were made for."""


class LockedError(GatekeeperError):
    """Somebody else holds the lock of the index."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file of the working tree, what it holds and what it shall hold; the path is relative to the top."""

    path: str
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal on the disk: the folder it lies in, what it replaces, and the index (empty where that stays)."""

    folder: Path
    top: str
    paths: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]
    index: str
    index_marks: tuple[str, str]
    word: str

    @property
    def lock(self) -> Path:
        """Git's own lock of the index."""
        return Path(f"{self.index}.lock")

    @property
    def new_index(self) -> Path:
        """The index that shall be; the lock is a second name of it."""
        return self.folder / "index.new"

    @property
    def go(self) -> Path:
        """Stands once everything was found as expected, before the first file is replaced."""
        return self.folder / "go"

    def aside(self, number: int, kind: str) -> str:
        """The name that the old or the new content of a file has for a moment, in the folder of that file."""
        return f".gatekeeper-{self.word}-{number}.{kind}"


def wait_for(lock: int, busy: str, hint: str) -> None:
    """Lock an open file; raises `GatekeeperError` with these words where another process does not give it free."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise GatekeeperError(busy, hint) from None
            time.sleep(PAUSE)


def place_of(git_dir: str) -> Path:
    """Where the journal of a working tree lies while fixes are applied."""
    return Path(git_dir, "gatekeeper", "fix")


@contextmanager
def alone(git_dir: str) -> Iterator[Path]:
    """Hold off every other run that would apply or recover fixes here; gives the folder for a journal to be written.

    Raises `GatekeeperError` where another run does not come to its end.
    """
    home = place_of(git_dir).parent
    home.mkdir(exist_ok=True)
    with (home / "fix.lock").open("w") as lock:
        wait_for(
            lock.fileno(), "another run is applying fixes to this working tree", "wait for it to end, then run again"
        )
        for rest in (home / "fix.draft", home / "fix.done"):
            shutil.rmtree(rest, ignore_errors=True)
        draft = home / "fix.draft"
        draft.mkdir()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def write_journal(draft: Path, top: str, files: Sequence[Replacement], old_index: bytes | None) -> Journal:
    """Make a journal of a draft; it is on the disk then.

    Where an index is to be replaced, `old_index` is its content, and the draft holds `index.new` already.
    """
    for number, file in enumerate(files):
        for kind, content in (("old", file.old), ("new", file.new)):
            place = draft / f"{number}.{kind}"
            write_durably(place, content)
            with suppress(OSError):
                shutil.copystat(Path(top, file.path), place, follow_symlinks=False)
    manifest = {  # no absolute path: the repository may be moved before the journal is read again
        "word": token_hex(4),
        "index_marks": ["", ""] if old_index is None else [mark(old_index), mark((draft / "index.new").read_bytes())],
        "files": [[file.path, mark(file.old), mark(file.new)] for file in files],
    }
    write_durably(draft / "manifest.json", json.dumps(manifest).encode())
    settle_folder(draft)
    place = draft.with_name("fix")
    draft.rename(place)
    settle_folder(place.parent)
    return read_journal(place, top)


def read_journal(folder: Path, top: str) -> Journal:
    """The journal in a folder, for the working tree with this top.

    Raises `ValueError` for what is none, or would write to another place than the files of this working tree: a Git
    folder may have come from somewhere else.
    """
    try:
        data = json.loads((folder / "manifest.json").read_bytes())
        files = [(str(path), str(old), str(new)) for path, old, new in data["files"]]
        first, second = data["index_marks"]
        word = str(data["word"])
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"the journal cannot be read ({type(error).__name__})") from error
    wrong = [path for path, _, _ in files if not _is_below(path)]
    if wrong or not word.isalnum():
        raise ValueError(f"the journal names {wrong[0] if wrong else word!r}, which is no file of the working tree")
    marks = tuple((old, new) for _, old, new in files)
    index = str((folder.parent.parent / "index").resolve()) if second else ""
    return Journal(folder, top, tuple(path for path, _, _ in files), marks, index, (first, second), word)


def _is_below(path: str) -> bool:
    """Whether a path leads to a file of the working tree, and not into its Git folder."""
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in path.split("/"))


def mark(content: bytes) -> str:
    """What tells one content from another."""
    return sha256(content).hexdigest()
