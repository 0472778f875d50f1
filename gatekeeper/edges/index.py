"""Writes the tree of the index, and that of the working tree as Git would add it, without touching either."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.edges.git_program import execute


def index_tree(repository: Repository) -> str:
    """Write the tree of the index that Git would commit, without touching that index, and tell its id.

    `git write-tree` rewrites the index file to remember what it computed, so it is given a copy. Of an index that is
    still the same file it is not asked again: Git never writes into one, but puts another one in its place.
    """
    stamp = _stamp(_index(repository))
    if stamp is not None and stamp in repository.index_trees:
        return repository.index_trees[stamp]
    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        tree = repository.run("write-tree", env={"GIT_INDEX_FILE": _copied(repository, folder)}).decode().strip()
    if stamp is not None:
        repository.index_trees[stamp] = tree
    return tree


def worktree_tree(repository: Repository) -> str:
    """Write the tree of the working tree with its untracked files, without touching the index, and tell its id."""
    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        env = {"GIT_INDEX_FILE": _copied(repository, folder)}
        links = _submodules(repository, env)
        # to add a submodule, Git would look for changes inside of it by the filters that are configured there
        apart = [f":(top,exclude,literal){path}" for path in links]
        repository.run("add", "--all", *(["--", ":(top)", *apart] if apart else []), env=env)
        if links:
            records = "".join(_checked_out(repository, path) for path in links).encode("utf-8", "surrogateescape")
            repository.run("update-index", "-z", "--index-info", stdin=records, env=env)
        return repository.run("write-tree", env=env).decode().strip()


def _submodules(repository: Repository, env: Mapping[str, str]) -> tuple[str, ...]:
    """The paths of the submodules in the index that are checked out."""
    entries = (line.partition(b"\t") for line in repository.run("ls-files", "--stage", "-z", env=env).split(b"\0"))
    paths = (path.decode("utf-8", "surrogateescape") for head, _, path in entries if head.startswith(b"160000 "))
    places = ((path, Path(repository.top or "", path)) for path in paths)
    return tuple(path for path, place in places if not place.is_symlink() and (place / ".git").exists())


def _checked_out(repository: Repository, path: str) -> str:
    """What `git update-index` is told of a submodule: the commit that is checked out in it, or nothing."""
    place = Path(repository.top or "", path)
    asked = [f"--git-dir={place}/.git", "rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
    status, output, _ = execute(asked, str(place))
    return f"160000 {output.decode().strip()}\t{path}\0" if status == 0 else ""


def hidden_edits(repository: Repository) -> bool:
    """Whether the index tells Git to overlook edits of some file (assume-unchanged, skip-worktree)."""
    lines = repository.run("ls-files", "-v", "-z").split(b"\0")
    return any(line[:1] == b"S" or line[:1].islower() for line in lines)


def _copied(repository: Repository, folder: str) -> str:
    """Copy the index that Git uses now and tell the place of the copy."""
    source, copy = _index(repository), Path(folder, "index")
    if source.exists():
        copy.write_bytes(source.read_bytes())
    return str(copy)


def _index(repository: Repository) -> Path:
    """The index that Git uses now, which a hook may have replaced."""
    return Path(repository.top or repository.git_dir, os.environ.get("GIT_INDEX_FILE") or f"{repository.git_dir}/index")


def _stamp(file: Path) -> tuple[str, int, int, int, int] | None:
    """What tells a file from the one that stood in its place before; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return str(file), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
