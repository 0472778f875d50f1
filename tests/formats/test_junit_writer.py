"""The JUnit XML says what the report says, read by the reader that the tests gate has for foreign reports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given, settings

from gatekeeper.formats.junit import read_junit
from gatekeeper.formats.junit_writer import junit_document
from gatekeeper.formats.report_reader import read_report
from gatekeeper.model.verdict import Status
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import reports

REAL = Path(__file__).parent / "fixtures" / "report-failing.json"


def suites(report):
    return {suite.get("name"): suite for suite in ElementTree.fromstring(junit_document(report))}


def test_a_suite_for_each_gate():
    found = suites(REPORT)
    assert list(found) == ["review", "coverage", "tests", "docs"]
    counts = [[found[name].get(key) for key in ("tests", "failures", "errors", "skipped")] for name in found]
    assert counts == [["3", "2", "0", "0"], ["2", "0", "0", "0"], ["2", "2", "0", "0"], ["1", "0", "0", "1"]]


def test_the_cases_of_a_gate():
    gate, blocking, other = suites(REPORT)["review"]
    assert gate.find("failure").get("message").startswith("3.00/10 < 7.00, 0 critical, 1 high")
    assert (blocking.get("file"), blocking.get("line")) == ("src/shop/orders.py", "14")
    assert blocking.find("failure").get("type") == "high"
    assert other.find("failure") is None
    assert other.find("system-out").text == "low: Missing function or method docstring"


def test_what_could_not_be_checked_is_an_error():
    error = replace(REVIEW, status=Status.ERROR, findings=())
    (case,) = suites(replace(REPORT, verdicts=(error,)))["review"]
    assert case.find("error").get("type") == "error"


def test_what_is_advisory_passes():
    gate, *cases = suites(replace(REPORT, verdicts=(replace(REVIEW, advisory=True),)))["review"]
    assert gate.find("system-out").text.startswith("advisory, failed: 3.00/10")
    assert all(case.find("failure") is None for case in cases)


def test_a_real_report():
    report = read_report(json.loads(REAL.read_text(encoding="utf-8"))).report
    cases = read_junit(junit_document(report))
    assert len(cases) == sum(1 + len(verdict.findings) for verdict in report.verdicts)


@settings(max_examples=60, deadline=None)
@given(reports())
def test_any_report_can_be_read_back(report):
    text = junit_document(report)
    assert text.isascii()
    cases = read_junit(text)
    assert len(cases) == sum(1 + len(verdict.findings) for verdict in report.verdicts)
    failed = sum(
        1 + sum(finding.blocks for finding in verdict.findings)
        for verdict in report.verdicts
        if verdict.blocks and verdict.status is Status.FAILED
    ) + sum(
        sum(finding.blocks for finding in verdict.findings)
        for verdict in report.verdicts
        if verdict.blocks and verdict.status is Status.ERROR
    )
    assert sum(case.outcome == "failed" for case in cases) == failed
