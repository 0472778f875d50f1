"""Finds the policy that governs a target: which tree it is read from, and what to say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.edges.config import NAMES, read_policy
from gatekeeper.edges.git import Repository
from gatekeeper.edges.overrides import governing_overrides
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import replace
from gatekeeper.model.gate_override import OverrideRecord, OverrideState
from gatekeeper.model.mode import MODES, RULES
from gatekeeper.model.policy import DEFAULTS_ALONE, Policy, Setting
from gatekeeper.model.policy_change import PolicyChange

if TYPE_CHECKING:
    from gatekeeper.formats.policy_merge import Merged


def governing_policy(
    repository: Repository,
    target: Target,
    flags: Mapping[str, Setting],
    environment: Mapping[str, str],
    today: date | None = None,
) -> Policy:
    """The policy for a target, what the change asks to have relaxed in it, and the overrides that hold.

    A range of commits is judged by the policy of its base, so that a change does not choose its own judge: what the
    change demands beyond that holds at once, what it demands less holds once it is merged. Only where the base has no
    configuration is the change's own taken, and the notes say so. What is staged or lies in the working tree is judged
    by the configuration that belongs to it: there the author is at work, and the range decides later.

    `today` is the day by which overrides expire, without it the current one in UTC. Raises `UsageError` where a
    configuration is wrong, also that of the change.
    """
    tree = policy_tree(repository, target)
    if target.kind is TargetKind.RANGE:
        policy = _range_policy(repository, target, tree, flags, environment)
    else:
        policy = tree_policy(repository, target.head_tree, _words(target), flags, environment)
        policy = replace(policy, changes=_own_changes(repository, target, policy, flags, environment))
    records = governing_overrides(repository, target, tree, today or datetime.now(UTC).date())
    return with_overrides(policy, records) if records else policy


def policy_tree(repository: Repository, target: Target) -> str:
    """The tree that stands for what was agreed on before the change."""
    return repository.tree(target.policy) if target.policy else target.base_tree


def _range_policy(
    repository: Repository, target: Target, tree: str, flags: Mapping[str, Setting], environment: Mapping[str, str]
) -> Policy:
    words = f"the base {(target.policy or target.base)[:9]}"
    policy = tree_policy(repository, tree, words, flags, environment, (target.head_tree,))
    if _agree(repository, tree, target.head_tree):
        return policy
    own = tree_policy(repository, target.head_tree, "the change itself", flags, environment)
    from gatekeeper.formats.policy_merge import comparable, merge_policies, milder_than  # noqa: PLC0415 - seldom needed

    if policy.source == DEFAULTS_ALONE:
        if own.source == DEFAULTS_ALONE:
            return own
        note = "the base has no configuration, so the one that the change brings was used"
        milder = tuple(change for change in milder_than(policy, own) if comparable(change))
        return replace(own, notes=(*own.notes, note), changes=milder)
    known = _folders(repository, (tree,))
    merged = merge_policies(policy, own, lambda folder: folder not in known)
    return replace(
        merged.policy, notes=(*policy.notes, *_merge_notes(merged)), changes=tuple(merged.relaxed)
    )  # fmt: skip


def _merge_notes(merged: Merged) -> list[str]:
    """What became of the edits of the configuration, in words."""
    notes = []
    if merged.tightened:
        named = ", ".join(dict.fromkeys(merged.tightened))
        notes.append(f"the change tightens the configuration, which holds at once: {named}")
    if merged.relaxed:
        named = ", ".join(dict.fromkeys(change.what for change in merged.relaxed))
        notes.append(f"the change relaxes the configuration, which takes effect once it is merged: {named}")
    if not notes:
        notes.append("the change edits a file that configures Gatekeeper, without any effect on what is demanded")
    return notes


def _own_changes(
    repository: Repository, target: Target, policy: Policy, flags: Mapping[str, Setting], environment: Mapping[str, str]
) -> tuple[PolicyChange, ...]:
    """In what a configuration that is judged by itself asks for less than the one before it; all of it has effect."""
    if target.whole or _agree(repository, target.base_tree, target.head_tree):
        return ()
    from gatekeeper.formats.policy_merge import merge_policies  # noqa: PLC0415 - seldom needed

    try:
        before = tree_policy(repository, target.base_tree, "the base", flags, environment, (target.head_tree,))
    except UsageError:
        return ()  # it was wrong before, and holds nothing to compare with
    known = _folders(repository, (target.base_tree,))
    changes = merge_policies(before, policy, lambda folder: folder not in known).relaxed
    return tuple(replace(change, held=False) for change in changes)


def _agree(repository: Repository, one: str, other: str) -> bool:
    if _configuring(repository, one) == _configuring(repository, other):
        return True
    return configurations(repository, one) == configurations(repository, other)


def with_overrides(policy: Policy, records: Sequence[OverrideRecord]) -> Policy:
    """The policy with what the file of overrides says; each gate knows those that may hold for it."""
    live = [r.override for r in records if r.override is not None and r.state is OverrideState.UNUSED]
    projects = tuple(
        replace(
            project,
            gates=tuple(replace(g, overrides=tuple(o for o in live if o.gate == g.name)) for g in project.gates),
        )
        for project in policy.projects
    )
    return replace(policy, projects=projects, overrides=tuple(records))


def tree_policy(
    repository: Repository, tree: str, source: str, flags: Mapping[str, Setting], environment: Mapping[str, str],
    besides: Sequence[str] = (),
) -> Policy:  # fmt: skip
    """The policy that a tree holds; its patterns of projects are looked up in its folders and those of `besides`."""
    files = configurations(repository, tree)
    folders = sorted(_folders(repository, (tree, *besides)))
    return read_policy(files.get, tuple(files), source=source, flags=flags, environment=environment, folders=folders)


def _folders(repository: Repository, trees: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for name in (name for tree in trees for name in repository.names(tree)):
        folder = name.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def configured_base(repository: Repository, environment: Mapping[str, str]) -> str:
    """The revision that the configuration of HEAD names as the usual base, or empty."""
    policy = tree_policy(repository, repository.head()[1], "HEAD", {}, environment)
    return str(policy.projects[0].value("base") or "")


def configurations(repository: Repository, tree: str) -> dict[str, bytes | None]:
    """The files of a tree that may configure Gatekeeper, by their path; None for a link and for what is too large."""
    files = _configuring(repository, tree)
    read = repository.contents(object_id for object_id, _ in files.values())
    links = (name for name, (_, is_link) in files.items() if is_link)
    contents = dict(zip(files, read, strict=True)) | dict.fromkeys(links)
    return {
        name: content
        for name, content in contents.items()
        if not name.endswith("pyproject.toml") or content is None or b"gatekeeper" in content
    }


def _configuring(repository: Repository, tree: str) -> dict[str, tuple[str, bool]]:
    """Of each file of a tree that has the name of a configuration: its object, and whether it is a link."""
    links = repository.links(tree)
    found = repository.objects(tree).items()
    return {name: (object_id, name in links) for name, object_id in found if name.rpartition("/")[2] in NAMES}


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
