"""A report read back from its document is the report, and a document that is none is refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.report_json import report_document
from gatekeeper.formats.report_reader import MOST_VALUES, read_report
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.gate_override import GateOverride, OverrideRecord, OverrideState
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import change_plans, reports

REAL = json.loads((Path(__file__).parent / "fixtures" / "report-failing.json").read_text(encoding="utf-8"))
OVERRIDE = GateOverride("docs", "@team", "why", date(2026, 12, 1), ("src/**",), ("D1",), "overrides.yml:3")


def plain(document):
    return json.loads(json.dumps(document))


def without_bytes(value):
    """A plan names its paths as they are shown; a fingerprint is made anew from the message as it is shown."""
    if isinstance(value, dict):
        return {
            key: without_bytes(item)
            for key, item in value.items()
            if not key.endswith("_bytes") and key != "fingerprint"
        }
    return [without_bytes(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=60, deadline=None)
@given(reports(), st.none() | change_plans())
def test_a_report_comes_back(report, plan):
    document = plain(report_document(replace(report, plan=plan)))
    again = plain(report_document(read_report(document).report))
    for key in ("verdict", "seconds", "target", "policy", "verdicts", "metrics", "notes", "troubles"):
        assert without_bytes(again[key]) == without_bytes(document[key])
    assert without_bytes(again["plan"]["change"]) == without_bytes(document["plan"]["change"])
    jobs = [{**job, "cpu_seconds": None} for job in document["plan"]["jobs"]]
    assert [{**job, "cpu_seconds": None} for job in again["plan"]["jobs"]] == jobs


def test_a_real_report_comes_back():
    read = read_report(REAL)
    assert read.version == REAL["version"]
    again = plain(report_document(read.report))
    assert {key: again[key] for key in again if key not in ("change", "version")} == {
        key: REAL[key] for key in again if key not in ("change", "version")
    }


def test_overrides_policy_changes_and_names_come_back():
    report = replace(
        REPORT,
        policy_changes=(PolicyChange(Relaxed.SETTING, "caf\udce9.toml", 3, "x", "1", "2", held=True),),
        overrides=(
            OverrideRecord("overrides.yml:3", OverrideState.APPLIED, "why", OVERRIDE),
            OverrideRecord("overrides.yml:9", OverrideState.MALFORMED, "no owner"),
        ),
        verdicts=(
            replace(
                REVIEW,
                override=OVERRIDE,
                waived="a reason",
                findings=(Finding("review", "r", "m", Severity.LOW, "caf\udce9.py", 2, 1, 3, "detail", blocks=True),),
            ),
        ),
    )
    read = read_report(json.loads(json.dumps(report_document(report)))).report
    assert read.policy_changes == report.policy_changes
    assert read.overrides == report.overrides
    assert read.verdicts == report.verdicts


def test_what_the_change_brought_comes_back():
    change = Change("b", "h", (FileChange("new.py", ChangeKind.RENAMED, "old.py", hunks=(Hunk(3, 1, 3, 4),)),))
    (file,) = read_report(report_document(replace(REPORT, change=change))).report.change.files
    assert (file.path, file.old_path, file.added) == ("new.py", "old.py", change.files[0].added)


def changed(way, value):
    document = copy.deepcopy(REAL)
    owner = document
    for step in way[:-1]:
        owner = owner[step]
    owner[way[-1]] = value
    return document


NEED = {"on": "w1", "basis": "import", "proof": "x", "hint": False}
FINDING = ("verdicts", 0, "findings", 0)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        "text",
        changed(("schema",), "gatekeeper.report/2"),
        changed(("exit",), 0),
        changed(("verdict",), "passed"),
        changed(("verdicts",), {}),
        changed((*FINDING, "line"), "12"),
        changed((*FINDING, "line"), 10**30),
        changed((*FINDING, "severity"), "fatal"),
        changed((*FINDING, "path_bytes"), "no base64!"),
        changed(("seconds",), float("inf")),
        changed(("seconds",), 1e300),
        changed(("change", "files", 0, "added"), [[1, 10**11]]),
        changed(("plan", "change", "kind"), "magic"),
        changed(("plan", "change", "schedule"), None),
        changed(("plan", "account", "alarms"), [{"fault": "x", "saw": "", "remedy": "", "about": []}]),
        changed(("policy", "overrides", 0, "expires"), "2026-13-01"),
        changed(("verdicts",), REAL["verdicts"] * 200),
        changed(("plan", "change", "workstreams", 0, "needs"), [NEED] * 20_001),
        changed(("extra",), [0] * (MOST_VALUES + 1)),
        changed(("extra",), "x" * 70_000_000),
    ],
    ids=range(23),
)
def test_what_no_run_writes_is_refused(document):
    with pytest.raises(UnreadableReport):
        read_report(document)


def test_a_deep_document_is_refused():
    deep = current = {}
    for _ in range(5_000):
        current["extra"] = {}
        current = current["extra"]
    with pytest.raises(UnreadableReport):
        read_report({**copy.deepcopy(REAL), "extra": deep})


def test_fields_of_a_later_version_are_passed_over():
    document = {**copy.deepcopy(REAL), "new": {"field": [1, "two", None]}}
    assert read_report(document).report == read_report(REAL).report


@pytest.mark.parametrize("line", [0, -3, 5.0])
def test_odd_lines_are_no_trouble(line):
    finding = read_report(changed((*FINDING, "line"), line)).report.verdicts[0].findings[0]
    assert finding.line in (0, None, 5)
    assert not isinstance(finding.line, float)
