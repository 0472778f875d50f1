"""Looks at what is to be judged: everything that is known before the first job."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.edges.changes import read_change
from gatekeeper.edges.fix_leftover import recover_fixes
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.policies import configured_base, governing_policy, holds_modes
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.formats.change_parts import part_of
from gatekeeper.formats.globs import matches
from gatekeeper.formats.layout import find_layout
from gatekeeper.model.candidate import Project, Target
from gatekeeper.model.change import Change
from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import dataclass, field, replace
from gatekeeper.model.mode import ModeWish
from gatekeeper.model.policy import GatePolicy, Policy, ProjectPolicy, Setting

if TYPE_CHECKING:  # most runs fix nothing
    from gatekeeper.model.fix import Fixes


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asks of a run; `flags` are settings that outrank every configuration.

    `hook` is the name of the Git hook that asks for the run, empty where no hook does, and `repository` what it has
    found already. `fixes` is what fixers did to the change before, where they were asked for. With `full` no test is
    left out, and with `afresh` nothing that an earlier run found out is used.
    """

    folder: str
    wish: Wish = field(default_factory=Wish)
    gates: tuple[str, ...] = ()
    flags: Mapping[str, Setting] = field(default_factory=dict)
    modes: ModeWish = field(default_factory=ModeWish)
    hook: str = ""
    fixes: Fixes | None = None
    full: bool = False
    afresh: bool = False
    repository: Repository | None = None


Plans = list[tuple[ProjectPolicy, Project, tuple[GatePolicy, ...]]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known before the first job: repository, target, change, policy, and the names of the head tree.

    `skips` are the gates that a person wants to have skipped, with the reason.
    """

    repository: Repository
    target: Target
    change: Change
    policy: Policy
    names: tuple[str, ...]
    skips: Mapping[str, str] = field(default_factory=dict)

    @property
    def top(self) -> Path:
        """The working tree, or the Git folder of a bare repository."""
        return Path(self.repository.top or self.repository.git_dir)


def look(options: RunOptions) -> Ground:
    """Find the repository, the target, its change, and the policy that governs it."""
    repository = options.repository or find_repository(options.folder)
    recovered = recover_fixes(repository.git_dir, repository.top)
    target = find_target(repository, options.wish, lambda: configured_base(repository, os.environ))
    change = read_change(repository, target)
    policy = governing_policy(repository, target, options.flags, os.environ)
    if recovered:
        policy = replace(policy, notes=(*policy.notes, recovered))
    if options.modes != ModeWish() or holds_modes(repository, target):
        from gatekeeper.mode_wiring import modes_for  # noqa: PLC0415 - most runs have no modes, and need no more

        prepared = modes_for(repository, target, change, policy, options.modes)
        policy = replace(prepared.policy, notes=(*prepared.policy.notes, *prepared.notes))
    skips = {}
    if os.environ.get("GATEKEEPER_SKIP"):
        from gatekeeper.skip_wiring import skips_for  # noqa: PLC0415 - hardly any run skips a gate

        skips = skips_for(repository, target, policy, os.environ, options.hook)
    return Ground(repository, target, change, policy, repository.names(target.head_tree), skips)


def plans_of(options: RunOptions, ground: Ground) -> Plans:
    """The projects that the change touches (or the first, if none), their layout, and their gates that are on."""
    paths = [path for file in ground.change.files for path in (file.path, file.old_path) if path]
    owners = {ground.policy.project_of(path).root for path in paths}
    projects = [p for p in ground.policy.projects if p.root in owners] or [ground.policy.projects[0]]
    known = {gate.name for project in projects for gate in project.gates}
    unknown = [name for name in options.gates if name not in known]
    if unknown:
        raise UsageError(f"there is no gate called {unknown[0]!r}", f"choose from {', '.join(sorted(known))}")
    plans = []
    for project in projects:
        layout = find_layout(ground.names, project.root, project.value("source_roots", ()))
        gates = tuple(g for g in project.gates if g.enabled and (not options.gates or g.name in options.gates))
        plans.append((project, layout, gates))
    if options.gates and not any(gates for _, _, gates in plans):
        raise UsageError(f"the gate {options.gates[0]!r} is switched off", "switch it on in the configuration")
    return plans


def part_for(ground: Ground, project: ProjectPolicy, policy: GatePolicy) -> Change:
    """The part of the change that concerns one gate of one project."""
    prefix = f"{project.root}/" if project.root else ""

    def is_wanted(path: str) -> bool:
        if ground.policy.project_of(path).root != project.root:
            return False
        return not policy.paths or matches(path.removeprefix(prefix), policy.paths)

    return part_of(ground.change, is_wanted)
