"""Lays trees out in folders of our own, so that the working tree of the user is never written.

A shadow is kept from run to run with a private index; only what differs is rewritten, and everything where the
attributes or settings differ by which Git turns blobs into files. Whatever a run left behind in it
is removed first. Files that were rewritten lose their cached bytecode, since Python trusts a `.pyc` by the second and
size of its source, and two rewrites within a second may have both alike; and so do those whose bytecode may be half.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from gatekeeper.edges.git import GitError, Repository
from gatekeeper.model.frozen import dataclass, replace

_ARTEFACTS = (".so", ".pyd", ".dylib", ".dll")
VERSION_FILES = ("_version.py", "__version__.py", "version.py", "_versions.py", "__about__.py")
"""The names of files that an install step writes the version of a project into."""

_INSTALLED = ("node_modules",)
_BLOCK = 512  # bytes; the blocks of all file systems, and the units of `ulimit -f`, are whole multiples of it


@dataclass(frozen=True, slots=True)
class Shadow:
    """A folder that holds exactly one tree, the files borrowed from the working tree, and those untracked there."""

    folder: Path
    borrowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def folder_in(place: Path) -> Path:
    """The folder in a place in which `lay_out` lays a tree out."""
    return place / "tree"


def lay_out(repository: Repository, tree: str, place: Path) -> Shadow:
    """Make the folder `tree` in `place` hold this tree and nothing else (cached bytecode apart).

    `place` belongs to the caller alone. Where it is damaged in a way that Git stumbles over, it is made anew.
    """
    for lock in place.glob("*.lock"):  # of a Git that was killed, or met a full disk: no other is at work here
        lock.unlink()
    if folder_in(place).is_symlink():
        _empty(place)
    try:
        return _lay_over(repository, tree, place)
    except (GitError, OSError):
        _empty(place)
        return _lay_over(repository, tree, place)


def _empty(place: Path) -> None:
    """Remove a place with everything in it, also what somebody closed against writing."""
    for folder, _, _ in os.walk(place):
        Path(folder).chmod(0o700)
    shutil.rmtree(place)


def _lay_over(repository: Repository, tree: str, place: Path) -> Shadow:
    folder, index, stamp = folder_in(place), place / "index", place / "stamp"
    folder.mkdir(parents=True, exist_ok=True)
    env = {"GIT_INDEX_FILE": str(index)}
    rules = repository.layout_rules(tree)
    stamped = stamp.read_text("ascii", "replace") if stamp.exists() and index.exists() else ""
    old, _, old_rules = stamped.partition(" ")
    stamp.unlink(missing_ok=True)  # a run that dies from here on leaves a shadow that nobody trusts
    _remove_links(folder)
    if old and old_rules == rules and _forget_bytecode(repository, folder, old, tree):
        _forget_half_bytecode(folder)
        keep = ["-e", "__pycache__"]
    else:
        index.unlink(missing_ok=True)
        keep = []
    where = str(folder)
    repository.run("read-tree", "--reset", "-u", tree, env=env, work_tree=where)
    repository.run("checkout-index", "--all", "--force", "--index", "--quiet", env=env, work_tree=where)
    repository.run("clean", "-ffdxq", *keep, env=env, work_tree=where)
    notes = _lay_out_submodules(repository, tree, place)
    stamp.write_text(f"{tree} {rules}")
    return Shadow(folder, notes=notes)


def borrow(repository: Repository, shadow: Shadow, packages: Sequence[str], patterns: Sequence[str]) -> Shadow:
    """Take over from the working tree what is no part of any tree because an install step makes it.

    These are ignored files inside the folders `packages` (compiled extensions and version files), what matches the
    pathspecs `patterns`, ignored or not, since somebody named it, and `node_modules`, as a link.
    """
    if repository.top is None:
        return shadow
    top = Path(repository.top)
    borrowed = []
    for name in _borrowable(repository, packages, patterns):
        source, copy = top / name, shadow.folder / name
        if copy.exists() or copy.is_symlink() or not source.is_file() or source.is_symlink():
            continue
        if _leads_out(shadow.folder, copy):
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        borrowed.append(name)
    for name in _INSTALLED:
        for installed in (top / name, *(top / package / name for package in packages)):
            link = shadow.folder / installed.relative_to(top)
            if (
                installed.is_dir()
                and link.parent.is_dir()
                and not link.exists()
                and not _leads_out(shadow.folder, link)
            ):
                link.symlink_to(installed)
                borrowed.append(installed.relative_to(top).as_posix())
    return replace(shadow, borrowed=tuple(sorted(borrowed)), absent=_untracked(repository, borrowed))


def _leads_out(folder: Path, place: Path) -> bool:
    """Whether a place inside the folder lies elsewhere in truth, since a link of the tree stands on the way to it."""
    return not place.parent.resolve().is_relative_to(folder.resolve())


def _untracked(repository: Repository, borrowed: Sequence[str]) -> tuple[str, ...]:
    output = repository.run("ls-files", "--others", "--exclude-standard", "--directory", "--no-empty-directory", "-z")
    names = [name for name in output.decode("utf-8", "surrogateescape").split("\0") if name]
    top = Path(repository.top or "")
    return tuple(n for n in names if n not in borrowed and not (top / n / "pyvenv.cfg").exists())


def _borrowable(repository: Repository, packages: Sequence[str], patterns: Sequence[str]) -> list[str]:
    others = ("ls-files", "--others", "-z")
    names: set[str] = set()
    folders = [f":(top,literal){package}" for package in packages if package]
    if folders:
        output = repository.run(*others, "--ignored", "--exclude-standard", "--", *folders).decode(
            "utf-8", "surrogateescape"
        )
        names |= {n for n in output.split("\0") if n.endswith(_ARTEFACTS) or Path(n).name in VERSION_FILES}
    if patterns:
        wanted = (f":(top,glob){pattern}" for pattern in patterns)
        names |= set(repository.run(*others, "--", *wanted).decode("utf-8", "surrogateescape").split("\0"))
    return sorted(name for name in names if name)


def _remove_links(folder: Path) -> None:
    """Take away links to installed folders, lest anything that cleans the shadow follows them."""
    for name in _INSTALLED:
        for link in (folder / name, *folder.glob(f"*/{name}"), *folder.glob(f"*/*/{name}")):
            if link.is_symlink():
                link.unlink()


def _forget_bytecode(repository: Repository, folder: Path, old: str, new: str) -> bool:
    """Remove the bytecode of what differs between two trees; tells whether Git still has the old one."""
    if old == new:
        return True
    status, output, _ = repository.attempt("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
    for name in output.decode("utf-8", "surrogateescape").split("\0"):
        if name.endswith(".py"):
            source = folder / name
            for cached in (source.parent / "__pycache__").glob(f"{_literal(source.stem)}.*.pyc"):
                cached.unlink(missing_ok=True)
    return status == 0


def _forget_half_bytecode(folder: Path) -> None:
    """Remove bytecode that may be the first half of a file, from a run that met a full disk.

    Python before 3.12.8 and 3.13.1 keeps it, and then cannot import the module, with room or without. A write is cut
    off at the end of a block, so the size tells; a whole file that happens to have such a size is compiled anew.
    """
    for place, _, names in os.walk(folder):
        if place.endswith("__pycache__"):
            for cached in (Path(place, name) for name in names if name.endswith(".pyc")):
                if cached.lstat().st_size % _BLOCK == 0:
                    cached.unlink()


def _literal(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _lay_out_submodules(repository: Repository, tree: str, place: Path) -> tuple[str, ...]:
    """Fill in the submodules that the user has checked out and whose wanted commit is there; tell of the others."""
    notes = []
    for path, commit in repository.submodules(tree):
        inner = _inner_repository(repository, path)
        if inner is None or inner.attempt("cat-file", "-e", f"{commit}^{{commit}}")[0]:
            notes.append(f"submodule {path} is not checked out at {commit[:9]}: its folder is empty")
            continue
        index = place / f"submodule-{sha256(os.fsencode(path)).hexdigest()[:16]}-{inner.layout_rules(commit)}.index"
        env, where = {"GIT_INDEX_FILE": str(index)}, str(folder_in(place) / path)
        inner.run("read-tree", "--reset", "-u", commit, env=env, work_tree=where)
        inner.run("checkout-index", "--all", "--force", "--index", "--quiet", env=env, work_tree=where)
        inner.run("clean", "-ffdxq", env=env, work_tree=where)
    return tuple(notes)


def _inner_repository(repository: Repository, path: str) -> Repository | None:
    if repository.top is None:
        return None
    link = Path(repository.top, path, ".git")
    if link.is_file():
        target = link.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
        git_dir = str(Path(os.path.normpath(link.parent / target)))
    elif link.is_dir():
        git_dir = str(link)
    else:
        return None
    return Repository(str(link.parent), git_dir, git_dir, repository.lock)


def may_hold_stale_bytecode(top: Path, paths: Sequence[str]) -> bool:
    """Whether Python could take old bytecode for one of these sources: both were written in the same second."""
    for path in paths:
        source = top / path
        for cached in (source.parent / "__pycache__").glob(f"{_literal(source.stem)}.*.pyc"):
            if int(cached.stat().st_mtime) <= int(source.stat().st_mtime):
                return True
    return False


def older_than_sources(top: Path, packages: Sequence[str], sources: Sequence[str]) -> tuple[str, ...]:
    """The compiled extensions in the packages' folders that were built before one of these sources was written."""
    times = [(top / source).stat().st_mtime for source in sources if (top / source).is_file()]
    if not times:
        return ()
    built = (file for package in packages for file in (top / package).rglob("*") if file.name.endswith(_ARTEFACTS))
    return tuple(sorted(file.relative_to(top).as_posix() for file in built if file.stat().st_mtime < max(times)))
