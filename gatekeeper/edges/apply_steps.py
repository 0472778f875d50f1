"""Moves the user's files, branch and index to a commit step by step, so that a kill leaves all of it done, or none.

New files are laid out beside, old ones are moved aside by a rename, which keeps the very file. The branch moves when
all files have: before that everything is taken back, after it only the index is left to be put in place.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from gatekeeper.edges.apply_journal import Moves, is_folder, mark_of, parents_of, place_of, read_manifest, read_moves
from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.fix_journal import PATIENCE, PAUSE, LockedError, StaleError, wait_for
from gatekeeper.edges.git import Repository
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.errors import GatekeeperError

_BUSY = ("another run is changing this working tree", "wait for it to end")


@contextmanager
def alone(repository: Repository) -> Iterator[tuple[Repository, Path]]:
    """Hold off every other run that would apply or recover here, and settle what an earlier one has left half done.

    Gives the repository for Git commands that write, and a folder in which a journal is drafted. Raises
    `GatekeeperError` where another one does not come to its end, or files cannot be moved by a rename.
    """
    home = place_of(repository).parent
    home.mkdir(exist_ok=True)
    if home.stat().st_dev != Path(repository.top or "").stat().st_dev:
        raise GatekeeperError(
            "the working tree lies on another file system than its Git folder",
            "take the branch of the run instead, and merge it with `git merge --ff-only`",
        )
    with (home / "apply.lock").open("w") as lock:
        wait_for(lock.fileno(), *_BUSY)
        held = repository.holding(lock.fileno())  # a Git that outlives us keeps the lock until it has ended
        if place_of(repository).exists():
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
    if repository.top is None or not place_of(repository).exists():
        return ""
    try:
        with (place_of(repository).parent / "apply.lock").open("w") as lock:
            wait_for(lock.fileno(), *_BUSY)
            return _settle(repository.holding(lock.fileno())) if place_of(repository).exists() else ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GatekeeperError(
            f"work of a run is half applied, and can be neither completed nor taken back: {error}",
            f"{place_of(repository)} holds the old files in `old` and the new ones in `new`",
        ) from error


def carry_out(repository: Repository, moves: Moves) -> None:
    """Do all that a journal says; where that fails everything is put back, and the reason is raised."""
    try:
        for _, step in steps(repository, moves):
            step()
    except BaseException:
        if place_of(repository).exists():
            _settle(repository)
        raise


def steps(repository: Repository, moves: Moves) -> list[tuple[str, Callable[[], None]]]:
    """What is to be done, in order, each step by its name."""
    named = {
        "lock": _lock, "verify": _verify, "move aside": _move_aside, "move in": _move_in, "branch": _move_branch,
        "index": _replace_index,
    }  # fmt: skip
    return [
        *((name, partial(step, repository, moves)) for name, step in named.items()),
        ("clear", partial(_clear, moves)),
    ]


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
    if mark_of(Path(moves.index)) != read_manifest(moves.folder)["index"]:
        raise StaleError("the index was changed meanwhile", "run again")
    if repository.head()[0] != moves.ends[0]:
        raise StaleError("HEAD was moved meanwhile", "run again")
    for file in moves.files:
        place = Path(repository.top or "", file.path)
        makes_way = not file.before and is_folder(place)  # its files go; that nothing else is in it was looked at
        if mark_of(place) != file.before and not makes_way:
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
            _remove_empty(top, parents_of(file.path))


def _move_in(repository: Repository, moves: Moves) -> None:
    top = Path(repository.top or "")
    for file in moves.files:
        if file.after:
            place = top / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if is_folder(place):
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
    moves = read_moves(repository)
    old, new = moves.ends
    head, _ = repository.head()
    if head not in (old, "") and repository.attempt("merge-base", "--is-ancestor", new, head)[0] == 0:
        if mark_of(Path(moves.index)) == read_manifest(moves.folder)["index"]:
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
