"""Lets the fixers of a policy run over a tree in a folder of their own; nothing of the user's is touched."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.agents.local import LocalAgent
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.fix_shadow import FixShadow, unfit
from gatekeeper.edges.git import Repository
from gatekeeper.edges.interpreter import find_environment
from gatekeeper.edges.places import Slot
from gatekeeper.edges.policies import governing_policy
from gatekeeper.edges.programs import find_ruff
from gatekeeper.formats.command_line import batches
from gatekeeper.formats.fixers import CONFIG_NAMES, Programs, find_fixers
from gatekeeper.formats.globs import matches
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.formats.tool_environment import PATH_FIRST
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.fix import Fixer
from gatekeeper.model.job import Job
from gatekeeper.model.policy import Policy, ProjectPolicy, Setting


@dataclass(frozen=True, slots=True)
class Ground:
    """What fixers work on: `modes` are those of the changed files that they may touch."""

    repository: Repository
    target: Target
    policy: Policy
    modes: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def staged(self) -> bool:
        """Whether it is the index that is fixed."""
        return self.target.kind is TargetKind.STAGED


@dataclass
class Tally:
    """What was seen while the fixers ran, one after another."""

    ran: dict[str, None]
    by_file: dict[str, list[str]]
    failures: list[str]


def look(repository: Repository, target: Target, flags: Mapping[str, Setting]) -> Ground:
    """What the fixers of the governing policy may touch of a change."""
    change = read_change(repository, target)
    policy = governing_policy(repository, target, flags, os.environ)
    files = {f.path: f.mode for f in change.files if f.exists and f.mode.startswith("100") and not f.binary}
    left_out = unfit(repository, target.head_tree, tuple(files), target.kind is TargetKind.STAGED)
    notes = tuple(f"{phrase(path)} is left as it is: {phrase(reason)}" for path, reason in left_out.items())
    return Ground(
        repository, target, policy, {path: mode for path, mode in files.items() if path not in left_out}, notes
    )


def run_fixers(ground: Ground, slot: Slot, agent: LocalAgent) -> tuple[str, Tally]:
    """Have the agent run all fixers of all projects, one after another; tells the tree that came of it."""
    tally = Tally({}, {}, [])
    place: FixShadow | None = None
    for project in ground.policy.projects:
        files = [path for path in ground.modes if ground.policy.project_of(path) is project]
        for fixer, python in _fixers(ground, project, slot) if files else ():
            wanted = [path for path in files if matches(_inside(project, path), fixer.paths)]
            if wanted:
                place = place or FixShadow(ground.repository, ground.target.head_tree, slot.folder / "fix")
                _run_fixer(agent, place, _Work(fixer, project, python, tuple(wanted), ground.modes), tally)
    return place.tree if place else ground.target.head_tree, tally


@dataclass(frozen=True, slots=True)
class _Work:
    """A fixer with the files of one project."""

    fixer: Fixer
    project: ProjectPolicy
    python: str
    files: tuple[str, ...]
    modes: Mapping[str, str]


def _fixers(ground: Ground, project: ProjectPolicy, slot: Slot) -> Iterator[tuple[Fixer, str]]:
    repository = ground.repository
    top = Path(repository.top or "")
    environment = find_environment(top, project.root, str(project.value("python") or ""), os.environ, slot.folder)
    programs = Programs(environment, find_ruff(), sys.executable, str(Path(__file__).parent))
    for fixer in find_fixers(project.value("fix") or {}, _configurations(ground, project.root), programs):
        yield fixer, environment.python


def _configurations(ground: Ground, root: str) -> list[dict[str, str]]:
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


def _run_fixer(agent: LocalAgent, place: FixShadow, work: _Work, tally: Tally) -> None:
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
