"""Finds out what to judge: names two trees from what the user asked for, or from the state of the repository."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gatekeeper.edges.git import GitError, Repository
from gatekeeper.edges.index import index_tree, worktree_tree
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.frozen import dataclass

USUAL_BASES = ("origin/HEAD", "origin/main", "origin/master", "upstream/main", "main", "master", "trunk")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked to have judged; at most one of the kinds, or none for the default.

    `target` is one that is known already, such as a hook's.
    """

    staged: bool = False
    worktree: bool = False
    whole: bool = False
    base: str = ""
    start: str = ""
    end: str = ""
    in_hook: bool = False
    target: Target | None = None


def find_target(repository: Repository, wish: Wish, configured_base: Callable[[], str] = str) -> Target:
    """The target that the wish names.

    Without a wish: the index when something is staged or inside a pre-commit hook; else what HEAD has and the
    configured base, the upstream or the default branch has not; else the changes of the working tree.
    """
    if wish.target is not None:
        return wish.target
    if wish.whole or wish.worktree:
        return _whole(repository) if wish.whole else _worktree(repository)
    if wish.start or wish.end:
        return _range(repository, wish.start, wish.end or "HEAD")
    if wish.base:
        return _since(repository, wish.base)
    if not wish.in_hook:  # to its hook Git names the index, also in a bare repository
        _refuse_bare(repository)
    if wish.staged or wish.in_hook:
        return staged_target(repository)
    return _default(repository, configured_base)


def _default(repository: Repository, configured_base: Callable[[], str]) -> Target:
    staged = staged_target(repository)
    if staged.base_tree != staged.head_tree:
        return staged
    since = since_usual_base(repository, configured_base)
    return since if since and since.base_tree != since.head_tree else _worktree(repository)


def since_usual_base(repository: Repository, configured_base: Callable[[], str]) -> Target | None:
    """What HEAD has and the configured base, the upstream or the default branch has not; None where there is none."""
    base = configured_base() or _usual_base(repository)
    return _since(repository, base) if base else None


def _usual_base(repository: Repository) -> str:
    for name in ("@{upstream}", *USUAL_BASES):
        if repository.commit(name):
            return name
    return ""


def staged_target(repository: Repository, message: str = "", merged: Sequence[str] = ()) -> Target:
    """The index, as `git commit` would commit it with this message.

    Where that commit is a merge (of the commits `merged`, or of those that Git has noted), it brings a range of
    commits, and is judged as one: against its first parent, and by the policy of that. Raises `GatekeeperError` when
    the index holds conflicts.
    """
    head, tree = repository.head()
    try:
        index = index_tree(repository)
    except GitError:
        _refuse_unmerged(repository)  # the reason, nearly always; asking first would cost every commit
        raise
    merged = merged or _merge_heads(repository)
    if merged and head:
        title = f"the merge of {', '.join(short(repository, m) for m in merged)} into {short(repository, head)}"
        texts = repository.run("log", "--format=%B", *merged, f"^{head}", "--").decode("utf-8", "replace")
        return Target(TargetKind.RANGE, tree, index, title, head, "", f"{message}\n{texts}")
    against = "HEAD" if head else "nothing (the first commit)"
    return Target(TargetKind.STAGED, tree, index, f"what is staged, against {against}", head, "", message)


def _merge_heads(repository: Repository) -> tuple[str, ...]:
    """The commits that a merge in progress brings in."""
    try:
        lines = Path(repository.git_dir, "MERGE_HEAD").read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(commit for commit in map(repository.commit, lines) if commit)


def _worktree(repository: Repository) -> Target:
    _refuse_bare(repository)
    _refuse_unmerged(repository)
    head, tree = repository.head()
    against = "HEAD" if head else "nothing (no commit yet)"
    return Target(TargetKind.WORKTREE, tree, worktree_tree(repository), f"the working tree, against {against}", head)


def _refuse_bare(repository: Repository) -> None:
    """An index that is not there is an empty one: all files would pass for deleted."""
    if repository.top is None:
        raise UsageError(
            "a bare repository has no index and no working tree", "name commits: --from A --to B, --base REF or --all"
        )


def _whole(repository: Repository) -> Target:
    head, tree = repository.head()
    if not head:
        raise GatekeeperError("there is no commit to judge yet", "commit first, or use --staged or --worktree")
    title = f"every file of {short(repository, head)}"
    return Target(TargetKind.ALL, repository.empty_tree, tree, title, "", head)


def _range(repository: Repository, start: str, end: str) -> Target:
    if not start:
        raise UsageError("--to needs --from", "name both ends: --from A --to B")
    base, head = _commits(repository, start, end)
    title = f"{short(repository, head)} against {short(repository, base)}"
    return range_target(repository, base, head, title)


def _since(repository: Repository, reference: str) -> Target:
    base, head = _commits(repository, reference, "HEAD")
    status, output, _ = repository.attempt("merge-base", "--", base, head)
    if status:
        raise GatekeeperError(f"HEAD and {reference} have no common commit", remedy(repository))
    merge_base = output.decode().split()[0]
    name = _readable(repository, reference)
    title = f"{short(repository, head)} against {name} (merge base {short(repository, merge_base)})"
    return range_target(repository, merge_base, head, title)


def range_target(repository: Repository, base: str, head: str, title: str, policy: str = "") -> Target:
    """What one commit has and another has not; without a base, all that there is from the first commit on.

    `policy` is the commit whose policy governs, where that is not the base.
    """
    reach = f"{base}..{head}" if base else head
    message = repository.run("log", "--format=%B", reach, "--").decode("utf-8", "replace")
    base_tree = repository.tree(base) if base else repository.empty_tree
    return Target(TargetKind.RANGE, base_tree, repository.tree(head), title, base, head, message, policy)


def _commits(repository: Repository, *names: str) -> list[str]:
    found = []
    for name, commit in zip(names, repository.commits(*names), strict=True):
        if commit is None:
            raise GatekeeperError(f"{name!r} names no commit in this repository", remedy(repository))
        found.append(commit)
    return found


def remedy(repository: Repository) -> str:
    """What to do when a commit is not here."""
    shallow = repository.run("rev-parse", "--is-shallow-repository").strip() == b"true"
    if shallow:
        return (
            "this is a shallow clone: fetch the history with `git fetch --unshallow`, "
            "or in GitHub Actions check out with `fetch-depth: 0`"
        )
    return "fetch the branch first, for example `git fetch origin`, or name another commit"


def _refuse_unmerged(repository: Repository) -> None:
    if repository.run("ls-files", "--unmerged", "-z"):
        raise GatekeeperError(
            "the index holds unmerged files", "resolve the conflicts and `git add` the files, then run again"
        )


def _readable(repository: Repository, reference: str) -> str:
    if reference not in ("@{upstream}", "origin/HEAD"):
        return reference
    return repository.run("rev-parse", "--abbrev-ref", reference).decode().strip() or reference


def short(repository: Repository, commit: str) -> str:
    """The id of a commit as people write it."""
    return repository.short(commit)
