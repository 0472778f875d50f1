"""The coverage gate: which of the changed lines and branches the tests ran, from the same run that judged them."""

from __future__ import annotations

from gatekeeper.formats.pytest_request import (
    PYTEST,
    CoverageReading,
    PytestRun,
    base_folder,
    coverage_job,
    missing_tools,
    pytest_job,
)
from gatekeeper.gates.coverage.concerned import forbids_drop, is_wanted, python_files
from gatekeeper.gates.coverage.exclusions import exclusion_notes
from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request


class CoverageGate:
    """Passed means: the measured share of what the change brought reaches the minimum."""

    reads = (("tests", "coverage data is measured while the tests run"),)

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """Read the data that the tests measure; measure the base as well, where the total must not drop."""
        if request.change.is_empty or request.policy.value("reads") or not is_wanted(request):
            return ()
        if missing_tools(request, "pytest", "coverage")[0]:
            return ()
        from gatekeeper.gates.coverage.measured import BASE, BASE_REPORT, REPORT  # noqa: PLC0415 - only where wanted

        candidate = request.candidate
        files = tuple(request.inside(file.path) for file in python_files(request))
        total = request.policy.value("total") is not None or forbids_drop(request)
        jobs = [coverage_job(request, CoverageReading(REPORT, "coverage", PYTEST, candidate.directory, files, total))]
        if forbids_drop(request):
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
        if not is_wanted(request):
            return Verdict("coverage", Status.SKIPPED, "nothing to cover", notes=notes)
        from gatekeeper.gates.coverage.judgement import judge_files  # noqa: PLC0415 - only where wanted

        return judge_files(request, outcomes, notes)


GATE = CoverageGate()
