"""Holds a finished run against the plan of its change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatekeeper.model.account import Account
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.plan import ChangePlan, Phase, Pillar
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.detectors import gate_coverage, missing_pillars, serial_execution, single_agent
from gatekeeper.planning.efficiency import examine, ran_of_jobs

_GATES = {Pillar.REVIEW: "review", Pillar.TESTS: "tests", Pillar.DOCS: "docs"}
"""The gate that does the work of each pillar of quality."""


def account(
    plan: ChangePlan, jobs: Sequence[Job], outcomes: Mapping[str, Outcome], verdicts: Sequence[Verdict], cores: int,
    workers: int,
) -> Account:  # fmt: skip
    """What the run did of its plan, and how well; `workers` is how many jobs could run at once."""
    ran = ran_of_jobs(jobs, outcomes, cores)
    found = examine(ran, workers, sum(outcome.cpu_seconds for outcome in outcomes.values()) / cores)
    alarms = (*serial_execution(found), *single_agent(ran, found), *missing_pillars(plan.workstreams))
    share, unexamined = gate_coverage(plan.workstreams, _done(plan, verdicts))
    return Account(found, alarms, share, unexamined)


def _done(plan: ChangePlan, verdicts: Sequence[Verdict]) -> list[str]:
    """The judging workstreams whose gate looked; where there are several projects, in every one of them."""
    looked = {
        pillar: bool(said) and all(status is not Status.ERROR for status in said)
        for pillar, gate in _GATES.items()
        for said in [[verdict.status for verdict in verdicts if verdict.gate == gate]]
    }
    return [w.id for w in plan.workstreams if w.phase is Phase.JUDGE and looked.get(w.pillar, False)]
