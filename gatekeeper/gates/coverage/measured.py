"""Reads what coverage measured while pytest ran, and says why there is nothing where there is nothing."""

from __future__ import annotations

import json
from typing import Any

from gatekeeper.formats.pytest_request import COMMAND, PYTEST, nonce_of, report_path
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.reading import FileCoverage
from gatekeeper.ports import Outcomes, Request

REPORT = "coverage.report"
BASE = "coverage.base"
BASE_REPORT = "coverage.base_report"
FULL_RUN = "Run all tests: gatekeeper run --full"


class NotMeasured(Exception):
    """There is no coverage to judge; the text says why, `hint` what helps."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was run: of each file, and of the whole project in % where that was asked for.

    `left_out` are files that the project's configuration does not measure, with the reason; `notes` say what else a
    reader of the figures should know. `at_least` says that the total may be higher, as far as can be told.
    """

    files: tuple[FileCoverage, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    total: float | None = None
    notes: tuple[str, ...] = ()
    at_least: bool = False


def measured_coverage(request: Request, outcomes: Outcomes) -> Coverage:
    """What the tests ran of the changed files; raises NotMeasured."""
    if PYTEST not in outcomes and COMMAND in outcomes:
        raise NotMeasured(
            "the tests were run by a command of their own",
            "Name the coverage report that it writes: `reads: {lcov: coverage/lcov.info}` under gates: coverage: "
            "and the same under gates: tests:.",
        )
    tests = _tests(request, outcomes, PYTEST)
    if tests.ended_at_first:
        raise NotMeasured("pytest ended at the first failure", "Run all tests: without --fail-fast.")
    data = _report(request, outcomes, REPORT)
    prefix = f"{request.candidate.directory}/"
    files, left_out = [], []
    for path, entry in data["files"].items():
        relative = path.removeprefix(prefix)
        if entry.get("problem"):
            raise NotMeasured(f"{relative} cannot be read: {entry['problem']}")
        if "left_out" in entry:
            left_out.append((relative, str(entry["left_out"])))
        else:
            files.append(_file_coverage(relative, entry))
    if left_out and not files and data["unknown_sources"]:
        names = ", ".join(data["unknown_sources"])
        raise NotMeasured(
            f"its configuration names a source that this project does not have: {names}",
            "Name what is to be measured: `source = [...]` under [tool.coverage.run], or in .coveragerc.",
        )
    notes = []
    unseen = tests.collected - len(tests.tests)
    if unseen > 0:
        notes.append(f"{unseen} tests did not run, since pytest stopped early; what they cover is not counted")
    return _with_reused(Coverage(tuple(files), tuple(left_out), data["total"], tuple(notes)), request, tests, data)


def _with_reused(coverage: Coverage, request: Request, tests: TestReport, data: dict[str, Any]) -> Coverage:
    """The same with what is to be known of tests that were left out; raises NotMeasured where the total lacks them."""
    if not tests.reused or request.selection is None:
        return coverage
    if coverage.total is None:
        return coverage
    if data.get("merged") != tests.reused:
        raise NotMeasured("what the tests that were left out cover of the whole project is not known", FULL_RUN)
    known = f"the total holds what {tests.reused} of the tests ran in {request.selection.tree[:12]}"
    return replace(coverage, notes=(*coverage.notes, known), at_least=not data.get("exact"))


def measured_base(request: Request, outcomes: Outcomes) -> float:
    """The share of the whole project that its tests ran at the base, in %; raises NotMeasured."""
    try:
        _tests(request, outcomes, BASE)
        total = _report(request, outcomes, BASE_REPORT)["total"]
    except NotMeasured as error:
        raise NotMeasured(f"the base could not be measured: {error}", error.hint) from error
    if total is None:
        raise NotMeasured("the base could not be measured: nothing of it is measured by the configuration")
    return float(total)


def _tests(request: Request, outcomes: Outcomes, job: str) -> TestReport:
    """The report of the run that measured; raises NotMeasured where it ran no test of this tree, or did not measure."""
    report = _test_report(request, outcomes, job)
    if report.wrong_origins:
        wrong = report.wrong_origins[0]
        raise NotMeasured(f"wrong import origin: {wrong.package} came from {wrong.found}, not from {wrong.expected}")
    if report.measure_problem:
        raise NotMeasured(f"coverage could not measure: {report.measure_problem}")
    if not report.tests and not report.reused:  # where all are reused, none of them runs what changed
        raise NotMeasured(
            "no test was run",
            "Mend what keeps the tests from running, or add one. For a project that has none: `gates: {coverage: off}`",
        )
    if not report.measured:
        raise NotMeasured("the tests ran without coverage")
    return report


def _test_report(request: Request, outcomes: Outcomes, job: str) -> TestReport:
    outcome = outcomes.get(job)
    if outcome is None:
        raise NotMeasured("the tests were not run")
    if not outcome.ran:
        raise NotMeasured(f"the tests could not be run: {outcome.problem}")
    text = outcome.files.get(report_path(request, job))
    if text is None:
        raise NotMeasured(f"pytest ended with exit code {outcome.exit_code} and left no report")
    try:
        return read_test_report(text, nonce_of(request, job))
    except UnreadableReport as error:
        raise NotMeasured(str(error)) from error


def _report(request: Request, outcomes: Outcomes, job: str) -> dict[str, Any]:
    """The answer of a job that read coverage data; raises NotMeasured."""
    outcome = outcomes.get(job)
    if outcome is None:
        raise NotMeasured("the coverage data was not read")
    if not outcome.ran:
        raise NotMeasured(f"the coverage data could not be read: {outcome.problem}")
    try:
        data = json.loads(outcome.files.get(report_path(request, job), ""))
    except (ValueError, RecursionError) as error:
        raise NotMeasured("the coverage data could not be read: there is no report") from error
    if not isinstance(data, dict) or data.get("nonce") != nonce_of(request, job):
        raise NotMeasured("the report on the coverage data is not of this run")
    if data.get("problem"):
        raise NotMeasured(str(data["problem"]), "Something in the tests may have stopped coverage or erased its data.")
    return data


def _file_coverage(path: str, entry: dict[str, Any]) -> FileCoverage:
    return FileCoverage(
        path=path,
        executed=frozenset(entry["executed_lines"]),
        missing=frozenset(entry["missing_lines"]),
        excluded=frozenset(entry["excluded_lines"]),
        executed_branches=frozenset((start, end) for start, end in entry["executed_branches"]),
        missing_branches=frozenset((start, end) for start, end in entry["missing_branches"]),
    )
