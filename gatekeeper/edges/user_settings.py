"""Notices what agents have done to the settings, the hooks and the attributes in the Git folder of the user."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.git import Repository
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.formats.terminal_text import fit, phrase

_FILES = (
    *("config", "config.worktree", "info/attributes", "info/exclude", "info/grafts", "info/sparse-checkout"),
    "objects/info/alternates",
)
_TRACKING = ("merge", "remote", "rebase")
_LONGEST_NAMES = 200
_LARGEST = 4 << 20

Seen = dict[str, str]
"""What each file is, by its whole path: "mode digest", or "link target"."""


def snapshot_settings(repository: Repository, run: RunFolder) -> None:
    """Note what rules the user's repository before agents begin, and keep a copy of it; it is on the disk then."""
    _kept(run).mkdir(exist_ok=True)
    _note(repository, run)


def note_alterations(repository: Repository, run: RunFolder) -> tuple[str, ...]:
    """Tell in lines for people which settings, hooks and attributes differ from the snapshot, and make a new one.

    Who changed a file of the Git folder cannot be proven, so nothing is put back: each line has the command for that.
    What is told stays in `alterations` until `forget_alterations`. That a branch got an upstream among the remotes
    that there were is nothing to tell. It may be asked while agents are at work, by one thread at a time.
    """
    try:
        before: Seen = json.loads(_snapshot(run).read_bytes())
    except (OSError, ValueError):
        return ()
    after = _seen(repository)
    told = tuple(
        _told(run, Path(path), before.get(path, ""), _words(repository, run, path, before, after))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path) and _words(repository, run, path, before, after)
    )
    if told:
        _write(_told_file(run), [*alterations(run), *told])
    if before != after:
        _note(repository, run)
    return told


def alterations(run: RunFolder) -> tuple[str, ...]:
    """All that was noted by now, also before a crash, and that nobody was asked to look at yet."""
    try:
        return tuple(map(str, json.loads(_told_file(run).read_bytes())))
    except (OSError, ValueError):
        return ()


def forget_alterations(run: RunFolder) -> None:
    """A person is asked to look at them: whoever goes on with the run takes them as they then are."""
    _told_file(run).unlink(missing_ok=True)


def _note(repository: Repository, run: RunFolder) -> None:
    seen = _seen(repository)
    for path, what in seen.items():
        copy = _copy(run, what)
        if copy and not copy.exists():
            with suppress(OSError):
                content = Path(path).read_bytes()
                if len(content) <= _LARGEST:
                    write_durably(copy, content)
                    copy.chmod(int(what.split()[0], 8))
    _write(_snapshot(run), seen)


def _write(place: Path, content: object) -> None:
    """Write a file that is either the old or the new one, whatever happens."""
    draft = place.with_suffix(".draft")
    write_durably(draft, json.dumps(content).encode())
    draft.replace(place)
    settle_folder(place.parent)


def _seen(repository: Repository) -> Seen:
    found = {}
    for file in _places(repository):
        with suppress(OSError):
            if file.is_symlink():
                found[str(file)] = f"link {file.readlink()}"
            elif file.is_file():
                found[str(file)] = f"{file.stat().st_mode & 0o7777:o} {sha256(file.read_bytes()).hexdigest()}"
    return found


def _places(repository: Repository) -> Iterator[Path]:
    common = Path(repository.common_dir)
    for home in dict.fromkeys((common, Path(repository.git_dir))):
        yield from (home / name for name in _FILES)
    if (common / "hooks").is_symlink():
        yield common / "hooks"
    for folder, _, names in os.walk(common / "hooks"):
        yield from (Path(folder, name) for name in names)


def _words(repository: Repository, run: RunFolder, path: str, before: Seen, after: Seen) -> str:
    """What was done to a file; empty for what is nothing to tell."""
    place, old, new = Path(path), before.get(path, ""), after.get(path, "")
    done = "made" if not old else "removed" if not new else "changed"
    if place.name not in ("config", "config.worktree") or not new or new.startswith("link "):
        return f"{phrase(path)} was {done} during the run"
    copy = _copy(run, old)
    earlier = _settings(repository, copy) if copy and copy.exists() else {} if not old else None
    now = _settings(repository, place)
    if earlier is None or now is None:
        return f"{phrase(path)} was {done} during the run"
    remotes = {name.split(".")[1] for name in earlier if name.startswith("remote.")}
    names = [
        name
        for name in sorted(earlier.keys() | now.keys())
        if earlier.get(name) != now.get(name) and not _is_tracking(name, now.get(name, []), remotes)
    ]
    return f"{phrase(path)} was {done} during the run: {fit(phrase(', '.join(names)), _LONGEST_NAMES)}" if names else ""


def _settings(repository: Repository, file: Path) -> dict[str, list[str]] | None:
    """The values of each setting in a file; None where Git cannot read it."""
    status, output, _ = repository.attempt("config", "--file", str(file), "--no-includes", "-z", "--list")
    if status:
        return None
    found: dict[str, list[str]] = {}
    for entry in output.decode("utf-8", "surrogateescape").split("\0"):
        name, _, value = entry.partition("\n")
        if name:
            found.setdefault(name, []).append(value)
    return found


def _is_tracking(name: str, values: list[str], remotes: set[str]) -> bool:
    """Whether a setting only says which branch of a known remote another one follows, as `git push -u` writes it."""
    if not name.startswith("branch.") or name.rpartition(".")[2] not in _TRACKING:
        return False
    return not name.endswith(".remote") or all(value in (*remotes, ".") for value in values)


def _told(run: RunFolder, place: Path, old: str, words: str) -> str:
    quoted, copy = shlex.quote(str(place)), _copy(run, old)
    if old.startswith("link "):
        command = f"ln -sfn {shlex.quote(old.removeprefix('link '))} {quoted}"
    elif copy is not None:
        command = f"cp -p {shlex.quote(str(copy))} {quoted}"
    else:
        command = f"rm {quoted}"
    return f"{words}; if that was not you: {phrase(command)}"


def _copy(run: RunFolder, what: str) -> Path | None:
    """Where the copy of a file lies; None for a link, and where there was no file."""
    mode, _, digest = what.partition(" ")
    return _kept(run) / f"{digest[:32]}.{mode}" if what and mode != "link" else None


def _kept(run: RunFolder) -> Path:
    return run.folder / "settings"


def _snapshot(run: RunFolder) -> Path:
    return run.folder / "settings.json"


def _told_file(run: RunFolder) -> Path:
    return run.folder / "altered.json"
