"""Puts engine and edges together: prepares what a run needs, carries it out, and makes its report."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from gatekeeper.agents.local import LocalAgent
from gatekeeper.edges import shadow
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.interpreter import find_environment
from gatekeeper.edges.places import Slot, own_slot, repository_folder
from gatekeeper.edges.policies import configured_base, governing_policy, holds_modes
from gatekeeper.edges.programs import find_ruff
from gatekeeper.edges.store import expected_seconds, remember_seconds
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.engine.broadcast import Broadcast
from gatekeeper.engine.decide import decide
from gatekeeper.engine.run import Assignment, Run
from gatekeeper.engine.scheduler import Scheduler
from gatekeeper.formats.change_parts import part_of
from gatekeeper.formats.globs import matches
from gatekeeper.formats.layout import find_layout, package_folders
from gatekeeper.model.candidate import Candidate, Environment, Project, Target
from gatekeeper.model.change import Change
from gatekeeper.model.errors import UsageError
from gatekeeper.model.events import RunAbandoned, RunEnded, RunStarted
from gatekeeper.model.mode import ModeWish
from gatekeeper.model.plan import ChangePlan
from gatekeeper.model.policy import GatePolicy, Policy, ProjectPolicy, Setting
from gatekeeper.model.report import Report
from gatekeeper.planning.metrics import measure
from gatekeeper.ports import Reporter, Request
from gatekeeper.registry import load_gate

_FEWEST_WORKERS = 8  # gates that wait (for a network, for a sleep) must not wait for one another


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asks of a run; `flags` are settings that outrank every configuration.

    `hook` is the name of the Git hook that asks for the run, empty where no hook does.
    """

    folder: str
    wish: Wish = field(default_factory=Wish)
    gates: tuple[str, ...] = ()
    flags: Mapping[str, Setting] = field(default_factory=dict)
    modes: ModeWish = field(default_factory=ModeWish)
    hook: str = ""


_Plans = list[tuple[ProjectPolicy, Project, tuple[GatePolicy, ...]]]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is known before the first job: repository, target, change, policy, and the names of the head tree."""

    repository: Repository
    target: Target
    change: Change
    policy: Policy
    names: tuple[str, ...]

    @property
    def top(self) -> Path:
        return Path(self.repository.top or self.repository.git_dir)


def judge(options: RunOptions, reporters: tuple[tuple[str, Reporter], ...]) -> Report:
    """Judge what the options name and tell the reporters all along; the report says how it ended.

    An interrupt stops every job, leaves nothing to restore, and goes on to the caller.
    """
    epoch = time.monotonic()
    ground = _look(options)
    broadcast = Broadcast(reporters)
    try:
        with own_slot(ground.repository.common_dir) as slot:
            report = _carry_out(options, ground, slot, broadcast, epoch)
    except BaseException:
        broadcast.tell(RunAbandoned())
        raise
    report = replace(report, troubles=tuple(broadcast.troubles))
    broadcast.tell(RunEnded(report))
    return replace(report, troubles=tuple(broadcast.troubles))


def _look(options: RunOptions) -> _Ground:
    repository = find_repository(options.folder)
    target = find_target(repository, options.wish, lambda: configured_base(repository, os.environ))
    change = read_change(repository, target)
    policy = governing_policy(repository, target, options.flags, os.environ)
    if options.modes != ModeWish() or holds_modes(repository, target):
        from gatekeeper.mode_wiring import modes_for  # noqa: PLC0415 - most runs have no modes, and need no more

        prepared = modes_for(repository, target, change, policy, options.modes)
        policy = replace(prepared.policy, notes=(*prepared.policy.notes, *prepared.notes))
    return _Ground(repository, target, change, policy, repository.names(target.head_tree))


def _carry_out(options: RunOptions, ground: _Ground, slot: Slot, broadcast: Broadcast, epoch: float) -> Report:
    plans = _plans(options, ground)
    candidate, environments, notes = _prepare(ground, plans, slot)
    assignments = _assignments(ground, plans, candidate, environments, slot)
    names = tuple(assignment.title for assignment in assignments if assignment.judged)
    broadcast.tell(RunStarted(ground.target, ground.change, candidate, names, ground.policy.source))
    folder = repository_folder(ground.repository.common_dir)
    agent = LocalAgent(epoch, slot.lock)
    root = ground.policy.projects[0]
    workers = int(root.value("jobs") or max(_FEWEST_WORKERS, 2 * (os.cpu_count() or 1)))
    scheduler = Scheduler(agent, workers, epoch)
    run = Run(assignments, scheduler, broadcast, expected_seconds(folder), epoch)
    with ThreadPoolExecutor(1, thread_name_prefix="plan") as pool:
        try:
            run.launch()
            planning = pool.submit(_plan, options, ground)  # while the jobs run: nobody waits for it
            run.carry_out(bool(root.value("fail_fast", False)))
        finally:
            scheduler.close()
        plan, trouble = planning.result()
    times = [(o.job, o.seconds) for o in scheduler.outcomes.values() if o.ran and o.seconds]
    remember_seconds(folder, times)
    cores = os.cpu_count() or 1
    metrics = measure(run.jobs, scheduler.outcomes, cores)
    outcomes = tuple(scheduler.outcomes[job.id] for job in run.jobs if job.id in scheduler.outcomes)
    held = None
    if plan is not None:
        from gatekeeper.planning.account import account  # noqa: PLC0415 - only where there is a plan

        held = account(plan, run.jobs, scheduler.outcomes, run.verdicts, cores, workers)
    return Report(
        ground.target, ground.change, ground.policy.source, run.verdicts, decide(run.verdicts),
        metrics, run.jobs, outcomes, time.monotonic() - epoch, (*ground.policy.notes, *notes, *trouble),
        plan=plan, account=held,
    )  # fmt: skip


def _plan(options: RunOptions, ground: _Ground) -> tuple[ChangePlan | None, tuple[str, ...]]:
    """The plan of the change, or a note why there is none: a verdict does not hang on it."""
    if ground.change.is_empty or ground.target.whole:
        return None, ()
    from gatekeeper.plan_wiring import PlanOptions, plan_change  # noqa: PLC0415 - imported while the jobs run

    try:
        wanted = PlanOptions(options.folder, modes=options.modes)
        return plan_change(ground.repository, ground.target, ground.change, ground.policy, wanted), ()
    except Exception as error:  # noqa: BLE001 - as a reporter, a planner that breaks changes no verdict
        return None, (f"the change could not be planned: {type(error).__name__}: {error}",)


def _plans(options: RunOptions, ground: _Ground) -> _Plans:
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


def _prepare(ground: _Ground, plans: _Plans, slot: Slot) -> tuple[Candidate, dict[str, Environment], tuple[str, ...]]:
    """Lay out both trees and find the interpreters, all at the same time."""
    repository, target = ground.repository, ground.target
    with ThreadPoolExecutor(4, thread_name_prefix="prepare") as pool:
        head = pool.submit(_head, ground, plans, slot)
        base = pool.submit(shadow.lay_out, repository, target.base_tree, slot.folder / "base")
        searches = {
            project.root: pool.submit(
                find_environment, ground.top, project.root, str(project.value("python") or ""), os.environ, slot.folder
            )
            for project, _, _ in plans
        }
        laid_out, in_place = head.result()
        compiled = [file.path for file in ground.change.files if file.is_compiled]
        outdated = shadow.older_than_sources(ground.top, _packages(ground, plans), compiled)
        candidate = Candidate(
            str(laid_out.folder), str(base.result().folder), in_place, laid_out.borrowed, outdated, laid_out.absent
        )
        return candidate, {root: search.result() for root, search in searches.items()}, laid_out.notes


def _head(ground: _Ground, plans: _Plans, slot: Slot) -> tuple[shadow.Shadow, bool]:
    repository, tree = ground.repository, ground.target.head_tree
    changed = [file.path for file in ground.change.files if file.is_python]
    writes = any(gate.command for _, _, gates in plans for gate in gates)  # a command may write where it runs
    if not writes and shadow.is_in_place(repository, tree) and not shadow.may_hold_stale_bytecode(ground.top, changed):
        return shadow.Shadow(ground.top), True
    wanted = [f"{project.root}/{p}".lstrip("/") for project, _, _ in plans for p in project.value("borrow", ())]
    laid_out = shadow.lay_out(repository, tree, slot.folder / "head")
    return shadow.borrow(repository, laid_out, _packages(ground, plans), wanted), False


def _packages(ground: _Ground, plans: _Plans) -> list[str]:
    return [folder for _, layout, _ in plans for folder in package_folders(ground.names, layout)]


def _assignments(
    ground: _Ground,
    plans: _Plans,
    candidate: Candidate,
    environments: Mapping[str, Environment],
    slot: Slot,
) -> tuple[Assignment, ...]:
    made = []
    for number, (project, layout, gates) in enumerate(plans):
        selected = frozenset(gate.name for gate in gates)
        scratch = slot.scratch / str(number)
        scratch.mkdir()
        request = Request(
            ground.target, ground.change, GatePolicy(""), layout, environments[project.root], candidate, selected,
            str(scratch), str(Path(__file__).parent), sys.executable, find_ruff(),
        )  # fmt: skip
        for policy in (*gates, *_providers(project, gates)):
            own = replace(request, policy=policy, change=_part(ground, project, policy))
            made.append(Assignment(policy.name, load_gate(policy.name), own, policy.name in selected))
    return tuple(made)


def _providers(project: ProjectPolicy, gates: tuple[GatePolicy, ...]) -> list[GatePolicy]:
    """The gates that are not judged in this run but whose outcomes a judged one reads."""
    names = {gate.name for gate in gates}
    read = {name for gate in gates for name, _ in load_gate(gate.name).reads}
    return [gate for gate in project.gates if gate.name in read - names]


def _part(ground: _Ground, project: ProjectPolicy, policy: GatePolicy) -> Change:
    """The part of the change that concerns one gate of one project."""
    prefix = f"{project.root}/" if project.root else ""

    def is_wanted(path: str) -> bool:
        if ground.policy.project_of(path).root != project.root:
            return False
        return not policy.paths or matches(path.removeprefix(prefix), policy.paths)

    return part_of(ground.change, is_wanted)
