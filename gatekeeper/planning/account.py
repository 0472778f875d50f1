"""Holds a finished run against the plan of its change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatekeeper.model.account import Account
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.plan import ChangePlan, Phase, Pillar
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.detectors import gate_coverage, missing_pillars, no_progress, serial_execution, single_agent
from gatekeeper.planning.efficiency import examine, first_time_pass_rate, ran_of_jobs
from gatekeeper.planning.targets import missed_targets

_GATES = {Pillar.REVIEW: "review", Pillar.TESTS: "tests", Pillar.DOCS: "docs"}
"""The gate that does the work of each pillar of quality."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: its jobs and what came of them, its verdicts, and the machine.

    `workers` is how many jobs could run at once. `silences` are the jobs that showed no progress for longer than they
    may, with the longest silence and the limit, in seconds. `firsts` tells of each earlier change whether its first
    run passed.
    """

    jobs: Sequence[Job]
    outcomes: Mapping[str, Outcome]
    verdicts: Sequence[Verdict]
    cores: int
    workers: int
    silences: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    firsts: Sequence[bool] = ()


def account(plan: ChangePlan, done: Done) -> Account:
    """What the run did of its plan, and how well."""
    ran = ran_of_jobs(done.jobs, done.outcomes, done.cores)
    found = examine(ran, done.workers, sum(outcome.cpu_seconds for outcome in done.outcomes.values()) / done.cores)
    share, unexamined = gate_coverage(plan.workstreams, _done(plan, done))
    alarms = (
        *serial_execution(found),
        *single_agent(ran, found),
        *missing_pillars(plan.workstreams),
        *no_progress(done.silences),
        *(missed_targets(found, share, unexamined, plan.targets) if plan.targets else ()),
    )
    return Account(found, alarms, share, unexamined, first_time_pass_rate(sum(done.firsts), len(done.firsts)))


def _done(plan: ChangePlan, done: Done) -> list[str]:
    """The judging workstreams whose gate looked; where there are several projects, in every one of them."""
    looked = {
        pillar: bool(mine) and all(_looked(verdict, done) for verdict in mine)
        for pillar, gate in _GATES.items()
        for mine in [[verdict for verdict in done.verdicts if verdict.gate == gate]]
    }
    return [w.id for w in plan.workstreams if w.phase is Phase.JUDGE and looked.get(w.pillar, False)]


def _looked(verdict: Verdict, done: Done) -> bool:
    """Whether a gate looked: not if it could not, if a person had it skipped, or if the run was over before it was."""
    if verdict.status is Status.ERROR or verdict.waived:
        return False
    mine = [job.id for job in done.jobs if job.gate == verdict.name]
    return verdict.status is not Status.SKIPPED or all(job in done.outcomes for job in mine)
