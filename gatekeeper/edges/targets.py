"""Finds out what to judge: names two trees from what the user asked for, or from the state of the repository."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.errors import GatekeeperError, UsageError

_USUAL_BASES = ("origin/HEAD", "origin/main", "origin/master", "upstream/main", "main", "master", "trunk")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked to have judged; at most one of the kinds, or none for the default."""

    staged: bool = False
    worktree: bool = False
    whole: bool = False
    base: str = ""
    start: str = ""
    end: str = ""
    in_hook: bool = False


def find_target(repository: Repository, wish: Wish, configured_base: Callable[[], str] = str) -> Target:
    """The target that the wish names.

    Without a wish: the index when something is staged or inside a pre-commit hook; else what HEAD has and the
    configured base, the upstream or the default branch has not; else the changes of the working tree.
    """
    if wish.whole:
        return _whole(repository)
    if wish.worktree:
        return _worktree(repository)
    if wish.start or wish.end:
        return _range(repository, wish.start, wish.end or "HEAD")
    if wish.base:
        return _since(repository, wish.base)
    if wish.staged or wish.in_hook or repository.top is None:
        return _staged(repository)
    return _default(repository, configured_base)


def _default(repository: Repository, configured_base: Callable[[], str]) -> Target:
    staged = _staged(repository)
    if staged.base_tree != staged.head_tree:
        return staged
    base = configured_base() or _usual_base(repository)
    if base:
        target = _since(repository, base)
        if target.base_tree != target.head_tree:
            return target
    return _worktree(repository)


def _usual_base(repository: Repository) -> str:
    for name in ("@{upstream}", *_USUAL_BASES):
        if repository.commit(name):
            return name
    return ""


def _staged(repository: Repository) -> Target:
    _refuse_unmerged(repository)
    head, tree = repository.head()
    against = "HEAD" if head else "nothing (the first commit)"
    return Target(TargetKind.STAGED, tree, repository.index_tree(), f"what is staged, against {against}", head)


def _worktree(repository: Repository) -> Target:
    if repository.top is None:
        raise UsageError("a bare repository has no working tree", "name two commits with --from and --to")
    _refuse_unmerged(repository)
    head, tree = repository.head()
    against = "HEAD" if head else "nothing (no commit yet)"
    return Target(TargetKind.WORKTREE, tree, repository.worktree_tree(), f"the working tree, against {against}", head)


def _whole(repository: Repository) -> Target:
    head, tree = repository.head()
    if not head:
        raise GatekeeperError("there is no commit to judge yet", "commit first, or use --staged or --worktree")
    title = f"every file of {_short(repository, head)}"
    return Target(TargetKind.ALL, repository.empty_tree, tree, title, "", head)


def _range(repository: Repository, start: str, end: str) -> Target:
    if not start:
        raise UsageError("--to needs --from", "name both ends: --from A --to B")
    base, head = _commit(repository, start), _commit(repository, end)
    title = f"{_short(repository, head)} against {_short(repository, base)}"
    return _between(repository, base, head, title)


def _since(repository: Repository, reference: str) -> Target:
    base, head = _commit(repository, reference), _commit(repository, "HEAD")
    status, output, _ = repository.attempt("merge-base", "--", base, head)
    if status:
        raise GatekeeperError(f"HEAD and {reference} have no common commit", _remedy(repository))
    merge_base = output.decode().split()[0]
    name = _readable(repository, reference)
    title = f"{_short(repository, head)} against {name} (merge base {_short(repository, merge_base)})"
    return _between(repository, merge_base, head, title)


def _between(repository: Repository, base: str, head: str, title: str) -> Target:
    message = repository.run("log", "--format=%B", f"{base}..{head}", "--").decode("utf-8", "replace")
    return Target(TargetKind.RANGE, repository.tree(base), repository.tree(head), title, base, head, message)


def _commit(repository: Repository, name: str) -> str:
    commit = repository.commit(name)
    if commit is None:
        raise GatekeeperError(f"{name!r} names no commit in this repository", _remedy(repository))
    return commit


def _remedy(repository: Repository) -> str:
    shallow = repository.run("rev-parse", "--is-shallow-repository").strip() == b"true"
    if shallow:
        return (
            "this is a shallow clone: fetch the history with `git fetch --unshallow`, "
            "or in GitHub Actions check out with `fetch-depth: 0`"
        )
    return "fetch the branch first, for example `git fetch origin`, or name another base with --base"


def _refuse_unmerged(repository: Repository) -> None:
    if repository.run("ls-files", "--unmerged", "-z"):
        raise GatekeeperError(
            "the index holds unmerged files", "resolve the conflicts and `git add` the files, then run again"
        )


def _readable(repository: Repository, reference: str) -> str:
    if reference not in ("@{upstream}", "origin/HEAD"):
        return reference
    return repository.run("rev-parse", "--abbrev-ref", reference).decode().strip() or reference


def _short(repository: Repository, commit: str) -> str:
    return repository.run("rev-parse", "--short", commit).decode().strip()
