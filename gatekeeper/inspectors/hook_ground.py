"""Makes the repository in which hooks may do what they like: a copy of the candidate, and the change staged in it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.edges.git import Repository
from gatekeeper.edges.git_program import execute
from gatekeeper.model.errors import GatekeeperError

_SHARED_SETTINGS = ("core.autocrlf", "core.eol", "core.filemode", "core.symlinks", "core.ignorecase")


@dataclass(frozen=True)
class Ground:
    """The working tree of the repository that was made."""

    work: Path


def make_ground(request: Mapping[str, Any]) -> Ground:
    """A repository whose working tree and index are the head tree, and whose HEAD is the commit it is compared with.

    It reads the objects of the real repository and has refs, index and configuration of its own, so that nothing a
    hook does reaches the real one. Raises `GatekeeperError` where Git refuses.
    """
    source = _source(str(request["git_dir"]))
    work = Path(request["scratch"], "hooks")
    branch = _branch(source)
    hash_name = source.run("rev-parse", "--show-object-format").decode().strip()
    work.mkdir(parents=True)
    _git("init", "--quiet", "--template=", f"--object-format={hash_name}", f"--initial-branch={branch or 'main'}", work)
    made = Repository(str(work), str(work / ".git"), str(work / ".git"))
    _share_objects(Path(source.common_dir), work / ".git")
    for name in _SHARED_SETTINGS:
        status, output, _ = source.attempt("config", "--get", name)
        if status == 0:
            made.run("config", name, output.decode("utf-8", "replace").strip())
    if request["head"]:
        detached = () if branch else ("--no-deref",)
        made.run("update-ref", *detached, "HEAD", str(request["head"]))
    made.run("read-tree", str(request["head_tree"]))
    candidate = Path(request["candidate"])
    _copy(made, candidate, work, str(request["head_tree"]))
    for name in request["borrowed"]:
        _copy_file(candidate / name, work / name)
    made.attempt("update-index", "-q", "--refresh")
    return Ground(work)


def _source(git_dir: str) -> Repository:
    asked = [f"--git-dir={git_dir}", "rev-parse", "--path-format=absolute", "--git-common-dir"]
    status, output, error = execute(asked, git_dir)
    if status:
        raise GatekeeperError(f"the repository cannot be read: {error.strip()}")
    return Repository(None, git_dir, output.decode("utf-8", "surrogateescape").removesuffix("\n"))


def _git(*arguments: str | Path) -> None:
    status, _, error = execute([str(argument) for argument in arguments], "/")
    if status:
        raise GatekeeperError(f"git {arguments[0]} failed: {error.strip()}")


def _branch(source: Repository) -> str:
    """The branch that is checked out, or empty: some hooks ask for its name."""
    status, output, _ = source.attempt("symbolic-ref", "--quiet", "HEAD")
    name = output.decode("utf-8", "surrogateescape").strip()
    return name.removeprefix("refs/heads/") if status == 0 and name.startswith("refs/heads/") else ""


def _share_objects(common: Path, git_dir: Path) -> None:
    objects = common / "objects"
    places = [objects]
    alternates = objects / "info" / "alternates"
    if alternates.is_file():  # Git takes relative ones of the first level only
        lines = alternates.read_text("utf-8", "surrogateescape").splitlines()
        places += [objects / line for line in lines if line and not line.startswith(("#", '"'))]
    text = "".join(f"{place}\n" for place in places)
    (git_dir / "objects" / "info").mkdir(parents=True, exist_ok=True)
    (git_dir / "objects" / "info" / "alternates").write_bytes(text.encode("utf-8", "surrogateescape"))
    if (common / "shallow").is_file():
        shutil.copyfile(common / "shallow", git_dir / "shallow")


def _copy(made: Repository, candidate: Path, work: Path, tree: str) -> None:
    links = {path for path, _ in made.submodules(tree)}
    for name in made.names(tree):
        if name in links:
            (work / name).mkdir(parents=True, exist_ok=True)
        else:
            _copy_file(candidate / name, work / name)


def _copy_file(source: Path, target: Path) -> None:
    """Copy one file, or one link as a link; never through a link that stands in the way."""
    if not source.is_symlink() and not source.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)
