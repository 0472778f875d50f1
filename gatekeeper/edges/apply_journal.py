"""Moves the user's files, branch and index to a commit step by step, so that a kill leaves all of it done, or none.

New files are laid out beside, old ones are moved aside by a rename, which keeps the very file. The branch moves when
all files have: before that everything is taken back, after it only the index is left to be put in place.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.fix_journal import PATIENCE, PAUSE, LockedError, StaleError
from gatekeeper.edges.git import Repository
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.errors import GatekeeperError


@dataclass(frozen=True, slots=True)
class Move:
    """A file with the marks of what stands there before and after; an empty mark means nothing."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moves:
    """A journal on the disk: its folder, the commits before and after, the files, and the folders that it makes."""

    folder: Path
    ends: tuple[str, str]
    files: tuple[Move, ...]
    made: tuple[str, ...]
    index: str

    @property
    def new_index(self) -> Path:
        """The index that shall be; Git's lock of the index is a second name of it."""
        return self.folder / "index.new"

    @property
    def go(self) -> Path:
        """Stands once everything was found as expected, before the first file is moved."""
        return self.folder / "go"

    def aside(self, number: int) -> Path:
        """Where the old file of a move lies."""
        return self.folder / "old" / str(number)


@contextmanager
def alone(repository: Repository) -> Iterator[tuple[Repository, Path]]:
    """Hold off every other run that would apply or recover here, and settle what an earlier one has left half done.

    Gives the repository for Git commands that write, and a folder in which a journal is drafted. Raises
    `GatekeeperError` where another one does not come to its end, or files cannot be moved by a rename.
    """
    home = _place(repository).parent
    home.mkdir(exist_ok=True)
    if home.stat().st_dev != Path(repository.top or "").stat().st_dev:
        raise GatekeeperError(
            "the working tree lies on another file system than its Git folder",
            "take the branch of the run instead, and merge it with `git merge --ff-only`",
        )
    with (home / "apply.lock").open("w") as lock:
        _wait_for(lock.fileno())
        held = repository.holding(lock.fileno())  # a Git that outlives us keeps the lock until it has ended
        if _place(repository).exists():
            _settle(held)
        for rest in (home / "apply.draft", home / "apply.done"):
            shutil.rmtree(rest, ignore_errors=True)
        (home / "apply.draft").mkdir()
        try:
            yield held, home / "apply.draft"
        finally:
            shutil.rmtree(home / "apply.draft", ignore_errors=True)


def recover_apply(repository: Repository) -> str:
    """What was done about work that was half applied, in one line; empty where there is none.

    Raises `GatekeeperError` where somebody has edited the files since; what is not theirs is put back nevertheless.
    """
    if repository.top is None or not _place(repository).exists():
        return ""
    try:
        with (_place(repository).parent / "apply.lock").open("w") as lock:
            _wait_for(lock.fileno())
            return _settle(repository.holding(lock.fileno())) if _place(repository).exists() else ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GatekeeperError(
            f"work of a run is half applied, and can be neither completed nor taken back: {error}",
            f"{_place(repository)} holds the old files in `old` and the new ones in `new`",
        ) from error


def write_moves(repository: Repository, draft: Path, files: Sequence[Move], ends: tuple[str, str]) -> Moves:
    """Make a journal of a draft that holds `index.new` and the new files in `new`; it is on the disk then."""
    top = Path(repository.top or "")
    (draft / "old").mkdir()
    above = {parent for file in files if file.after for parent in _parents(file.path)}
    made = sorted(parent for parent in above if not (top / parent).is_dir())
    index = Path(repository.git_dir, "index").resolve()
    manifest = {
        "ends": list(ends),
        "files": [[file.path, file.before, file.after] for file in files],
        "made": made,
        "index": mark_of(index),
    }
    write_durably(draft / "manifest.json", json.dumps(manifest).encode())
    shutil.copymode(index, draft / "index.new")
    settle_folder(draft)
    draft.rename(_place(repository))
    settle_folder(_place(repository).parent)
    return _read(repository)


def carry_out(repository: Repository, moves: Moves) -> None:
    """Do all that a journal says; where that fails everything is put back, and the reason is raised."""
    try:
        for step in (_lock, _verify, _move_aside, _move_in, _move_branch, _replace_index):
            step(repository, moves)
    except BaseException:
        if _place(repository).exists():
            _settle(repository)
        raise
    _clear(moves)


def mark_of(place: Path) -> str:
    """What tells one file from another: kind, right to execute and content; empty where nothing stands."""
    try:
        mode = place.lstat().st_mode
        if stat.S_ISLNK(mode):
            content = b"link" + os.fsencode(os.readlink(place))  # noqa: PTH115 - a path would lose doubled slashes
        elif stat.S_ISREG(mode):
            content = (b"program" if mode & 0o100 else b"file") + place.read_bytes()
        else:
            return "other"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return sha256(content).hexdigest()


def _lock(repository: Repository, moves: Moves) -> None:
    """Take Git's own lock of the index: a second name of our new index."""
    deadline = time.monotonic() + PATIENCE
    lock = Path(f"{moves.index}.lock")
    while not _holds(moves):
        try:
            os.link(moves.new_index, lock)
        except FileExistsError:
            if time.monotonic() > deadline:
                raise LockedError(
                    f"the index is locked: {lock} exists",
                    "wait for the other Git command to end; if there is none, remove that file; then run again",
                ) from None
            time.sleep(PAUSE)


def _verify(repository: Repository, moves: Moves) -> None:
    if mark_of(Path(moves.index)) != _manifest(moves.folder)["index"]:
        raise StaleError("the index was changed meanwhile", "run again")
    if repository.head()[0] != moves.ends[0]:
        raise StaleError("HEAD was moved meanwhile", "run again")
    for file in moves.files:
        if mark_of(Path(repository.top or "", file.path)) != file.before:
            raise StaleError(f"{phrase(file.path)} was edited meanwhile", "run again")
    write_durably(moves.go, b"")
    settle_folder(moves.folder)


def _move_aside(repository: Repository, moves: Moves) -> None:
    top = Path(repository.top or "")
    for number, file in enumerate(moves.files):
        if file.before:
            (top / file.path).rename(moves.aside(number))
            if mark_of(moves.aside(number)) != file.before:
                raise StaleError(f"{phrase(file.path)} was edited meanwhile", "run again")
    for file in moves.files:
        if not file.after:
            _remove_empty(top, _parents(file.path))


def _move_in(repository: Repository, moves: Moves) -> None:
    top = Path(repository.top or "")
    for file in moves.files:
        if file.after:
            place = top / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.is_dir() and not place.is_symlink():
                _remove_hollow(place)
            if os.path.lexists(place):
                raise StaleError(f"{phrase(file.path)} was made meanwhile", "move it away, then run again")
            (moves.folder / "new" / file.path).rename(place)


def _move_branch(repository: Repository, moves: Moves) -> None:
    old, new = moves.ends
    repository.run("update-ref", "-m", "gatekeeper: apply the work of a run", "HEAD", new, old)


def _replace_index(repository: Repository, moves: Moves) -> None:
    if not moves.new_index.exists():
        return
    _lock(repository, moves)
    Path(f"{moves.index}.lock").rename(moves.index)
    settle_folder(Path(moves.index).parent)


def _settle(repository: Repository) -> str:
    """Bring a journal to its end: complete it where the branch has moved, or else put everything back."""
    moves = _read(repository)
    old, new = moves.ends
    head, _ = repository.head()
    if head not in (old, "") and repository.attempt("merge-base", "--is-ancestor", new, head)[0] == 0:
        if mark_of(Path(moves.index)) == _manifest(moves.folder)["index"]:
            _replace_index(repository, moves)
        _release(moves)
        _clear(moves)
        return f"the work of a run that was being applied was completed: HEAD is {new[:9]}"
    edited = _take_back(Path(repository.top or ""), moves) if moves.go.exists() else []
    _release(moves)
    if edited:
        kept = moves.folder.with_name(f"apply.kept-{time.strftime('%Y%m%d-%H%M%S')}")
        moves.folder.rename(kept)
        raise GatekeeperError(
            f"the work of a run was taken back, but {phrase(edited[0])} has been edited since, and stays as it is",
            f"what was there before lies in {kept}/old",
        )
    _clear(moves)
    return "the work of a run that was being applied was taken back: everything is as it was"


def _take_back(top: Path, moves: Moves) -> list[str]:
    """Put the old files back in place of the new ones; tells where somebody has edited since."""
    edited = []
    for file in moves.files:
        if file.after and not os.path.lexists(moves.folder / "new" / file.path):
            if mark_of(top / file.path) == file.after:
                (top / file.path).unlink()
            elif os.path.lexists(top / file.path) and not (file.before and mark_of(top / file.path) == file.before):
                edited.append(file.path)
    _remove_empty(top, sorted(moves.made, reverse=True))
    for number, file in enumerate(moves.files):
        if os.path.lexists(moves.aside(number)):
            if os.path.lexists(top / file.path):
                edited.append(file.path)
                continue
            (top / file.path).parent.mkdir(parents=True, exist_ok=True)
            moves.aside(number).rename(top / file.path)
    return list(dict.fromkeys(edited))


def _remove_empty(top: Path, folders: Sequence[str]) -> None:
    for folder in sorted(folders, reverse=True):
        with suppress(OSError):
            (top / folder).rmdir()


def _remove_hollow(folder: Path) -> None:
    """Remove a folder that holds nothing but folders."""
    for root, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            Path(root).rmdir()


def _release(moves: Moves) -> None:
    if _holds(moves):
        Path(f"{moves.index}.lock").unlink()


def _holds(moves: Moves) -> bool:
    try:
        return Path(f"{moves.index}.lock").samefile(moves.new_index)
    except OSError:
        return False


def _clear(moves: Moves) -> None:
    done = moves.folder.with_name("apply.done")
    shutil.rmtree(done, ignore_errors=True)
    moves.folder.rename(done)
    shutil.rmtree(done, ignore_errors=True)


def _read(repository: Repository) -> Moves:
    """The journal of a working tree; raises `ValueError` for one that names anything but files of the working tree."""
    data = _manifest(_place(repository))
    files = tuple(Move(str(path), str(before), str(after)) for path, before, after in data["files"])
    for path in (*(file.path for file in files), *data["made"]):
        if any(word in ("", ".", "..") or word.lower() == ".git" for word in path.split("/")):
            raise ValueError(f"the journal names {path!r}, which is no file of the working tree")
    old, new = data["ends"]
    index = str(Path(repository.git_dir, "index").resolve())
    return Moves(_place(repository), (str(old), str(new)), files, tuple(data["made"]), index)


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_bytes()))


def _place(repository: Repository) -> Path:
    return Path(repository.git_dir, "gatekeeper", "apply")


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _wait_for(lock: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise GatekeeperError("another run is changing this working tree", "wait for it to end") from None
            time.sleep(PAUSE)
