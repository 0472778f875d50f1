"""The SARIF log keeps to the schema of the standard and to the limits of GitHub, and says what the report says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings

from gatekeeper.formats.report_reader import read_report
from gatekeeper.formats.sarif import read_sarif
from gatekeeper.formats.sarif_writer import MOST_RESULTS, sarif_document
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import reports

FIXTURES = Path(__file__).parent / "fixtures"
# of SchemaStore (Apache-2.0); one pattern in it, for a language, has a bracket too many to be a regular expression
TEXT = (FIXTURES / "sarif-2.1.0.schema.json").read_text(encoding="utf-8")
SCHEMA = jsonschema_rs.validator_for(json.loads(TEXT.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$")))
REAL = read_report(json.loads((FIXTURES / "report-failing.json").read_text(encoding="utf-8"))).report


@pytest.mark.parametrize("report", [REPORT, REAL], ids=["sample", "real"])
def test_a_log(report):
    document = sarif_document(report)
    SCHEMA.validate(document)
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == sum(len(verdict.findings) for verdict in report.verdicts)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["gatekeeper/v1"]
    for rule in rules:
        assert rule["fullDescription"]["text"] and rule["help"]["text"]
    assert run["automationDetails"] == {"id": "gatekeeper/"}


def test_a_finding():
    (run,) = sarif_document(REPORT)["runs"]
    result = next(result for result in run["results"] if result["ruleId"] == "review/S602")
    assert result["level"] == "error"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "src/shop/orders.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 14, "startColumn": 5},
            }
        }
    ]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["helpUri"].endswith("/rules/")


def test_equal_findings_are_two():
    finding = Finding("review", "r", "m", Severity.LOW, "a.py", 1)
    report = replace(REPORT, verdicts=(replace(REVIEW, findings=(finding, replace(finding, line=2))),))
    prints = [result["partialFingerprints"]["gatekeeper/v1"] for result in sarif_document(report)["runs"][0]["results"]]
    assert prints == [f"{finding.fingerprint}:1", f"{finding.fingerprint}:2"]


def test_what_could_not_be_checked_is_a_run_that_failed():
    error = replace(REVIEW, status=Status.ERROR, findings=(), summary="no report")
    document = sarif_document(replace(REPORT, verdicts=(error,), exit=Exit.COULD_NOT_CHECK))
    SCHEMA.validate(document)
    with pytest.raises(UnreadableReport, match="review could not be checked: no report"):
        read_sarif(json.dumps(document), "/srv")


def test_the_limit_of_github():
    findings = tuple(
        Finding("review", "r", "m", Severity.HIGH if number > 25_000 else Severity.LOW, "a.py", number + 1)
        for number in range(MOST_RESULTS + 50)
    )
    (run,) = sarif_document(replace(REPORT, verdicts=(replace(REVIEW, findings=findings),)))["runs"]
    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][0]["level"] == "error"
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "50 more findings are in the JSON report"


@settings(max_examples=60, deadline=None)
@given(reports())
def test_any_report_keeps_to_the_schema_and_can_be_read_back(report):
    document = json.loads(json.dumps(sarif_document(report), allow_nan=False))
    SCHEMA.validate(document)
    if report.exit in (Exit.PASSED, Exit.BLOCKED) and not any(v.status is Status.ERROR for v in report.verdicts):
        expected = sum(len(verdict.findings) for verdict in report.verdicts)
        assert len(read_sarif(json.dumps(document), "/srv")) == expected
