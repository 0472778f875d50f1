"""Brings the branch that the user has checked out forward to a commit, with its index and its files, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from gatekeeper.edges.apply_journal import Move, Moves, is_folder, mark_of, parents_of, write_moves
from gatekeeper.edges.apply_steps import alone, carry_out
from gatekeeper.edges.gathering import Changed, changes
from gatekeeper.edges.git import GitError, Repository
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.errors import GatekeeperError, UsageError

_NAMED = 5
_KEEP_CACHES = ("-c", "core.untrackedCache=keep")


def apply_to_user(repository: Repository, expected_head: str, commit: str) -> tuple[str, ...]:
    """Move HEAD, the index and the working tree from one commit to a later one; tells what is worth knowing.

    Everything that the user has edited or staged elsewhere stays as it is. Raises `GatekeeperError`, and has changed
    nothing then, where HEAD is another commit, where a file of the change has edits, or where an untracked file is in
    the way. A kill leaves a journal by which `recover_apply` takes everything back, or completes it.
    """
    if repository.top is None:
        raise UsageError("a bare repository has no working tree to change", "give --branch instead")
    _refuse_moved(repository, expected_head, commit)
    changed = changes(repository, repository.tree(expected_head), repository.tree(commit))
    try:
        with alone(repository) as (held, draft):
            _refuse_edits(held, changed, draft)
            carry_out(held, _prepare(held, changed, (expected_head, commit), draft))
    except OSError as error:
        raise GatekeeperError(
            f"the work could not be brought into the working tree: {error.strerror or error}",
            "make room or give the right to write; nothing was changed",
        ) from error
    own = {"GIT_INDEX_FILE": f"{repository.git_dir}/index"}
    repository.attempt(*_KEEP_CACHES, "update-index", "-q", "--refresh", env=own)
    modules = [change.path for change in changed if "160000" in (change.old_mode, change.mode)]
    return tuple(f"{phrase(path)} is a submodule: run `git submodule update` for its files" for path in modules)


def _refuse_moved(repository: Repository, expected: str, commit: str) -> None:
    head, _ = repository.head()
    if head != expected:
        now = f"it is {head[:9]}" if head else "it has no commit"
        raise GatekeeperError(
            f"HEAD has moved since the run began: {now}, and was {expected[:9]}",
            "merge the branch of the run instead, or check out the commit it began with",
        )
    if repository.attempt("merge-base", "--is-ancestor", expected, commit)[0]:
        raise GatekeeperError(f"{commit[:9]} does not come after {expected[:9]}", "merge it instead")
    for name, what in (("MERGE_HEAD", "merge"), ("rebase-merge", "rebase"), ("rebase-apply", "rebase")):
        if Path(repository.git_dir, name).exists():
            raise GatekeeperError(f"a {what} is under way", f"finish it, or give it up: git {what} --abort")


def _refuse_edits(repository: Repository, changed: Sequence[Changed], draft: Path) -> None:
    """Refuse where the index or a file of the change is not as in HEAD; only copies are written."""
    new = draft / "index.new"
    shutil.copy2(Path(repository.git_dir, "index"), new)
    env = {"GIT_INDEX_FILE": str(new)}
    repository.attempt(*_KEEP_CACHES, "update-index", "-q", "--really-refresh", env=env)
    paths = {change.path for change in changed}
    asked = ("-z", "--name-only", "--no-renames", "--ignore-submodules=all")
    touched = set()
    for command in (("diff-index", "--cached", *asked, "HEAD"), ("diff-files", *asked)):
        output = repository.run(*command, "--", env=env)
        touched |= paths & set(output.decode("utf-8", "surrogateescape").split("\0"))
    if touched:
        raise GatekeeperError(
            f"{_named(touched)} {_has(touched)} edits of yours", "commit or stash them, then run again"
        )
    blocked = set(_in_the_way(Path(repository.top or ""), changed))
    if blocked:
        raise GatekeeperError(
            f"{_named(blocked)} would be overwritten, and {'is' if len(blocked) == 1 else 'are'} not in Git",
            "move them away, then run again",
        )


def _in_the_way(top: Path, changed: Sequence[Changed]) -> list[str]:
    """What stands where new files come, and is none of the files that go."""
    known = {change.path for change in changed if change.old_mode not in ("000000", "160000")}
    found = []
    for change in changed:
        if change.mode in ("000000", "160000"):
            continue
        if any(part.lower() in ("", ".", "..", ".git") for part in change.path.split("/")):
            raise GatekeeperError(f"{phrase(change.path)} is no name for a file of a working tree")
        solid = [each for each in parents_of(change.path) if os.path.lexists(top / each) and not is_folder(top / each)]
        found += [each for each in solid if each not in known]
        place = top / change.path
        if change.path in known or solid or not os.path.lexists(place):
            continue
        if not is_folder(place):
            found.append(change.path)
            continue
        inner = [os.path.join(root, name) for root, _, names in os.walk(place) for name in names]  # noqa: PTH118
        found += [name for name in (each.removeprefix(f"{top}/") for each in inner) if name not in known]
    return found


def _prepare(repository: Repository, changed: Sequence[Changed], ends: tuple[str, str], draft: Path) -> Moves:
    """Lay the new files and the new index out beside the old ones, and write the journal."""
    env = {"GIT_INDEX_FILE": str(draft / "index.new")}
    records = "".join(
        f"{change.mode} {change.object_id}\t{change.path}\0"
        for change in sorted(changed, key=lambda change: change.mode != "000000")
    )
    put = (*_KEEP_CACHES, "update-index", "-z", "--index-info")
    repository.run(*put, stdin=records.encode("utf-8", "surrogateescape"), env=env)
    files = [change for change in changed if "160000" not in (change.old_mode, change.mode)]
    new = "".join(f"{change.path}\0" for change in files if change.mode != "000000")
    stage = draft / "new"
    stage.mkdir()
    out = ("checkout-index", "-z", "--stdin", f"--prefix={stage}/")
    repository.run(*out, stdin=new.encode("utf-8", "surrogateescape"), env=env)
    moves = []
    for change in files:
        before = mark_of(Path(repository.top or "", change.path)) if change.old_mode != "000000" else ""
        after = mark_of(stage / change.path) if change.mode != "000000" else ""
        if change.mode != "000000" and not after:
            raise GitError(f"Git has not laid out {phrase(change.path)}")
        moves.append(Move(change.path, before, after))
    return write_moves(repository, draft, tuple(moves), ends)


def _named(paths: set[str]) -> str:
    names = sorted(paths)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(phrase(name) for name in names[:_NAMED])}{more}"


def _has(paths: set[str]) -> str:
    return "has" if len(paths) == 1 else "have"
