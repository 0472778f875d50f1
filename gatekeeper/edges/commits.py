"""Reads the commits of a range with their trees, and the trees of those around it."""

from __future__ import annotations

from gatekeeper.edges.git import Repository
from gatekeeper.edges.targets import remedy
from gatekeeper.model.audit import AuditedCommit, Lineage
from gatekeeper.model.errors import GatekeeperError

_FORMAT = "--format=%m%n%H%n%T%n%P%n%ct%n%s"


def read_lineage(repository: Repository, base: str, head: str) -> Lineage:
    """The commits that one commit has and another has not, both given by their ids.

    Raises `GatekeeperError` where a shallow clone has cut the history within the range.
    """
    order = ["--topo-order", "--reverse", "--boundary", "--encoding=UTF-8", "--no-show-signature"]
    output = repository.run("log", "-z", *order, _FORMAT, f"{base}..{head}", "--").decode("utf-8", "replace")
    commits, trees = [], {}
    for entry in output.split("\0"):
        if not entry:
            continue
        mark, name, tree, parents, when, subject = entry.split("\n", 5)
        trees[name] = tree
        if mark != "-":
            commits.append(AuditedCommit(name, tree, tuple(parents.split()), int(when), subject))
    _refuse_cut(repository, commits)
    older = frozenset(repository.run("log", "--format=%T", base, "--").decode().split())
    known = frozenset(repository.run("log", "--format=%T", "--all", head, "--").decode().split())
    return Lineage(tuple(commits), trees, older, known, repository.empty_tree)


def _refuse_cut(repository: Repository, commits: list[AuditedCommit]) -> None:
    """A commit without a parent is the first one of a history, or the last one that a shallow clone has fetched."""
    rootless = [commit for commit in commits if not commit.parents]
    if rootless and repository.run("rev-parse", "--is-shallow-repository").strip() == b"true":
        raise GatekeeperError(f"the history before {rootless[-1].id[:9]} is not here", remedy(repository))
