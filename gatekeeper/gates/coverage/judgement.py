"""Judges what the tests ran of the files that coverage is asked of."""

from __future__ import annotations

from gatekeeper.formats.pytest_request import missing_tools
from gatekeeper.gates.coverage.concerned import forbids_drop, product_files, python_files
from gatekeeper.gates.coverage.foreign import foreign_coverage
from gatekeeper.gates.coverage.measured import REPORT, NotMeasured, measured_base, measured_coverage
from gatekeeper.gates.coverage.scoring import Demand, judge_lines
from gatekeeper.model.frozen import replace
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

_HINT = "See what the tests gate says; `gatekeeper run --gate tests --verbose` shows all that the tests printed."


def judge_files(request: Request, outcomes: Outcomes, notes: tuple[str, ...]) -> Verdict:
    """The verdict over these files, with these notes; an error where nothing was measured."""
    try:
        verdict = _judge(request, outcomes, notes)
        selection = request.selection
        is_known = selection and REPORT in selection.answers
        return replace(verdict, reused=selection.tree) if selection and is_known else verdict
    except NotMeasured as error:
        summary, hint = f"no coverage was measured: {error}", error.hint or _HINT
        return Verdict("coverage", Status.ERROR, summary, notes=notes, hint=hint)


def _judge(request: Request, outcomes: Outcomes, notes: tuple[str, ...]) -> Verdict:
    if request.policy.value("reads"):
        coverage, files = foreign_coverage(request, outcomes), product_files(request.change)
    else:
        reason, hint = missing_tools(request, "pytest", "coverage")
        if reason:
            raise NotMeasured(reason, hint)
        coverage, files = measured_coverage(request, outcomes), python_files(request)
    base = measured_base(request, outcomes) if forbids_drop(request) else None
    total = request.policy.value("total")
    demand = Demand(
        minimum=float(request.policy.value("minimum", 85)),
        whole=request.target.whole,
        total=None if total is None else float(total),
        base_total=base,
    )
    return judge_lines(files, coverage, demand, notes)
