"""Lets fixers correct a change in a folder of their own, and brings the result to the user."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from gatekeeper.agents.local import LocalAgent
from gatekeeper.edges.fix_apply import apply_fixes
from gatekeeper.edges.fix_leftover import recover_fixes
from gatekeeper.edges.fix_shadow import changed_blobs, line_counts, patch_of
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.places import own_slot
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.edges.undisturbed import undisturbed
from gatekeeper.fixers_wiring import Ground, Tally, look, run_fixers
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.fix import FixedFile, Fixes, FixState
from gatekeeper.model.policy import Setting

_PATCHES_KEPT = 20


@dataclass(frozen=True, slots=True)
class FixOptions:
    """What is asked of the fixers: which change, by which settings, and whether only to show what they would do."""

    folder: str
    wish: Wish = field(default_factory=Wish)
    flags: Mapping[str, Setting] = field(default_factory=dict)
    dry_run: bool = False


def fix_change(options: FixOptions) -> tuple[Fixes, Wish]:
    """Fix what is staged, or what lies in the working tree; tells what was done, and the wish to judge it by.

    The fixes are applied unless they are only to be shown. Raises `UsageError` for a target that cannot be fixed.
    """
    repository = find_repository(options.folder)
    recovered = [text for text in (recover_fixes(repository.git_dir, repository.top),) if text]
    wish = _fixable(repository, options.wish)
    if wish is None:
        unchanged = "nothing is staged, and the working tree is unchanged"
        return Fixes(FixState.NOTHING, notes=(*recovered, unchanged)), options.wish
    ground = look(repository, find_target(repository, wish), options.flags)
    ground = replace(ground, notes=(*recovered, *ground.notes))
    with own_slot(repository.common_dir) as slot:
        agent = LocalAgent(time.monotonic(), slot.lock)
        try:
            tree, tally = run_fixers(ground, slot, agent)
        finally:
            agent.stop()
    return _bring(ground, tree, tally, options.dry_run), wish


def _fixable(repository: Repository, wish: Wish) -> Wish | None:
    """What is staged or, where nothing is, the working tree; None where there is no change in either."""
    if repository.top is None:
        raise UsageError("a bare repository has no working tree to fix", "run this inside a clone")
    if wish.whole or wish.base or wish.start or wish.end:
        raise UsageError(
            "a commit cannot be fixed, only what is staged or lies in the working tree",
            "leave out the target, or give --staged or --worktree",
        )
    if wish.staged or wish.worktree or wish.in_hook:
        return wish
    for choice in (replace(wish, staged=True), replace(wish, worktree=True)):
        target = find_target(repository, choice)
        if target.base_tree != target.head_tree:
            return choice
    return None


def _bring(ground: Ground, tree: str, tally: Tally, dry_run: bool) -> Fixes:
    """Apply the fixed tree, or say why not; the patch is kept in either case."""
    before = ground.target.head_tree
    fixes = Fixes(FixState.NOTHING, tuple(tally.ran), failures=tuple(tally.failures), notes=ground.notes)
    blobs = changed_blobs(ground.repository, before, tree)
    if not blobs:
        return fixes
    counts = line_counts(ground.repository, before, tree)
    content = patch_of(ground.repository, before, tree)
    files = tuple(
        FixedFile(blob.path, *counts.get(blob.path, (0, 0)), tuple(tally.by_file.get(blob.path, ()))) for blob in blobs
    )
    patch, trouble = _keep(ground.repository, content)
    fixes = replace(
        fixes, state=FixState.SHOWN, files=files, diff=content.decode("utf-8", "surrogateescape"), patch=patch,
        notes=(*fixes.notes, *trouble),
    )  # fmt: skip
    if dry_run:
        return fixes
    try:
        with undisturbed():
            notes = apply_fixes(ground.repository, before, blobs, ground.staged)
    except GatekeeperError as refusal:
        return replace(fixes, state=FixState.REFUSED, problem=refusal.message, hint=refusal.hint)
    return replace(fixes, state=FixState.APPLIED, notes=(*fixes.notes, *notes))


def _keep(repository: Repository, content: bytes) -> tuple[str, tuple[str, ...]]:
    """Write the patch beside Git's own files and forget the oldest ones; tells its place, or a note why not."""
    folder = Path(repository.git_dir, "gatekeeper", "patches")
    place = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{sha256(content).hexdigest()[:8]}.patch"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        for old in sorted(folder.glob("*.patch"))[:-_PATCHES_KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        return "", (f"the patch could not be kept: {error.strerror}",)
    return str(place), ()
