"""Lets fixers correct a change in a folder of their own, and brings the result to the user."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from gatekeeper.agents.local import LocalAgent
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.fix_apply import apply_fixes
from gatekeeper.edges.fix_leftover import recover_fixes
from gatekeeper.edges.fix_shadow import FixShadow, changed_blobs, line_counts, patch_of, unfit
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.interpreter import find_environment
from gatekeeper.edges.places import Slot, own_slot
from gatekeeper.edges.policies import governing_policy
from gatekeeper.edges.programs import find_ruff
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.edges.undisturbed import undisturbed
from gatekeeper.formats.command_line import batches
from gatekeeper.formats.fixers import CONFIG_NAMES, Programs, find_fixers
from gatekeeper.formats.globs import matches
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.formats.tool_environment import PATH_FIRST
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.fix import FixedFile, Fixer, Fixes, FixState
from gatekeeper.model.job import Job
from gatekeeper.model.policy import Policy, ProjectPolicy, Setting
from gatekeeper.model.report import Exit

_PATCHES_KEPT = 20


@dataclass(frozen=True, slots=True)
class FixOptions:
    """What is asked of the fixers: which change, by which settings, and whether only to show what they would do."""

    folder: str
    wish: Wish = field(default_factory=Wish)
    flags: Mapping[str, Setting] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Ground:
    repository: Repository
    target: Target
    policy: Policy
    modes: Mapping[str, str]  # of the changed files that fixers may touch
    notes: tuple[str, ...]

    @property
    def staged(self) -> bool:
        return self.target.kind is TargetKind.STAGED


@dataclass
class _Tally:
    """What was seen while the fixers ran, one after another."""

    ran: dict[str, None]
    by_file: dict[str, list[str]]
    failures: list[str]


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
    ground = _look(repository, find_target(repository, wish), options)
    ground = replace(ground, notes=(*recovered, *ground.notes))
    with own_slot(repository.common_dir) as slot:
        tree, tally = _run_fixers(ground, slot)
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


def _look(repository: Repository, target: Target, options: FixOptions) -> _Ground:
    change = read_change(repository, target)
    policy = governing_policy(repository, target, options.flags, os.environ)
    files = {f.path: f.mode for f in change.files if f.exists and f.mode.startswith("100") and not f.binary}
    left_out = unfit(repository, target.head_tree, tuple(files), target.kind is TargetKind.STAGED)
    notes = tuple(f"{phrase(path)} is left as it is: {phrase(reason)}" for path, reason in left_out.items())
    return _Ground(
        repository, target, policy, {path: mode for path, mode in files.items() if path not in left_out}, notes
    )


def _run_fixers(ground: _Ground, slot: Slot) -> tuple[str, _Tally]:
    """Run all fixers of all projects, one after another; tells the tree that came of it."""
    tally = _Tally({}, {}, [])
    place: FixShadow | None = None
    agent = LocalAgent(time.monotonic(), slot.lock)
    try:
        for project in ground.policy.projects:
            files = [path for path in ground.modes if ground.policy.project_of(path) is project]
            for fixer, python in _fixers(ground, project, slot) if files else ():
                wanted = [path for path in files if matches(_inside(project, path), fixer.paths)]
                if wanted:
                    place = place or FixShadow(ground.repository, ground.target.head_tree, slot.folder / "fix")
                    _run_fixer(agent, place, _Work(fixer, project, python, tuple(wanted), ground.modes), tally)
    finally:
        agent.stop()
    return place.tree if place else ground.target.head_tree, tally


@dataclass(frozen=True, slots=True)
class _Work:
    """A fixer with the files of one project."""

    fixer: Fixer
    project: ProjectPolicy
    python: str
    files: tuple[str, ...]
    modes: Mapping[str, str]


def _fixers(ground: _Ground, project: ProjectPolicy, slot: Slot) -> Iterator[tuple[Fixer, str]]:
    repository = ground.repository
    top = Path(repository.top or "")
    environment = find_environment(top, project.root, str(project.value("python") or ""), os.environ, slot.folder)
    programs = Programs(environment, find_ruff(), sys.executable, str(Path(__file__).parent))
    for fixer in find_fixers(project.value("fix") or {}, _configurations(ground, project.root), programs):
        yield fixer, environment.python


def _configurations(ground: _Ground, root: str) -> list[dict[str, str]]:
    """The texts of the files that configure fixers, for the folder of the project and those above it."""
    objects = ground.repository.objects(ground.target.head_tree)
    parts = root.split("/") if root else []
    found = []
    for depth in range(len(parts), -1, -1):
        prefix = "".join(f"{part}/" for part in parts[:depth])
        names = [name for name in CONFIG_NAMES if f"{prefix}{name}" in objects]
        contents = ground.repository.contents([objects[f"{prefix}{name}"] for name in names], limit=1 << 20)
        found.append({n: (c or b"").decode("utf-8", "replace") for n, c in zip(names, contents, strict=True)})
    return found


def _run_fixer(agent: LocalAgent, place: FixShadow, work: _Work, tally: _Tally) -> None:
    """Run a fixer; what it did counts only where it came to its end and touched nothing but its files."""
    name = work.fixer.name
    tally.ran[name] = None
    trouble = work.fixer.problem or _start(agent, place, work)
    touched = place.touched(work.files)
    if touched.others and not trouble:
        trouble = f"it touched {', '.join(map(phrase, touched.others[:3]))}, which it was not given"
    if trouble:
        tally.failures.append(f"{name}: {trouble}; what it did was dropped")
        if touched.files or touched.others:
            place.restore()
    elif touched.files:
        before = place.tree
        place.accept(touched.files, dict(work.modes))
        for path in touched.files if place.tree != before else ():
            tally.by_file.setdefault(path, []).append(name)


def _start(agent: LocalAgent, place: FixShadow, work: _Work) -> str:
    """Run the commands of a fixer; tells what went wrong."""
    root = f"{place.folder}/{work.project.root}".rstrip("/")
    beside = f"{Path(work.python).parent}:" if work.python else ""
    env = ((PATH_FIRST, f"{beside}{root}/node_modules/.bin"),)
    for argv in batches(work.fixer.run, [_inside(work.project, path) for path in work.files]):
        job = Job(f"fix.{work.fixer.name}", "fix", work.fixer.name, argv, root, work.fixer.seconds_limit, env=env)
        outcome = agent.run(job, lambda said: None)
        if outcome.problem:
            said = phrase(outcome.stderr or outcome.stdout)[:300]
            return f"{outcome.problem}{f': {said}' if said else ''}"
    return ""


def _inside(project: ProjectPolicy, path: str) -> str:
    return path.removeprefix(f"{project.root}/") if project.root else path


def _bring(ground: _Ground, tree: str, tally: _Tally, dry_run: bool) -> Fixes:
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
        if refusal.exit_code is Exit.INTERRUPTED:
            raise
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
