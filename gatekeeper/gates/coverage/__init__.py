"""The coverage gate: which of the changed lines and branches the tests ran, from the same run that judged them."""

from __future__ import annotations

from dataclasses import replace

from gatekeeper.formats.pytest_request import (
    PYTEST,
    CoverageReading,
    PytestRun,
    base_folder,
    coverage_job,
    missing_tools,
    pytest_job,
)
from gatekeeper.gates.coverage.exclusions import exclusion_notes
from gatekeeper.gates.coverage.foreign import foreign_coverage, product_files
from gatekeeper.gates.coverage.measured import BASE, BASE_REPORT, REPORT, NotMeasured, measured_base, measured_coverage
from gatekeeper.gates.coverage.scoring import Demand, judge_lines
from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

_HINT = "See what the tests gate says; `gatekeeper run --gate tests --verbose` shows all that the tests printed."


class CoverageGate:
    """Passed means: the measured share of what the change brought reaches the minimum."""

    reads = (("tests", "coverage data is measured while the tests run"),)

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """Read the data that the tests measure; measure the base as well, where the total must not drop."""
        if request.change.is_empty or request.policy.value("reads") or not _is_wanted(request):
            return ()
        if missing_tools(request, "pytest", "coverage")[0]:
            return ()
        candidate = request.candidate
        files = tuple(request.inside(file.path) for file in _python_files(request))
        total = request.policy.value("total") is not None or _forbids_drop(request)
        jobs = [coverage_job(request, CoverageReading(REPORT, "coverage", PYTEST, candidate.directory, files, total))]
        if _forbids_drop(request):
            base = candidate.base_directory
            run = PytestRun(BASE, "coverage", "running the tests of the base", base, measure=True)
            jobs.append(pytest_job(request, run))
            jobs.append(coverage_job(request, CoverageReading(BASE_REPORT, "coverage", BASE, base, total=True)))
        return tuple(jobs)

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """What was run of what the change brought."""
        if request.change.is_empty:
            return Verdict("coverage", Status.SKIPPED, "nothing changed")
        held = bool(base_folder(request, request.candidate.directory))
        notes = () if request.target.whole else exclusion_notes(request.change, held)
        if not _is_wanted(request):
            return Verdict("coverage", Status.SKIPPED, "nothing to cover", notes=notes)
        try:
            verdict = self._judge(request, outcomes, notes)
            selection = request.selection
            is_known = selection and REPORT in selection.answers
            return replace(verdict, reused=selection.tree) if selection and is_known else verdict
        except NotMeasured as error:
            summary, hint = f"no coverage was measured: {error}", error.hint or _HINT
            return Verdict("coverage", Status.ERROR, summary, notes=notes, hint=hint)

    @staticmethod
    def _judge(request: Request, outcomes: Outcomes, notes: tuple[str, ...]) -> Verdict:
        if request.policy.value("reads"):
            coverage, files = foreign_coverage(request, outcomes), product_files(request.change)
        else:
            reason, hint = missing_tools(request, "pytest", "coverage")
            if reason:
                raise NotMeasured(reason, hint)
            coverage, files = measured_coverage(request, outcomes), _python_files(request)
        base = measured_base(request, outcomes) if _forbids_drop(request) else None
        total = request.policy.value("total")
        demand = Demand(
            minimum=float(request.policy.value("minimum", 85)),
            whole=request.target.whole,
            total=None if total is None else float(total),
            base_total=base,
        )
        return judge_lines(files, coverage, demand, notes)


def _python_files(request: Request) -> tuple[FileChange, ...]:
    """The changed Python files that are product code; without added lines there is nothing in them to cover."""
    whole = request.target.whole
    return tuple(
        file for file in request.change.files if file.is_python and file.role is Role.SOURCE and (whole or file.added)
    )


def _forbids_drop(request: Request) -> bool:
    return request.policy.value("drop", "allow") == "forbid" and request.target.has_base


def _is_wanted(request: Request) -> bool:
    """Whether there is anything to look at."""
    if request.policy.value("total") is not None or _forbids_drop(request):
        return True
    return bool(product_files(request.change) if request.policy.value("reads") else _python_files(request))


GATE = CoverageGate()
