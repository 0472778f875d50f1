"""Takes what lies in a worktree into a tree, by an index of our own and without trusting the worktree's own Git."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.formats.globs import matches
from gatekeeper.formats.terminal_text import phrase

LARGE = 100 << 20
"""A file of more bytes is no work of a lane; it is saved and named."""

LEFTOVERS = (
    *("__pycache__/", "*.pyc", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/", ".hypothesis/", ".coverage"),
    *("node_modules/", ".venv/", ".DS_Store"),
)
"""What the tools of a project leave behind, and is no work where the base has no such file."""

_SETTINGS = ("-c", "core.safecrlf=false", "-c", "advice.addEmbeddedRepo=false")


@dataclass(frozen=True, slots=True)
class Changed:
    """A path that differs between two trees: its mode and object before and after, mode "000000" for none."""

    path: str
    old_mode: str
    mode: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What lay in a worktree: the tree without submodules' files, the tree with them, and what is worth knowing.

    `missing` are the paths that could not be read.
    """

    tree: str
    everything: str
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def gather(repository: Repository, base: str, index: Path, litter: Sequence[str]) -> Gathered:
    """The tree of all files below the top of a repository that are not ignored, made with the index given.

    The index holds the tree of `base`, or nothing; `litter` are patterns of new files that are left out. Nothing below
    the top is written, but what is closed against reading is opened. Raises `GitError` where objects cannot be written.
    """
    top = Path(repository.top or "")
    env = {"GIT_INDEX_FILE": str(index)}
    notes = list(_open_up(top))
    patterns = (*LEFTOVERS, *litter)
    submodules = [path for path, _ in repository.submodules(base)] if base else []
    apart = [f":(top,exclude,literal){path}" for path in submodules]
    status, _, said = repository.attempt(*_SETTINGS, "add", "--update", "--", ":(top)", *apart, env=env)
    refused = _insist(repository, env, _unread(repository, env, submodules)) if status or said else []
    loose, nested = _others(repository, env, patterns)
    refused += _insist(repository, env, loose)
    notes += [f"{phrase(each)} is a repository of its own; its files are taken, its history is not" for each in nested]
    inner = [path for folder in nested for path in _files(top, folder) if not matches(path, patterns)]
    missing = _put(repository, env, inner)
    tree = repository.run("write-tree", env=env).decode().strip()
    notes += [f"Git refuses to take {phrase(path)}; it is saved as it is, and not taken" for path in refused]
    gathered = Gathered(tree, tree, tuple(notes), tuple(missing))
    return _everything(repository, env, submodules, refused, gathered)


def changes(repository: Repository, old: str, new: str) -> tuple[Changed, ...]:
    """What differs between two trees, file by file."""
    if old == new:
        return ()
    output = repository.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    fields = output.decode("utf-8", "surrogateescape").split("\0")
    found = []
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, mode, _, object_id, _ = head.removeprefix(":").split(" ")
        found.append(Changed(path, old_mode, mode, object_id))
    return tuple(found)


def with_changes(repository: Repository, base: str, changed: Sequence[Changed], index: Path) -> str:
    """The tree of `base` with these changes, made in a fresh index."""
    index.unlink(missing_ok=True)
    env = {"GIT_INDEX_FILE": str(index)}
    repository.run("read-tree", base, env=env)
    # what goes comes first: a file may stand where a folder was
    ordered = sorted(changed, key=lambda change: change.mode != "000000")
    records = "".join(f"{change.mode} {change.object_id}\t{change.path}\0" for change in ordered)
    repository.run("update-index", "-z", "--index-info", stdin=_bytes(records), env=env)
    return repository.run("write-tree", env=env).decode().strip()


def line_totals(repository: Repository, old: str, new: str) -> tuple[int, int]:
    """How many lines were added and removed between two trees; binary files count none."""
    output = repository.run("diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-textconv", old, new)
    rows = [row.split(b"\t", 2) for row in output.split(b"\0") if row.count(b"\t") >= 2]
    counts = [(int(row[0]), int(row[1])) for row in rows if row[0].isdigit() and row[1].isdigit()]
    return sum(added for added, _ in counts), sum(removed for _, removed in counts)


def _open_up(top: Path) -> Iterator[str]:
    """Open what an agent has closed against its owner, and tell what is neither file, folder nor link."""
    folders = [top]
    while folders:
        folder = folders.pop()
        _permit(folder, folder.lstat().st_mode, 0o700)
        with os.scandir(folder) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    folders.append(Path(entry.path))
                elif stat.S_ISREG(mode):
                    _permit(Path(entry.path), mode, 0o400)
                elif stat.S_ISLNK(mode):
                    if _leads_out(top, entry.path):
                        yield f"{phrase(_inside(top, entry.path))} is a link that leads out of the repository"
                else:
                    yield f"{phrase(_inside(top, entry.path))} is neither a file nor a link, and is not kept"


def _permit(place: Path, mode: int, wanted: int) -> None:
    if mode & wanted != wanted:
        place.chmod(stat.S_IMODE(mode) | wanted)


def _leads_out(top: Path, link: str) -> bool:
    whole = os.path.normpath(os.path.join(os.path.dirname(link), _target(link)))  # noqa: PTH118, PTH120 - any bytes
    return not f"{whole}/".startswith(f"{top}/")


def _target(link: str | Path) -> str:
    return os.readlink(link)  # noqa: PTH115 - a path would lose doubled slashes


def _inside(top: Path, place: str) -> str:
    return place.removeprefix(f"{top}/")


def _others(repository: Repository, env: dict[str, str], litter: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files that the index does not know, and the folders that are repositories of their own."""
    output = repository.run("ls-files", "--others", "--exclude-standard", "-z", env=env)
    names = [name for name in output.decode("utf-8", "surrogateescape").split("\0") if name]
    wanted = [name for name in names if not matches(name.rstrip("/"), litter)]
    return [name for name in wanted if name[-1] != "/"], [name.rstrip("/") for name in wanted if name[-1] == "/"]


def _unread(repository: Repository, env: dict[str, str], submodules: Sequence[str]) -> list[str]:
    """The files that Git knows and that still differ from what it has taken."""
    output = repository.run("diff-files", "-z", "--name-only", "--ignore-submodules=all", env=env)
    names = output.decode("utf-8", "surrogateescape").split("\0")
    return [name for name in names if name and name not in submodules]


def _insist(repository: Repository, env: dict[str, str], paths: Sequence[str]) -> list[str]:
    """Have Git take files into the index, all but those that it refuses: these are told."""
    if not paths:
        return []
    command = (*_SETTINGS, "add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul")
    literally = {**env, "GIT_LITERAL_PATHSPECS": "1"}
    status, _, _ = repository.attempt(*command, stdin=_lines(paths), env=literally)
    if status == 0:
        return []
    if len(paths) == 1:
        return list(paths)
    half = len(paths) // 2
    return _insist(repository, env, paths[:half]) + _insist(repository, env, paths[half:])


def _files(top: Path, folder: str) -> Iterator[str]:
    """The regular files and links below a folder, what belongs to Git itself apart."""
    for place, folders, files in os.walk(top / folder):
        folders[:] = sorted(name for name in folders if name.lower() != ".git")
        for name in sorted([*files, *(name for name in folders if Path(place, name).is_symlink())]):
            mode = Path(place, name).lstat().st_mode
            if name.lower() != ".git" and (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
                yield _inside(top, f"{place}/{name}")


def _put(repository: Repository, env: dict[str, str], paths: Sequence[str]) -> list[str]:
    """Put files into the index as they are, whatever Git thinks of the folder they lie in; tells those that failed."""
    top = Path(repository.top or "")
    files = [path for path in paths if not (top / path).is_symlink()]
    status, output, _ = repository.attempt(
        "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=b"".join(_quoted(path) for path in files)
    )
    if status:  # one of them vanished or cannot be read: find out which, one by one
        return [path for path in paths if not _put_one(repository, env, path)]
    objects = dict(zip(files, output.decode().split(), strict=True))
    records = []
    for path in paths:
        if path in objects:
            mode = "100755" if (top / path).lstat().st_mode & 0o100 else "100644"
            records.append(f"{mode} {objects[path]}\t{path}\0")
        else:
            target = os.fsencode(_target(top / path))
            records.append(f"120000 {_blob(repository, target)}\t{path}\0")
    status, _, _ = repository.attempt("update-index", "-z", "--index-info", stdin=_bytes("".join(records)), env=env)
    return [path for path in paths if not _put_one(repository, env, path)] if status else []


def _put_one(repository: Repository, env: dict[str, str], path: str) -> bool:
    place = Path(repository.top or "", path)
    try:
        mode = place.lstat().st_mode
        content = os.fsencode(_target(place)) if stat.S_ISLNK(mode) else place.read_bytes()
    except OSError:
        return False
    kind = "120000" if stat.S_ISLNK(mode) else "100755" if mode & 0o100 else "100644"
    record = f"{kind} {_blob(repository, content)}\t{path}\0"
    return repository.attempt("update-index", "-z", "--index-info", stdin=_bytes(record), env=env)[0] == 0


def _blob(repository: Repository, content: bytes) -> str:
    return repository.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()


def _everything(
    repository: Repository, env: dict[str, str], submodules: Sequence[str], refused: Sequence[str], gathered: Gathered
) -> Gathered:
    """Also the tree with what Git refused, and with what somebody has put into the folders of submodules."""
    top, notes, missing = Path(repository.top or ""), list(gathered.notes), list(gathered.missing)
    missing += _put(repository, env, [path for path in refused if os.path.lexists(top / path)])
    for path in submodules:
        files = [] if (top / path).is_symlink() else list(_files(top, path))
        if files:
            notes.append(f"{phrase(path)} is a submodule: what lies in it is saved, and is in no commit of the lane")
            repository.run("update-index", "--force-remove", "-z", "--stdin", stdin=_bytes(f"{path}\0"), env=env)
            missing += _put(repository, env, files)
    if not refused and len(notes) == len(gathered.notes):
        return gathered
    everything = repository.run("write-tree", env=env).decode().strip()
    return replace(gathered, everything=everything, notes=tuple(notes), missing=tuple(missing))


def _quoted(path: str) -> bytes:
    """A path as a line for `git hash-object`, quoted where it has to be."""
    plain = os.fsencode(path)
    if plain[:1] != b'"' and b"\n" not in plain:
        return plain + b"\n"
    return b'"' + b"".join(b"\\%03o" % letter for letter in plain) + b'"\n'


def _lines(names: Sequence[str]) -> bytes:
    return _bytes("".join(f"{name}\0" for name in names))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
