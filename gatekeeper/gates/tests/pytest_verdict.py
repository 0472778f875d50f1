"""Judges runs of pytest: exit code, report and count must agree before anything is believed."""

from __future__ import annotations

from shlex import quote

from gatekeeper.formats.pytest_request import PYTEST, nonce_of, report_path
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.gates.tests.hurried import was_cut, with_end
from gatekeeper.gates.tests.selected import unwanted, with_selection
from gatekeeper.gates.tests.wording import (
    could_not_look,
    failure_finding,
    flaky_finding,
    last_lines,
    missing_package,
    no_tests,
    share_passed,
    summary_of,
)
from gatekeeper.model.frozen import replace
from gatekeeper.model.reading import TestCase
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

EARLY_END = (
    "Look for os._exit(), a crash of the interpreter, or a plugin that ends the process; run pytest by hand to see it."
)


_SETTINGS = (
    "pytest ran with what the base says of: which tests run, and what counts as passed. Change those settings "
    "in a change of its own, and what needs them in the next one."
)


def retry_id(attempt: int) -> str:
    """The id of the job that runs the failed tests again; attempt 0 is the run of the whole suite."""
    return f"tests.retry{attempt}" if attempt else PYTEST


def failed_tests(request: Request, outcomes: Outcomes, attempt: int) -> tuple[tuple[str, ...], str]:
    """The ids of the tests that have failed in every attempt up to this one, and the folder that the ids start from.

    Empty where another attempt would be of no use: the run is not over, did not tell, or left tests out.
    """
    try:
        first = _trusted(request, outcomes, 0)
        if first.collection_errors or first.exit_status != 1 or len(first.tests) < first.collected:
            return (), ""
        failed = [test.id for test in first.failures]
        for again in range(1, attempt + 1):
            passed = _passed_again(_trusted(request, outcomes, again))
            failed = [test for test in failed if test not in passed]
    except UnreadableReport:
        return (), ""
    return tuple(failed), first.rootdir


def judge_pytest(request: Request, outcomes: Outcomes) -> Verdict:
    """What the run of the suite, and the retries of its failed tests, say."""
    outcome = outcomes.get(PYTEST)
    if outcome is None:
        return could_not_look("they were not run")
    try:
        report = _trusted(request, outcomes, 0)
    except UnreadableReport as error:
        return could_not_look(str(error), outcome, EARLY_END if outcome.ran else "")
    if report.wrong_origins:
        return _wrong_origin(report)
    is_cut = was_cut(request, report)
    doubt = _unread(report) or _disagreement(report, is_cut) or unwanted(request, report)
    if doubt:
        by_base = report.unread_settings or (report.held_settings and report.exit_status == 4)
        return could_not_look(doubt, outcome, _SETTINGS if by_base else missing_package(request, last_lines(outcome)))
    passed_before = report.reused and request.selection and request.selection.passed
    if not passed_before and not report.collection_errors and not any(t.outcome != "skipped" for t in report.tests):
        found = report.reused + len(report.tests)
        reason = f"all {found} tests were skipped" if found else "no tests were found"
        return no_tests(reason, bool(request.policy.value("allow_empty", False)), outcome)
    verdict = with_selection(request, report, _verdict(report, _flaky(request, outcomes, report), is_cut))
    if report.collection_errors and not verdict.hint:
        said = "\n".join(error.message for error in report.collection_errors)
        verdict = replace(verdict, hint=missing_package(request, said))
    return with_end(request, report, verdict)


def _trusted(request: Request, outcomes: Outcomes, attempt: int) -> TestReport:
    """The report of an attempt; raises UnreadableReport, with the reason, where there is none to be trusted."""
    job = retry_id(attempt)
    outcome = outcomes.get(job)
    if outcome is None:
        raise UnreadableReport("they were not run")
    if not outcome.ran:
        raise UnreadableReport(outcome.problem)
    text = outcome.files.get(report_path(request, job))
    if text is None:
        raise UnreadableReport(f"pytest ended with exit code {outcome.exit_code} and left no report")
    report = read_test_report(text, nonce_of(request, job))
    if report.exit_status != outcome.exit_code:
        raise UnreadableReport(
            f"pytest returned {report.exit_status}, but its process ended with exit code {outcome.exit_code}"
        )
    return report


def _unread(report: TestReport) -> str:
    """Why it is unknown whether the change keeps tests from running; empty where that is settled."""
    if not report.unread_settings:
        return ""
    return f"the change edits settings of pytest, and those of the base cannot be told: {report.unread_settings}"


def _disagreement(report: TestReport, is_cut: bool) -> str:
    """Why the exit code, the report and the counts do not fit together; empty where they do.

    With `is_cut` pytest was told to end at the first failure, and did: pytest-xdist has it exit with 2 then.
    """
    bad = len(report.failures) + len(report.collection_errors)
    unseen = report.collected - len(report.tests)
    known = {
        0: f"exit code 0, although {bad} did not pass" if bad else "",
        1: "" if bad else "exit code 1, although no test failed; a plugin may have set it",
        2: "" if is_cut or report.collection_errors else f"pytest was interrupted{_because(report.stopped)}",
        3: "pytest had an internal error",
        4: "pytest could not start: it does not know an option or a file, or a conftest.py failed",
        5: "exit code 5 (no tests), although there are outcomes" if report.tests else "",
        6: f"{bad} did not pass, yet the exit code speaks of warnings only" if bad else "",
    }
    doubt = known.get(report.exit_status, f"exit code {report.exit_status} is none of pytest's own")
    if not doubt and unseen > 0 and report.exit_status in (0, 6):
        doubt = f"{unseen} of {report.collected} tests have no outcome, such as {', '.join(report.unseen[:3])}"
    return doubt


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _wrong_origin(report: TestReport) -> Verdict:
    """The error verdict on tests that ran against other code than the candidate's."""
    wrong = report.wrong_origins[0]
    reason = f"wrong import origin: {wrong.package} came from {wrong.found}, not from {wrong.expected}"
    hint = (
        "Tests of other code say nothing about this change. Look for sys.path changes in conftest.py, `pythonpath` in "
        "pytest's settings, or a copy that is installed in the environment."
    )
    return could_not_look(reason, None, hint)


def _flaky(request: Request, outcomes: Outcomes, report: TestReport) -> tuple[TestCase, ...]:
    """The tests that failed at first and passed in a later attempt."""
    attempt = 0
    while retry_id(attempt + 1) in outcomes:
        attempt += 1
    if not attempt:
        return ()
    flaky: set[str] = set()
    for again in range(1, attempt + 1):
        try:
            flaky |= _passed_again(_trusted(request, outcomes, again))
        except UnreadableReport:
            continue  # an attempt that cannot be trusted saves no test
    return tuple(test for test in report.failures if test.id in flaky)


def _passed_again(report: TestReport) -> set[str]:
    """The tests that a retry saw pass, if it may be believed."""
    if report.wrong_origins or report.exit_status not in (0, 1):
        return set()
    return {test.id for test in report.tests if test.outcome == "passed"}


def _verdict(report: TestReport, flaky: tuple[TestCase, ...], is_cut: bool) -> Verdict:
    saved = {test.id for test in flaky}
    failures = tuple(test for test in report.failures if test.id not in saved)
    findings = [failure_finding(error, "collection-error") for error in report.collection_errors]
    findings += [failure_finding(test) for test in failures]
    too_many_warnings = report.exit_status == 6
    failed = bool(findings) or too_many_warnings
    tests = tuple(test for test in report.tests if test.id not in saved)
    summary = summary_of(tests, report.seconds, len(flaky))
    if report.collection_errors:
        files = len(report.collection_errors)
        summary = f"{files} {'file' if files == 1 else 'files'} could not be collected; {summary}"
    if too_many_warnings:
        summary = f"more warnings than the project allows ({report.warnings}); {summary}"
    return Verdict(
        gate="tests",
        status=Status.FAILED if failed else Status.PASSED,
        summary=summary,
        measured=0.0 if report.collection_errors else share_passed((*tests, *_as_passed(flaky)), report.reused),
        required=100.0,
        unit="%",
        findings=(*findings, *map(flaky_finding, flaky)),
        notes=_notes(report, flaky, is_cut),
        hint=f"Run it alone: pytest {quote(failures[0].id)}" if failures else "",
    )


def _as_passed(tests: tuple[TestCase, ...]) -> tuple[TestCase, ...]:
    return tuple(TestCase(test.id, "passed") for test in tests)


def _notes(report: TestReport, flaky: tuple[TestCase, ...], is_cut: bool) -> tuple[str, ...]:
    """What is worth knowing and changes nothing."""
    notes = [f"flaky: {test.id}" for test in flaky]
    if report.held_settings:
        named = ", ".join(report.held_settings)
        notes.append(f"the change edits settings of pytest; what the base has of {named} was used until it is merged")
    if report.deselected:
        notes.append(f"the project's settings left out {report.deselected} tests")
    if report.stopped and not is_cut:
        unseen = max(0, report.collected - len(report.tests))
        notes.append(f"pytest stopped early ({report.stopped}); {unseen} tests did not run")
    if report.workers:
        notes.append(f"run by {report.workers} pytest-xdist workers")
    return tuple(notes)
