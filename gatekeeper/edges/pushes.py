"""Finds out what a push brings: for each reference that it changes, the commits that the other side has not seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from gatekeeper.edges.git import Repository
from gatekeeper.edges.policies import configured_base, tree_policy
from gatekeeper.edges.targets import USUAL_BASES, range_target, remedy, short
from gatekeeper.edges.verdict_notes import REFERENCE
from gatekeeper.formats.globs import matches
from gatekeeper.formats.push_lines import RefUpdate, readable
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.candidate import Target
from gatekeeper.model.errors import GatekeeperError, UsageError

_MOST_COMPARED = 50  # places where a history joins another one
_UNHEARD_OF = frozenset("*?[\\^~: ")  # no reference has these in its name, so no remote of such a name is followed


@dataclass(frozen=True, slots=True)
class Push:
    """One range of commits that a push brings, and the references that it changes so.

    `target` is None where `problem` says why nothing can be judged, and where `refs` only go.
    """

    refs: tuple[str, ...]
    target: Target | None = None
    problem: GatekeeperError | None = None


@dataclass(slots=True)
class _Gathering:
    """Puts references that bring the same range together, in the order in which Git named them.

    What goes from one commit to another brings the same by every name, so that is found out once.
    """

    found: dict[tuple[str, str, str], Push] = field(default_factory=dict)
    targets: dict[tuple[str, str], Target] = field(default_factory=dict)

    def take(self, update: RefUpdate, find: Callable[[RefUpdate], Target]) -> None:
        step = (update.old, update.new)
        try:
            target = self.targets[step] if step in self.targets else find(update)
        except GatekeeperError as problem:
            self.found["", "", update.name] = Push((update.title,), problem=problem)
            return
        self.targets[step] = target
        key = (target.base, target.head, target.policy)
        push = self.found.get(key, Push((), target))
        self.found[key] = replace(push, refs=(*push.refs, update.title))


def sent(repository: Repository, remote: str, updates: Iterable[RefUpdate]) -> tuple[Push, ...]:
    """What a push to a remote (its name, or its address where it has none) brings.

    Deletions bring nothing. The only reference that is passed over is that of Gatekeeper's own records.
    """
    gathering = _Gathering()
    for update in updates:
        if not update.is_deletion and update.name != REFERENCE:
            gathering.take(update, lambda one: _sent(repository, remote, one))
    return tuple(gathering.found.values())


def received(repository: Repository, updates: Iterable[RefUpdate]) -> tuple[Push, ...]:
    """What a push to this repository brings to its protected branches; deletions bring nothing."""
    gathering = _Gathering()
    default = _default_branch(repository)
    for told in updates:
        if told.is_deletion or not told.branch:
            continue
        update = replace(told, name=_followed(repository, told.name))
        if _is_protected(repository, update, default):
            gathering.take(update, lambda one: _received(repository, one, default))
    return tuple(gathering.found.values())


def _sent(repository: Repository, remote: str, update: RefUpdate) -> Target:
    head = _pushed_commit(repository, update)
    name = "the remote" if "/" in remote or ":" in remote else remote
    base, why = _base_sent(repository, remote, name, update, head)
    title = f"{readable(update.source)} ({short(repository, head)}) against "
    title += f"{short(repository, base)}, {why}" if base else f"nothing: {why}"
    return range_target(repository, base, head, title)


def _base_sent(repository: Repository, remote: str, name: str, update: RefUpdate, head: str) -> tuple[str, str]:
    """The commit against which the pushed one is judged, and why; no commit where all of the history is new."""
    if update.is_new:
        return _base_of_new(repository, remote, name, update, head)
    old = repository.commit(update.old)
    if old is None:
        base, why = _base_of_new(repository, remote, name, update, head)
        return base, f"{why} ({name} has {update.title} at {update.old[:9]}, which is not here)"
    base = _merge_base(repository, old, head)
    if base == old:
        return old, f"what {name} has"
    if not base:
        return _base_of_new(repository, remote, name, update, head)
    return _nearer(repository, remote, name, base, head)


def _nearer(repository: Repository, remote: str, name: str, base: str, head: str) -> tuple[str, str]:
    """For a history that was rewritten: where it leaves the old one, or where it leaves the default branch since."""
    default = _remote_default(repository, remote)
    other = _merge_base(repository, default, head) if default else ""
    if other and other != head and _merge_base(repository, base, other) == base != other:
        return other, f"where it leaves the default branch of {name}"
    return base, f"where it leaves what {name} has"


def _remote_default(repository: Repository, remote: str) -> str:
    """The commit of the default branch of a remote, as it was last seen; empty where that is unknown."""
    if _UNHEARD_OF & set(remote):
        return ""
    found = (repository.commit(f"refs/remotes/{remote}/{name}") for name in ("HEAD", "main", "master"))
    return next((commit for commit in found if commit), "")


def _base_of_new(repository: Repository, remote: str, name: str, update: RefUpdate, head: str) -> tuple[str, str]:
    """The base of a reference that the remote has not, or of whose place there is nothing known here."""
    if _is_followed(repository, remote):
        base, any_new = _nearest_seen(repository, remote, head)
        if not any_new:
            return head, f"all of which {name} has already"
        if base:
            return base, f"what {name} has of it"
    else:
        base = _usual_base_of(repository, head)
        if base:
            return base, "where it leaves the usual base"
    if repository.run("rev-parse", "--is-shallow-repository").strip() == b"true":
        raise GatekeeperError(f"{phrase(update.title)} has no commit in common with {name}", remedy(repository))
    return "", f"{name} has nothing of its history"


def _is_followed(repository: Repository, remote: str) -> bool:
    """Whether it is known here what the remote has."""
    if not remote or _UNHEARD_OF & set(remote):
        return False
    return bool(repository.run("for-each-ref", "--count=1", "--format=%(refname)", "--", f"refs/remotes/{remote}/"))


def _nearest_seen(repository: Repository, remote: str, head: str) -> tuple[str, bool]:
    """The last commit of the history of `head` that the remote has, and whether it lacks any."""
    output = repository.run("rev-list", "--boundary", head, "--not", f"--remotes={remote}", "--").decode()
    lines = output.split()
    edge = [line[1:] for line in lines if line.startswith("-")][:_MOST_COMPARED]
    if len(edge) > 1:
        edge.sort(key=lambda commit: int(repository.run("rev-list", "--count", f"{commit}..{head}", "--")))
    return (edge[0] if edge else ""), bool(lines)


def _usual_base_of(repository: Repository, head: str) -> str:
    """Where a commit leaves the usual base.

    A branch of this repository alone is no proof that anybody has seen its commits, so it counts only while the commit
    has more than it.
    """
    names = (configured_base(repository, os.environ), *USUAL_BASES)
    for name in (name for name in names if name):
        commit = repository.commit(name)
        base = _merge_base(repository, commit, head) if commit else ""
        if base and (base != head or not _is_local(repository, name)):
            return base
    return ""


def _is_local(repository: Repository, name: str) -> bool:
    full = repository.run("rev-parse", "--symbolic-full-name", "--end-of-options", name).decode("utf-8", "replace")
    return "refs/remotes/" not in full


def _received(repository: Repository, update: RefUpdate, default: str) -> Target:
    head = _pushed_commit(repository, update)
    if not update.is_new:
        old = _known_commit(repository, update)
        title = f"{update.title} ({short(repository, head)}) against {short(repository, old)}, what it has now"
        return range_target(repository, old, head, title)
    base = _merge_base(repository, default, head) if default else ""
    title = f"the new branch {update.title} ({short(repository, head)}) against "
    title += f"{short(repository, base)}, where it leaves the default branch" if base else "nothing"
    return range_target(repository, base, head, title, default)


def _followed(repository: Repository, name: str) -> str:
    """The branch that is changed in truth: a branch may be another name of one that is protected."""
    status, output, _ = repository.attempt("symbolic-ref", "--quiet", "--", name)
    return name if status else output.decode("utf-8", "surrogateescape").strip()


def _known_commit(repository: Repository, update: RefUpdate) -> str:
    old = repository.commit(update.old)
    if old is None:
        raise GatekeeperError(
            f"{update.old[:9]}, which {phrase(update.title)} is at, is no commit here", remedy(repository)
        )
    return old


def _pushed_commit(repository: Repository, update: RefUpdate) -> str:
    head = repository.commit(update.new)
    if head is None:
        raise GatekeeperError(
            f"{phrase(update.title)} would lead to {update.new[:9]}, which is no commit",
            "Gatekeeper judges commits; push this reference on its own, after you have looked at it",
        )
    return head


def _default_branch(repository: Repository) -> str:
    """The commit of the branch that HEAD names; empty before its first one."""
    return repository.commit("HEAD") or ""


def _is_protected(repository: Repository, update: RefUpdate, default: str) -> bool:
    """Whether the default branch or the branch itself, as both are now, demand that this one is gated."""
    patterns = _protected(repository, default)
    if not patterns:
        status, output, _ = repository.attempt("symbolic-ref", "--quiet", "HEAD")
        if status == 0 and output.decode("utf-8", "surrogateescape").strip() == update.name:
            return True
    elif matches(update.branch, patterns):
        return True
    old = None if update.is_new else repository.commit(update.old)
    if not old or old == default:
        return False
    try:
        own = _protected(repository, old)
    except UsageError:  # a branch that nobody protects is free to have mistakes
        return False
    return bool(own) and matches(update.branch, own)


def is_protected_by(repository: Repository, commit: str, branch: str) -> bool:
    """Whether the configuration of a commit names a branch as protected."""
    patterns = _protected(repository, commit)
    return bool(patterns) and matches(branch, patterns)


def _protected(repository: Repository, commit: str) -> tuple[str, ...]:
    """The patterns of protected branches in the configuration of a commit."""
    if not commit:
        return ()
    tree = repository.tree(commit)
    policy = tree_policy(repository, tree, f"the base {commit[:9]}", {}, os.environ)
    return tuple(map(_tied, policy.projects[0].value("protected", ())))


def _tied(pattern: str) -> str:
    """The pattern for whole names of branches: `main` is not `feature/main`."""
    return f"!/{pattern[1:]}" if pattern.startswith("!") else f"/{pattern}"


def _merge_base(repository: Repository, one: str, other: str) -> str:
    status, output, _ = repository.attempt("merge-base", "--", one, other)
    return output.decode().split()[0] if status == 0 else ""
