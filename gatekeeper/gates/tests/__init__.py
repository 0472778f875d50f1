"""The tests gate: runs the project's tests on the candidate and believes them only if everything agrees."""

from __future__ import annotations

from gatekeeper.formats.pytest_request import COMMAND, PYTEST, PytestRun, missing_tools, pytest_job
from gatekeeper.gates.tests.built import absent_notes, built_notes, outdated
from gatekeeper.gates.tests.hurried import may_hurry
from gatekeeper.gates.tests.pytest_verdict import failed_tests, judge_pytest, retry_id
from gatekeeper.gates.tests.spread import spread_notes, spread_of
from gatekeeper.model.frozen import replace
from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

MOST_RETRIED = 50
"""With more failed tests than this, the change is broken rather than the tests flaky."""


class TestsGate:
    """Passed means: exit code, report and count agree that every test passed."""

    __test__ = False  # pytest would take the name for a test class

    reads: tuple[tuple[str, str], ...] = ()

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """One run of the whole suite, and further ones of the failed tests where the policy asks for retries."""
        if request.change.is_empty:
            return ()
        if request.policy.command:
            from gatekeeper.gates.tests.command import command_job  # noqa: PLC0415 - most projects have pytest

            return command_job(request)
        if missing_tools(request, "pytest")[0]:
            return ()
        tree = request.candidate.directory
        measure = "coverage" in request.selected and request.environment.has("coverage")
        spread = spread_of(request).processes
        run = PytestRun(
            PYTEST, "tests", "running the tests", tree, measure, record=True, hurry=may_hurry(request), processes=spread
        )
        jobs = [pytest_job(request, run)]
        retries = int(request.policy.value("retries", 0))
        for attempt in range(1, retries + 1):
            failed, rootdir = failed_tests(request, outcomes, attempt - 1)
            if not 0 < len(failed) <= MOST_RETRIED:
                break
            label = f"retrying {len(failed)} failed tests" if len(failed) > 1 else "retrying 1 failed test"
            jobs.append(
                pytest_job(request, PytestRun(retry_id(attempt), "tests", label, tree, only=failed, rootdir=rootdir))
            )
        return tuple(jobs)

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """What the run says of the change."""
        if request.change.is_empty:
            return Verdict("tests", Status.SKIPPED, "nothing changed")
        if request.policy.command:
            from gatekeeper.gates.tests.command import judge_command  # noqa: PLC0415 - as above

            return judge_command(request, outcomes.get(COMMAND))
        reason, hint = missing_tools(request, "pytest")
        if reason:
            return Verdict("tests", Status.ERROR, f"the tests could not be run: {reason}", hint=hint)
        if request.candidate.outdated:
            return outdated(request)
        verdict = judge_pytest(request, outcomes)
        lacks = absent_notes(request) if verdict.status is Status.FAILED else ()
        spread = () if verdict.status is Status.ERROR else spread_notes(request)
        return replace(verdict, notes=(*verdict.notes, *spread, *built_notes(request), *lacks))


GATE = TestsGate()
