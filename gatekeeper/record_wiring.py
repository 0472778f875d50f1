"""Leaves the trace of a run: a row of the local history, and a Git note on the tree that was judged."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

from gatekeeper import __version__
from gatekeeper.edges.branches import branch_of
from gatekeeper.edges.git import Repository
from gatekeeper.edges.history import remember_run
from gatekeeper.edges.places import repository_folder
from gatekeeper.edges.verdict_notes import add_note
from gatekeeper.formats.verdict_note import added, policy_digest
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.policy import Policy
from gatekeeper.model.record import GateRecord, RunRecord
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Verdict


def record_run(
    repository: Repository, report: Report, policy: Policy, environment: Mapping[str, str], hook: str, complete: bool
) -> tuple[str, ...]:
    """Record a run that has ended; tells what could not be written. It never fails a run.

    Every run stands in the local history. A note is written only by a run of all gates over what can become a commit:
    not for the working tree, not for `--gate`, and not where the configuration says `record: false`.
    """
    try:
        run = _run_of(repository, report, policy, environment, hook, complete)
        said = remember_run(repository_folder(repository.common_dir), run)
        if not _is_noted(run, policy):
            return said
        trouble = add_note(repository, run.head_tree, partial(_revised, run), run.when, environment)
        return (*said, f"the verdicts could not be recorded as a Git note: {trouble}") if trouble else said
    except Exception as error:  # noqa: BLE001 - the verdict stands, whether or not it leaves a trace
        return (f"the run could not be recorded: {type(error).__name__}: {error}",)


def _run_of(
    repository: Repository, report: Report, policy: Policy, environment: Mapping[str, str], hook: str, complete: bool
) -> RunRecord:
    target = report.target
    return RunRecord(
        int(time.time()), target.base_tree, target.head_tree, int(report.exit),
        tuple(_gate(verdict) for verdict in report.verdicts), target.kind.value, target.base, target.head,
        policy_digest(policy), report.policy_source, __version__, complete, report.seconds, target.title, hook,
        branch_of(repository, target, environment),
    )  # fmt: skip


def _gate(verdict: Verdict) -> GateRecord:
    reason = verdict.waived
    if verdict.override is not None:
        one = verdict.override
        reason = f"it failed, overridden by {one.owner} until {one.expires}: {one.reason}"
    return GateRecord(verdict.name, verdict.status, verdict.measured, verdict.required, reason)


def _is_noted(run: RunRecord, policy: Policy) -> bool:
    wanted = bool(policy.projects[0].value("record", True))
    return wanted and run.complete and bool(run.gates) and run.kind in (TargetKind.STAGED, TargetKind.RANGE)


def _revised(run: RunRecord, text: str) -> str | None:
    return added(run.head_tree, text, run)
