"""Carries a run out: lays out both trees, finds the interpreters, starts the jobs, and makes the report."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.agents.local import LocalAgent
from gatekeeper.agents.prepared import PreparedAgent
from gatekeeper.agents.remembering import RememberingAgent
from gatekeeper.edges import shadow
from gatekeeper.edges.in_place import is_in_place
from gatekeeper.edges.interpreter import find_environment
from gatekeeper.edges.outcomes import MEGABYTES, Outcomes
from gatekeeper.edges.places import Slot, repository_folder, warm_folder
from gatekeeper.edges.programs import find_ruff
from gatekeeper.edges.store import expected_seconds, remember_seconds
from gatekeeper.engine.broadcast import Broadcast
from gatekeeper.engine.decide import decide
from gatekeeper.engine.run import Assignment, Run
from gatekeeper.engine.scheduler import Scheduler
from gatekeeper.formats.layout import package_folders
from gatekeeper.formats.pytest_request import PYTEST, files_read, may_select
from gatekeeper.look_wiring import Ground, Plans, RunOptions, part_for
from gatekeeper.model.candidate import Candidate, Environment
from gatekeeper.model.events import RunStarted
from gatekeeper.model.frozen import replace
from gatekeeper.model.policy import GatePolicy, ProjectPolicy
from gatekeeper.model.report import Report
from gatekeeper.planning.metrics import measure
from gatekeeper.planning.standstill import Watch
from gatekeeper.ports import Agent, Gate, Request
from gatekeeper.registry import load_gate

if TYPE_CHECKING:
    from gatekeeper.model.account import Account
    from gatekeeper.model.change import Change
    from gatekeeper.model.job import Outcome
    from gatekeeper.model.plan import ChangePlan
    from gatekeeper.model.policy_change import PolicyChange
    from gatekeeper.select_wiring import Selecting

_FEWEST_WORKERS = 8  # gates that wait (for a network, for a sleep) must not wait for one another


def carry_out(
    options: RunOptions, ground: Ground, plans: Plans, slot: Slot, broadcast: Broadcast, epoch: float
) -> Report:
    """Judge the plans by their gates, in the slot, and tell what happens; `epoch` is when the run began."""
    folder = repository_folder(ground.repository.common_dir)
    candidate, environments, notes = _prepare(ground, plans, slot)
    assignments = _assignments(ground, plans, candidate, environments, slot)
    if not options.afresh and ground.policy.projects[0].value("cache").get("megabytes", MEGABYTES):
        assignments = tuple(replace(a, request=replace(a.request, warm=warm_folder())) for a in assignments)
    root = ground.policy.projects[0]
    store = Outcomes(folder, root.value("cache").get("megabytes", MEGABYTES) << 20)
    selecting = _selecting(ground, folder, assignments, store)
    if selecting is not None:
        assignments = selecting.select(assignments, options.full or options.afresh)
    apart = selecting.apart(assignments) if selecting is not None else {}
    names = tuple(assignment.title for assignment in assignments if assignment.judged)
    broadcast.tell(RunStarted(ground.target, ground.change, candidate, names, ground.policy.source))
    agent: Agent = LocalAgent(epoch, slot.lock)
    if not _wants_base(ground):
        agent = PreparedAgent(agent, lambda: _lay_out_base(ground, slot))
    agent = RememberingAgent(agent, store, options.afresh, epoch)
    workers = int(root.value("jobs") or max(_FEWEST_WORKERS, 2 * (os.cpu_count() or 1)))
    scheduler = Scheduler(agent, workers, epoch)
    watch = Watch(time.monotonic, broadcast.tell)
    broadcast.join("watch", watch)
    run = Run(assignments, scheduler, broadcast, expected_seconds(folder, apart), epoch)
    plan, trouble, relaxed = _run_and_plan(options, ground, run, scheduler, store)
    outcomes, fails_fast = scheduler.outcomes, _fails_fast(ground)
    remember_seconds(folder, [(o.job, o.seconds) for o in outcomes.values() if _is_whole(o, fails_fast)], apart)
    if selecting is not None:
        notes = (*notes, *_learn(selecting, assignments, run, outcomes))
    plan, held = _settled(ground.change, folder, plan, run, scheduler, watch)
    return Report(
        ground.target, ground.change, ground.policy.source, run.verdicts, decide(run.verdicts),
        measure(run.jobs, outcomes, os.cpu_count() or 1), run.jobs,
        tuple(outcomes[job.id] for job in run.jobs if job.id in outcomes), time.monotonic() - epoch,
        (*ground.policy.notes, *notes, *trouble), plan=plan, account=held, policy_changes=relaxed,
    )  # fmt: skip


def _is_in_ci() -> bool:
    return bool(os.environ.get("CI"))


def _fails_fast(ground: Ground) -> bool:
    """Whether the run ends at the first gate that blocks."""
    return bool(ground.policy.projects[0].value("fail_fast", False))


def _learn(
    selecting: Selecting, assignments: tuple[Assignment, ...], run: Run, outcomes: Mapping[str, Outcome]
) -> tuple[str, ...]:
    """Keep what the run saw of tests; tells what could not be kept. Where no program was started, there is nothing."""
    if all(job.answer or outcomes[job.id].remembered for job in run.jobs if job.id in outcomes):
        return ()
    from gatekeeper.learn_wiring import Learning  # noqa: PLC0415 - the verdicts came first

    learning = Learning(selecting.repository, selecting.folder, selecting.recalling)
    return learning.learn(assignments, outcomes, run.verdicts)


def _is_whole(outcome: Outcome, fails_fast: bool) -> bool:
    """Whether the time that a job took tells how long it takes: that of a pytest that ended early does not."""
    is_cut = fails_fast and outcome.exit_code != 0 and outcome.job.rpartition(":")[2] == PYTEST
    return outcome.ran and bool(outcome.seconds) and not is_cut


def _selecting(ground: Ground, folder: Path, assignments: tuple[Assignment, ...], store: Outcomes) -> Selecting | None:
    """What leaves tests out, where a policy allows that."""
    if not any(may_select(assignment.request) for assignment in assignments):
        return None
    from gatekeeper.recall_wiring import Recalling  # noqa: PLC0415 - only where tests may be left out
    from gatekeeper.select_wiring import Selecting  # noqa: PLC0415 - as above

    return Selecting(ground.repository, ground.change, folder, Recalling(ground.repository, store))


def _run_and_plan(
    options: RunOptions, ground: Ground, run: Run, scheduler: Scheduler, store: Outcomes
) -> tuple[ChangePlan | None, tuple[str, ...], tuple[PolicyChange, ...]]:
    """Carry the run out; plan the change, and list what it relaxes, while the jobs run, so that nobody waits for it."""
    with ThreadPoolExecutor(1, thread_name_prefix="plan") as pool:
        try:
            run.launch()
            planning = pool.submit(_plan, options, ground)
            # in CI, what ran before us may have written to the store: nobody hides there what a change asks less of
            listing = pool.submit(_relaxed, ground, store, options.afresh or _is_in_ci())
            run.carry_out(_fails_fast(ground))
        finally:
            scheduler.close()
        return *planning.result(), listing.result()


def _relaxed(ground: Ground, store: Outcomes, afresh: bool) -> tuple[PolicyChange, ...]:
    """In what the change asks less of itself."""
    from gatekeeper.relaxed_wiring import relaxations_kept  # noqa: PLC0415 - imported while the jobs run

    return relaxations_kept(ground.change, ground.target, ground.policy.changes, store, afresh)


def _settled(
    change: Change, folder: Path, plan: ChangePlan | None, run: Run, scheduler: Scheduler, watch: Watch
) -> tuple[ChangePlan | None, Account | None]:
    """The plan with what the run met of it, and how the run did against it."""
    if plan is None:
        return None, None
    from gatekeeper.plan_wiring import settle_up  # noqa: PLC0415 - only where there is a plan
    from gatekeeper.planning.account import Done  # noqa: PLC0415 - as above

    cores = os.cpu_count() or 1
    done = Done(run.jobs, scheduler.outcomes, run.verdicts, cores, scheduler.workers, watch.silences)
    return settle_up(folder, plan, change, done)


def _plan(options: RunOptions, ground: Ground) -> tuple[ChangePlan | None, tuple[str, ...]]:
    """The plan of the change, or a note why there is none: a verdict does not hang on it.

    Whoever names single gates does not mean to carry the plan out, and need not hear what of it is missing.
    """
    if ground.change.is_empty or ground.target.whole or options.gates:
        return None, ()
    from gatekeeper.plan_wiring import PlanOptions, plan_change  # noqa: PLC0415 - imported while the jobs run

    try:
        wanted = PlanOptions(options.folder, modes=options.modes)
        return plan_change(ground.repository, ground.target, ground.change, ground.policy, wanted), ()
    except Exception as error:  # noqa: BLE001 - as a reporter, a planner that breaks changes no verdict
        return None, (f"the change could not be planned: {type(error).__name__}: {error}",)


def _prepare(ground: Ground, plans: Plans, slot: Slot) -> tuple[Candidate, dict[str, Environment], tuple[str, ...]]:
    """Lay out both trees and find the interpreters, all at the same time."""
    with ThreadPoolExecutor(4, thread_name_prefix="prepare") as pool:
        head = pool.submit(_head, ground, plans, slot)
        base = pool.submit(_lay_out_base, ground, slot) if _wants_base(ground) else None
        searches = {
            project.root: pool.submit(
                find_environment, ground.top, project.root, str(project.value("python") or ""), os.environ, slot.folder
            )
            for project, _, _ in plans
        }
        for gate in {gate.name for _, _, gates in plans for gate in gates}:
            load_gate(gate)  # Git and others are at work: what is imported now, nobody waits for later
        laid_out, in_place = head.result()
        if base is not None:
            base.result()
        compiled = [file.path for file in ground.change.files if file.is_compiled]
        outdated = shadow.older_than_sources(ground.top, _packages(ground, plans), compiled)
        candidate = Candidate(
            str(laid_out.folder),
            str(shadow.folder_in(_base(slot))),
            in_place,
            laid_out.borrowed,
            outdated,
            laid_out.absent,
        )
        return candidate, {root: search.result() for root, search in searches.items()}, laid_out.notes


def _wants_base(ground: Ground) -> bool:
    """Whether the base tree will be looked at for sure; else it is laid out before the first job, if one comes up."""
    return ground.target.whole or any(file.is_python for file in ground.change.files)


def _lay_out_base(ground: Ground, slot: Slot) -> None:
    shadow.lay_out(ground.repository.holding(slot.lock), ground.target.base_tree, _base(slot))


def _base(slot: Slot) -> Path:
    return slot.folder / "base"


def _head(ground: Ground, plans: Plans, slot: Slot) -> tuple[shadow.Shadow, bool]:
    repository, tree = ground.repository, ground.target.head_tree
    changed = [file.path for file in ground.change.files if file.is_python]
    writes = any(gate.command for _, _, gates in plans for gate in gates)  # a command may write where it runs
    is_there = not writes and is_in_place(repository, tree, ground.target.head)
    if is_there and not shadow.may_hold_stale_bytecode(ground.top, changed):
        return shadow.Shadow(ground.top), True
    wanted = [f"{project.root}/{p}".lstrip("/") for project, _, _ in plans for p in project.value("borrow", ())]
    laid_out = shadow.lay_out(repository.holding(slot.lock), tree, slot.folder / "head")
    return shadow.borrow(repository, laid_out, _packages(ground, plans), wanted), False


def _packages(ground: Ground, plans: Plans) -> list[str]:
    return [folder for _, layout, _ in plans for folder in package_folders(ground.names, layout)]


def _assignments(
    ground: Ground,
    plans: Plans,
    candidate: Candidate,
    environments: Mapping[str, Environment],
    slot: Slot,
) -> tuple[Assignment, ...]:
    made = []
    for number, (project, layout, gates) in enumerate(plans):
        kept = tuple(gate for gate in gates if gate.name not in ground.skips)
        selected = frozenset(gate.name for gate in kept)
        scratch = slot.scratch / str(number)
        scratch.mkdir()
        request = Request(
            ground.target, ground.change, GatePolicy(""), layout, environments[project.root], candidate, selected,
            str(scratch), str(Path(__file__).parent), sys.executable, find_ruff(), ground.repository.git_dir,
            in_ci=_is_in_ci(), fail_fast=_fails_fast(ground), cores=os.cpu_count() or 1,
        )  # fmt: skip
        for place, policy in enumerate((*gates, *_providers(project, kept))):
            own = replace(request, policy=policy, change=part_for(ground, project, policy))
            judged = place < len(gates)
            made.append(Assignment(policy.name, _gate(ground, policy.name, judged), own, judged))
    return _measured_for_a_reason(tuple(made))


def _measured_for_a_reason(assignments: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
    """The assignments; tests are not measured where the coverage gate has nothing to read of it, and told where it
    reads of a few files alone: to measure may cost as much as the tests themselves."""
    readers = {each.project: each for each in assignments if each.name == "coverage"}
    return tuple(
        replace(each, request=_measured(each.request, readers[each.project]))
        if each.name == "tests" and each.project in readers
        else each
        for each in assignments
    )


def _measured(tests: Request, reader: Assignment) -> Request:
    """The request of the tests with what the coverage gate will read of them."""
    readings = reader.gate.plan(reader.request, {})
    if not readings:
        return replace(tests, selected=tests.selected - {"coverage"})
    if reader.request.policy.value("drop") == "forbid":
        return tests  # also without a base: a later run wants to know what each test covers
    return replace(tests, measured=files_read(readings))


def _gate(ground: Ground, name: str, judged: bool) -> Gate:
    """The gate of this name; one that is skipped still does the jobs which another gate reads."""
    if judged and name in ground.skips:
        from gatekeeper.engine.waived import WaivedGate  # noqa: PLC0415 - hardly any run skips a gate

        return WaivedGate(name, ground.skips[name])
    return load_gate(name)


def _providers(project: ProjectPolicy, gates: tuple[GatePolicy, ...]) -> list[GatePolicy]:
    """The gates that are not judged in this run but whose outcomes a judged one reads."""
    names = {gate.name for gate in gates}
    read = {name for gate in gates for name, _ in load_gate(gate.name).reads}
    return [gate for gate in project.gates if gate.name in read - names]
