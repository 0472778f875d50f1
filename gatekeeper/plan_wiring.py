"""Puts planning and edges together: reads what a plan is made of, and makes it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.edges.branches import branch_of
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.cochange import changed_together
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.history import past_runs
from gatekeeper.edges.places import known_folder
from gatekeeper.edges.policies import configured_base, governing_policy
from gatekeeper.edges.store import remember_workstreams, workstream_seconds
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.formats.codeowners import PLACES as CODEOWNERS
from gatekeeper.formats.codeowners import read_codeowners
from gatekeeper.formats.layout import find_layout
from gatekeeper.mode_wiring import modes_for
from gatekeeper.model.account import Account
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change
from gatekeeper.model.errors import UsageError
from gatekeeper.model.finding import Severity
from gatekeeper.model.frozen import dataclass, field, replace
from gatekeeper.model.mode import ModeWish
from gatekeeper.model.plan import ChangePlan, Dependency
from gatekeeper.model.policy import Policy, ProjectPolicy
from gatekeeper.model.rules import Rules
from gatekeeper.planning.account import Done, account
from gatekeeper.planning.agents import roster_of
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.hints import co_changes, joined, shared_owners
from gatekeeper.planning.modes import Prepared
from gatekeeper.planning.planner import Demand, make_plan
from gatekeeper.planning.samples import samples
from gatekeeper.planning.templates import Thresholds
from gatekeeper.planning.ticking import Looked, ticked

if TYPE_CHECKING:  # a run plans its change, and no task
    from gatekeeper.formats.config_errors import Problem
    from gatekeeper.formats.task_file import Task

AGENTS = 4
"""How many agents a plan is made for where nobody says; the machine has no part in it, so plans can be compared."""

_PACKAGES_READ = 2_000
_CHANGES_COUNTED = 100  # of the past, for the rate of those that passed at once
_TEXT_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What the command line asks of a plan: a change (`wish`), or a task by its words or by its file."""

    folder: str
    wish: Wish = field(default_factory=Wish)
    agents: int = AGENTS
    kind: str = ""
    modes: ModeWish = field(default_factory=ModeWish)
    task: str | None = None
    files: tuple[str, ...] = ()
    task_file: str = ""


def plan_of(options: PlanOptions) -> ChangePlan:
    """The plan that the options ask for. Raises `UsageError` with everything that is wrong with a task file."""
    repository = find_repository(options.folder)
    task = _task(options)
    if task is not None:
        return _plan_task(task, repository, options)
    target = find_target(repository, options.wish, lambda: configured_base(repository, os.environ))
    change = read_change(repository, target)
    policy = governing_policy(repository, target, {}, os.environ)
    return plan_change(repository, target, change, policy, options)


def plan_change(
    repository: Repository, target: Target, change: Change, policy: Policy, options: PlanOptions
) -> ChangePlan:
    """The plan of a change that has been read already."""
    branch = branch_of(repository, target, os.environ)
    prepared = modes_for(repository, target, change, policy, options.modes, options.kind)
    ground = ground_of(repository, target, change, prepared.policy)
    demand = replace(
        _demand(options, prepared, _touched(change, prepared.policy), repository),
        branch=branch,
        hints=_hints(repository, target, change),
    )
    return _noted(make_plan(change, ground, demand), prepared)


def settle_up(folder: Path, plan: ChangePlan, change: Change, done: Done) -> tuple[ChangePlan, Account]:
    """The plan with its criteria measured, and how well the run carried it out.

    `folder` is that of the repository: earlier runs are read from it, and how long each workstream took is kept there.
    """
    firsts = tuple(run.is_full_pass for run in past_runs(folder, _CHANGES_COUNTED, only_first=True))
    held = account(plan, replace(done, firsts=firsts))
    remember_workstreams(folder, samples(plan, change, done.jobs, done.outcomes, done.verdicts))
    return ticked(plan, Looked(tuple(done.verdicts), held.unexamined)), held


def ground_of(repository: Repository, target: Target, change: Change, policy: Policy) -> Ground:
    """What the planner is told about the tree around a change."""
    objects = repository.objects(target.head_tree)
    names = tuple(objects)
    projects = tuple(find_layout(names, p.root, p.value("source_roots", ())) for p in policy.projects)
    changed = {file.path for file in change.files}
    packages = [name for name in names if name.endswith("__init__.py") and name not in changed][:_PACKAGES_READ]
    contents = repository.contents([objects[name] for name in packages], _TEXT_LIMIT)
    texts = {name: text.decode("utf-8", "replace") for name, text in zip(packages, contents, strict=True) if text}
    return Ground(frozenset(names), projects, texts)


def thresholds_of(projects: Sequence[ProjectPolicy]) -> Thresholds:
    """The strictest thresholds of the projects."""
    usual = Thresholds()
    gates = [gate for project in projects for gate in project.gates if gate.enabled]
    blocks = [list(Severity).index(gate.block) for gate in gates if gate.name == "review"]
    return Thresholds(
        max((gate.minimum for gate in gates if gate.name == "review"), default=usual.score),
        max((gate.minimum for gate in gates if gate.name == "coverage"), default=usual.coverage),
        list(Severity)[max(blocks)].value if blocks else usual.block,
    )


def _task(options: PlanOptions) -> Task | None:
    if options.task_file:
        return _read_task_file(Path(options.folder, options.task_file), options.task_file)
    if options.task is None:
        return None
    from gatekeeper.planning.tasks import task_of  # noqa: PLC0415 - a run has no task

    return task_of(options.task, options.files)


def _read_task_file(path: Path, name: str) -> Task:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", "name a task file with --task-file") from error
    from gatekeeper.formats.task_file import read_task_file  # noqa: PLC0415 - as above

    task, problems = read_task_file(content, name)
    if task is None:
        raise _refusal(problems, name)
    return task


def _refusal(problems: Sequence[Problem], name: str) -> UsageError:
    count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    lines = [f"the task file {name} has {count}", *map(str, problems)]
    return UsageError("\n".join(lines), "docs/plans.md describes every key")


def _plan_task(task: Task, repository: Repository, options: PlanOptions) -> ChangePlan:
    """The plan of work that is not written yet, on the ground of what HEAD has."""
    from gatekeeper.planning.tasks import task_plan  # noqa: PLC0415 - as above

    head, tree = repository.head()
    target = Target(TargetKind.WORKTREE, tree, tree, "HEAD", head, head)
    policy = governing_policy(repository, target, {}, os.environ)
    change = Change(tree, tree, (), task.title)
    options = replace(options, kind=options.kind or task.kind)
    prepared = modes_for(repository, target, change, policy, options.modes, options.kind)
    demand = _demand(options, prepared, prepared.policy.projects, repository)
    return _noted(task_plan(task, repository.names(tree), demand), prepared)


def _demand(
    options: PlanOptions, prepared: Prepared, projects: Sequence[ProjectPolicy], repository: Repository
) -> Demand:
    root = prepared.policy.projects[0]
    folder = known_folder(repository.common_dir)
    return Demand(
        rules=mended_rules(prepared.rules, root),
        agents=options.agents,
        thresholds=thresholds_of(projects),
        history=workstream_seconds(folder) if folder else {},
        modes=tuple(active.mode.name for active in prepared.active),
        declared=options.kind,
        roster=roster_of(root.value("agents", ())),
    )


def mended_rules(rules: Rules, root: ProjectPolicy) -> Rules:
    """The rules, with the fix loop as short as a mode demands it of the run."""
    demanded = root.value("max_fix_iterations")
    return rules if demanded is None else replace(rules, max_fix_iterations=min(rules.max_fix_iterations, demanded))


def _hints(repository: Repository, target: Target, change: Change) -> dict[str, tuple[Dependency, ...]]:
    """What history and owners hint at; nothing where it is not known."""
    paths = {file.path for file in change.files}
    if len(paths) < 2:
        return {}
    objects = repository.objects(target.head_tree)
    place = next((place for place in CODEOWNERS if place in objects), "")
    (content,) = repository.contents([objects[place]], _TEXT_LIMIT) if place else (None,)
    lines = read_codeowners(content.decode("utf-8", "replace")) if content else ()
    together = co_changes(paths, changed_together(repository, target.base))
    return joined(together, shared_owners(paths, lines, place))


def _touched(change: Change, policy: Policy) -> list[ProjectPolicy]:
    """The projects that the change touches, or the first."""
    owners = {policy.project_of(file.path).root for file in change.files}
    return [project for project in policy.projects if project.root in owners] or [policy.projects[0]]


def _noted(plan: ChangePlan, prepared: Prepared) -> ChangePlan:
    return replace(plan, notes=(*plan.notes, *prepared.notes))
