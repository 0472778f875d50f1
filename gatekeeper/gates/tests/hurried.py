"""Tells whether pytest may end at its first failure, and says of a run that did what did not run."""

from __future__ import annotations

from gatekeeper.formats.test_report import TestReport
from gatekeeper.model.frozen import replace
from gatekeeper.model.verdict import Verdict
from gatekeeper.ports import Request

_REORDERED = (
    "files of tests ran in another order than that of pytest, those first that are the likeliest to fail; "
    "without fail fast they run in pytest's own"
)


def may_hurry(request: Request) -> bool:
    """Whether the run ends at the first gate that blocks, and one failed test is certain to have this gate block.

    It is not where failed tests run again, where an override may excuse the failure, and where the gate is advisory or
    is not judged at all and its tests run only for what coverage measures.
    """
    policy = request.policy
    is_forgiving = policy.advisory or bool(policy.overrides) or int(policy.value("retries", 0)) > 0
    return request.fail_fast and "tests" in request.selected and not is_forgiving


def was_cut(request: Request, report: TestReport) -> bool:
    """Whether pytest ended at the first failure since it was told to, and has one to show."""
    return may_hurry(request) and report.ended_at_first and bool(report.failures or report.collection_errors)


def with_end(request: Request, report: TestReport, verdict: Verdict) -> Verdict:
    """The verdict with what did not run; unchanged where pytest was not told to end early, or did not."""
    if not was_cut(request, report):
        return verdict
    unseen = max(0, report.collected - len(report.tests))
    words = "pytest ended at the first failure"
    if not report.collection_errors:  # else nobody knows how many there are
        words += f", {unseen} {'test' if unseen == 1 else 'tests'} did not run"
    notes = (*verdict.notes, _REORDERED) if report.reordered else verdict.notes
    return replace(verdict, summary=f"{verdict.summary}; {words}", notes=notes)
