"""Notices what agents have done to the branches, the tags and the stash of the user, and puts back what they moved."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gatekeeper.edges.attempts import Attempts
from gatekeeper.edges.fix_files import write_durably
from gatekeeper.edges.git import Repository
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.worktrees import REFERENCES
from gatekeeper.formats.terminal_text import phrase

_KINDS = ("refs/heads", "refs/tags", "refs/stash")
_RESULTS = "refs/heads/gatekeeper/"
_WORKTREE_OF_A_RUN = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}\.")


def snapshot_refs(repository: Repository, run: RunFolder) -> None:
    """Note where the user's references point before agents begin; it is on the disk then."""
    write_durably(run.folder / "refs.json", json.dumps(_references(repository)).encode())


def moved_refs(repository: Repository, run: RunFolder) -> tuple[str, ...]:
    """Name the references that moved since the snapshot, and that the user has not moved.

    It may be asked while agents are at work, by one thread at a time.

    One that points to a commit which an agent has come to in its own worktree was moved by that agent: it is put back
    by its exact value, and what it pointed to stays as a reference of the run. Of any other the command that puts it
    back is told. What the log of the user's own HEAD names is the user's doing, and is not told.
    """
    try:
        before: dict[str, str] = json.loads((run.folder / "refs.json").read_bytes())
    except (OSError, ValueError):
        return ()
    after = _references(repository)
    agents = Attempts(run.folder).all_heads()
    users = _heads_of_user(repository)
    told = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ""), after.get(name, "")
        result = not old and name.startswith(_RESULTS)  # the branch of another run that came to its end
        if old != new and not result and not (users and new in users):
            proven = new in agents and bool(users)
            told.append(_put_back(repository, run, (name, old, new)) if proven else _named(name, old, new))
    write_durably(run.folder / "refs.json", json.dumps(_references(repository)).encode())
    return tuple(told)


def _references(repository: Repository) -> dict[str, str]:
    """The object of each reference of the user."""
    form = "--format=%(refname)%00%(objectname)"
    lines = repository.run("for-each-ref", form, *_KINDS).decode("utf-8", "surrogateescape").splitlines()
    return {name: target for name, _, target in (line.partition("\0") for line in lines)}


def _heads_of_user(repository: Repository) -> frozenset[str]:
    """The commits that HEAD has come to in the working trees that are no agent's; empty where that is not logged."""
    logs = [Path(repository.common_dir, "logs", "HEAD"), Path(repository.git_dir, "logs", "HEAD")]
    entries = Path(repository.common_dir, "worktrees")
    if entries.is_dir():
        mine = (entry for entry in entries.iterdir() if not _WORKTREE_OF_A_RUN.match(entry.name))
        logs += [entry / "logs" / "HEAD" for entry in mine]
    lines = (line for log in logs if log.is_file() for line in log.read_text("utf-8", "replace").splitlines())
    return frozenset(word for line in lines for word in line.split()[1:2])


def _put_back(repository: Repository, run: RunFolder, moved: tuple[str, str, str]) -> str:
    name, old, new = moved
    kept = f"{REFERENCES}/{run.name}/moved/{name.removeprefix('refs/')}"
    back = f"update {name} {old} {new}" if old else f"delete {name} {new}"
    lines = f"update {kept} {new}\n{back}\n"
    status, _, _ = repository.attempt("update-ref", "--stdin", stdin=lines.encode("utf-8", "surrogateescape"))
    if status:
        return _named(name, old, new)
    what = (
        f"moved {phrase(name)} from {old[:9]} to {new[:9]}; it was put back"
        if old
        else f"made {phrase(name)}; it was removed"
    )
    return f"an agent {what}, and {new[:9]} is kept as {phrase(kept)}"


def _named(name: str, old: str, new: str) -> str:
    if not new:
        return f"{phrase(name)} was removed during the run; git update-ref {phrase(name)} {old} brings it back"
    if not old:
        return f"{phrase(name)} was made during the run, at {new[:9]}"
    command = f"git update-ref {phrase(name)} {old} {new}"
    return f"{phrase(name)} was moved during the run from {old[:9]} to {new[:9]}; if that was an agent: {command}"
