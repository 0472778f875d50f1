"""Finds the policy that governs a target: which tree it is read from, and what to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from gatekeeper.edges.config import read_policy
from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.policy import Policy, Setting

_NAMES = (".gatekeeper.yml", ".gatekeeper.yaml", "pyproject.toml")
_TABLE = b"tool.gatekeeper"


def governing_policy(
    repository: Repository, target: Target, flags: Mapping[str, Setting], environment: Mapping[str, str]
) -> Policy:
    """The policy for a target.

    A range of commits is judged by the policy of its base, so that a change does not choose its own judge; only where
    the base has no configuration is the change's own taken, and the notes say so. What is staged or lies in the working
    tree is judged by the configuration that belongs to it: there the author is at work, and the range decides later.
    """
    if target.kind is not TargetKind.RANGE:
        return tree_policy(repository, target.head_tree, _words(target), flags, environment)
    before, after = (configurations(repository, tree) for tree in (target.base_tree, target.head_tree))
    if not before:
        policy = tree_policy(repository, target.head_tree, "the change itself", flags, environment)
        if after:
            note = "the base has no configuration, so the one that the change brings was used"
            return Policy(policy.projects, policy.source, (*policy.notes, note))
        return policy
    policy = tree_policy(repository, target.base_tree, f"the base {target.base[:9]}", flags, environment)
    if before != after:
        note = "the change edits Gatekeeper's configuration: that takes effect once it is merged"
        return Policy(policy.projects, policy.source, (*policy.notes, note))
    return policy


def tree_policy(
    repository: Repository, tree: str, source: str, flags: Mapping[str, Setting], environment: Mapping[str, str]
) -> Policy:
    """The policy that a tree holds."""
    files = configurations(repository, tree)
    return read_policy(files.get, tuple(files), source=source, flags=flags, environment=environment)


def configured_base(repository: Repository, environment: Mapping[str, str]) -> str:
    """The revision that the configuration of HEAD names as the usual base, or empty."""
    policy = tree_policy(repository, repository.head()[1], "HEAD", {}, environment)
    return str(policy.projects[0].value("base") or "")


def configurations(repository: Repository, tree: str) -> dict[str, bytes]:
    """The files of a tree that configure Gatekeeper, by their path."""
    names = [name for name in repository.names(tree) if PurePosixPath(name).name in _NAMES and "\n" not in name]
    contents = repository.contents(f"{tree}:{name}" for name in names)
    return {
        name: content or b""
        for name, content in zip(names, contents, strict=True)
        if not name.endswith("pyproject.toml") or _TABLE in (content or b"")
    }


def _words(target: Target) -> str:
    return {
        TargetKind.STAGED: "the index",
        TargetKind.WORKTREE: "the working tree",
        TargetKind.ALL: "the commit itself",
    }[target.kind]
