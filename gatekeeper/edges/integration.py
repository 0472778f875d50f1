"""Joins commits without a working tree, and brings the result to the user as a branch or as a patch."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from gatekeeper.edges.apply_head import apply_to_user
from gatekeeper.edges.commit_writer import write_commit
from gatekeeper.edges.git import GitError, Repository
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.orchestration import Merge

__all__ = ["apply_to_user", "make_branch", "merge", "patch_of_run"]


def merge(repository: Repository, ours: str, theirs: str, base: str, message: str) -> Merge:
    """Join two commits that both stand on `base`; no working tree, index or reference is touched.

    The rules of `.gitattributes` are those of `base`, and a merge driver that the repository configures is none: the
    text is merged as Git itself does it. Raises `GitError` where Git is too old or an object is missing.
    """
    started = time.monotonic()
    if ours == base:
        tree, conflicts = repository.tree(theirs), tuple[str, ...]()
    elif theirs == base:
        return Merge(ours, repository.tree(ours), seconds=time.monotonic() - started)
    else:
        tree, conflicts = _join(repository, (ours, theirs, base))
    if conflicts:
        return Merge("", "", conflicts, time.monotonic() - started)
    commit = write_commit(repository, tree, (ours, theirs), message)
    return Merge(commit, tree, seconds=time.monotonic() - started)


def _join(repository: Repository, commits: tuple[str, str, str]) -> tuple[str, tuple[str, ...]]:
    """The tree that two commits make on their base, or the paths in conflict."""
    ours, theirs, base = commits
    # Git before 2.40 cannot be told the base: so the trees get commits of their own that stand on it
    sides = [write_commit(repository, f"{side}^{{tree}}", (base,), "A side of a merge") for side in (ours, theirs)]
    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        private, objects = _private(repository, base, Path(folder))
        asked = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages")
        status, output, said = private.attempt(*asked, *sides, env={"GIT_OBJECT_DIRECTORY": objects})
    tree, *paths = output.decode("utf-8", "surrogateescape").split("\0")
    if status == 0:
        return tree, ()
    if status == 1:
        return "", tuple(dict.fromkeys(path for path in paths if path))
    if "usage:" in said:
        version = repository.run("version").decode("ascii", "replace").strip().removeprefix("git version ")
        raise GitError(f"Git {version} cannot join commits without a working tree", "install Git 2.38 or newer")
    raise GitError(f"git merge-tree failed: {said.strip() or f'exit code {status}'}")


def _private(repository: Repository, base: str, folder: Path) -> tuple[Repository, str]:
    """A repository without configuration, whose working tree holds but the attributes of the base; and its objects.

    So nothing that the repository configures can name a merge driver, wherever that is written.
    """
    git_dir, top = folder / "git", folder / "tree"
    for made in (git_dir / "refs", git_dir / "objects", top):
        made.mkdir(parents=True)
    sha256 = len(base) == 64
    kind = "[extensions]\nobjectFormat = sha256\n" if sha256 else ""
    (git_dir / "config").write_text(f"[core]\nrepositoryFormatVersion = {int(sha256)}\nbare = false\n{kind}")
    (git_dir / "HEAD").write_text("ref: refs/heads/none\n")
    rules = {
        path: name for path, name in repository.objects(base).items() if path.rpartition("/")[2] == ".gitattributes"
    }
    links = repository.links(base) if rules else frozenset()
    for path, content in zip(rules, repository.contents(rules.values(), 1 << 20), strict=True):
        if content is not None and path not in links:
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(content)
    return Repository(str(top), str(git_dir), str(git_dir), repository.lock), f"{repository.common_dir}/objects"


def make_branch(repository: Repository, name: str, commit: str) -> None:
    """Make a branch at a commit; one that is there already, at this commit, will do.

    Raises `UsageError` for a name that is none, and for a branch that points elsewhere.
    """
    status, output, _ = repository.attempt("check-ref-format", "--branch", name)
    if (
        status
        or output.decode("utf-8", "surrogateescape").strip() != name
        or name.startswith("-")
        or name in ("HEAD", "@")
    ):
        raise UsageError(f"{name!r} is no name for a branch", "give letters, digits, `-`, `_` and `/`")
    reference = f"refs/heads/{name}"
    status, _, said = repository.attempt(
        "update-ref", "-m", "gatekeeper: the work of a run", reference, commit, "0" * len(commit)
    )
    if status == 0:
        return
    found = repository.commit(reference)
    if found == commit:
        return
    if found:
        raise UsageError(f"the branch {name} exists and points to {found[:9]}", "give another name")
    raise GatekeeperError(f"the branch {name} cannot be made: {said.strip()}", "give another name")


def patch_of_run(repository: Repository, base: str, commit: str) -> bytes:
    """The difference of two commits as `git apply --index` takes it, binary files included."""
    form = ("--binary", "--full-index", "--no-renames", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    plain = ("--no-ext-diff", "--no-textconv", "--submodule=short", "--ignore-submodules=none")
    return repository.run("diff-tree", "-r", "-p", *form, *plain, base, commit)
