"""Finds the policy that governs a target: which tree it is read from, and what to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from gatekeeper.edges.config import NAMES, read_policy
from gatekeeper.edges.git import Repository
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.mode import MODES, RULES
from gatekeeper.model.policy import DEFAULTS_ALONE, Policy, Setting


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
    tree = repository.tree(target.policy) if target.policy else target.base_tree
    policy = tree_policy(repository, tree, f"the base {(target.policy or target.base)[:9]}", flags, environment)
    same = configurations(repository, tree) == configurations(repository, target.head_tree)
    if same:
        return policy
    if policy.source == DEFAULTS_ALONE:
        policy = tree_policy(repository, target.head_tree, "the change itself", flags, environment)
        note = "the base has no configuration, so the one that the change brings was used"
        return policy if policy.source == DEFAULTS_ALONE else replace(policy, notes=(*policy.notes, note))
    note = "the change edits a file that configures Gatekeeper: that takes effect once it is merged"
    return replace(policy, notes=(*policy.notes, note))


def tree_policy(
    repository: Repository, tree: str, source: str, flags: Mapping[str, Setting], environment: Mapping[str, str]
) -> Policy:
    """The policy that a tree holds."""
    files = configurations(repository, tree)
    folders = {str(folder) for name in repository.names(tree) for folder in PurePosixPath(name).parents} - {"."}
    return read_policy(
        files.get, tuple(files), source=source, flags=flags, environment=environment, folders=sorted(folders)
    )


def configured_base(repository: Repository, environment: Mapping[str, str]) -> str:
    """The revision that the configuration of HEAD names as the usual base, or empty."""
    policy = tree_policy(repository, repository.head()[1], "HEAD", {}, environment)
    return str(policy.projects[0].value("base") or "")


def configurations(repository: Repository, tree: str) -> dict[str, bytes | None]:
    """The files of a tree that may configure Gatekeeper, by their path; None for one that is too large to read."""
    objects = {n: o for n, o in repository.objects(tree).items() if PurePosixPath(n).name in NAMES}
    contents = repository.contents(objects.values())
    return {
        name: content
        for name, content in zip(objects, contents, strict=True)
        if not name.endswith("pyproject.toml") or content is None or b"gatekeeper" in content
    }


def holds_modes(repository: Repository, target: Target) -> bool:
    """Whether a tree of a target, or the one whose policy governs, holds modes or rules of its own."""
    trees = (target.head_tree, target.base_tree, *([repository.tree(target.policy)] if target.policy else []))
    names = (name for tree in trees for name in repository.names(tree))
    return any(name.startswith((MODES, RULES)) for name in names)


def _words(target: Target) -> str:
    return {
        TargetKind.STAGED: "the index",
        TargetKind.WORKTREE: "the working tree",
        TargetKind.ALL: "the commit itself",
    }[target.kind]
