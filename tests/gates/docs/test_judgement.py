"""The docs gate as a judge: levels, skips, and the ways in which it could not look."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.gates.docs import GATE
from gatekeeper.model.candidate import Environment, TargetKind
from gatekeeper.model.finding import Severity
from gatekeeper.model.job import Outcome
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request
from tests.inspectors.looking import Case

TOUCHED = {
    "name": "f",
    "kind": "function",
    "path": "pkg/a.py",
    "line": 3,
    "state": "added",
    "documented": False,
    "exempt": "",
    "no_doc": None,
    "has_section": False,
    "unknown": [],
    "missing": [],
}
FINE = {**TOUCHED, "documented": True}
BREAK = {"name": "pkg.f", "what": "removed", "detail": "", "hard": True, "path": "pkg/a.py", "line": None}
NOTHING: dict[str, Any] = {
    "touched": [],
    "modules": [],
    "breaks": [],
    "removed": [],
    "samples": [],
    "routes": [],
    "specs": [],
    "unreadable": [],
    "notes": [],
    "spec": "",
    "doctests": "",
    "news": "",
    "keeps_changelog": True,
    "python": [3, 11],
}


def _request(folder: Path, message: str = "", **settings: Any) -> Request:
    base = {"pkg/a.py": "x = 1\n"}
    return Case(base, {"pkg/a.py": "x = 2\n"}, settings, message=message).request(folder)


def _judged(request: Request, **facts: Any) -> Verdict:
    return GATE.judge(request, {"docs.inspect": Outcome("docs.inspect", 0, json.dumps({**NOTHING, **facts}))})


def test_the_share_and_the_summary(tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path), touched=[FINE] * 6 + [TOUCHED])
    assert verdict.summary == "6 of 7 documented: D1 1 finding"
    assert (verdict.measured, verdict.required, verdict.unit) == (85.7, 100.0, "%")
    assert verdict.findings[0].severity is Severity.MEDIUM
    assert verdict.hint.startswith("Write what the findings name.")  # before the way around it
    assert "no-doc(reason)" in verdict.hint


def test_a_share_is_never_rounded_up_to_all(tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path), touched=[FINE] * 9999 + [TOUCHED])
    assert verdict.measured == 99.9


@pytest.mark.parametrize(
    ("level", "status", "findings"),
    [("block", Status.FAILED, 1), ("warn", Status.PASSED, 1), ("off", Status.SKIPPED, 0), (False, Status.SKIPPED, 0)],
)
def test_levels(level: object, status: Status, findings: int, tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path, criteria={"D1": level}), touched=[TOUCHED])
    assert (verdict.status, len(verdict.findings)) == (status, findings)


@pytest.mark.parametrize(
    ("trailer", "left"),
    [
        ("Changelog: none (never released)", ["D1"]),
        ("changelog: None (never released)", ["D1"]),
        ("Changelog: none", ["D1", "D3"]),
        ("Changelog: none ()", ["D1", "D3"]),
        ("Docs: skip (a spike)", []),
        ("Docs: skip", ["D1", "D3"]),
        ("Gatekeeper-Skip: D1,D3 (generated)", []),
        ("Gatekeeper-Skip: D1, D2 (generated)", ["D3"]),
        ("Gatekeeper-Skip: d3 (generated)", ["D1"]),
        ("Gatekeeper-Skip: D1", ["D1", "D3"]),
        ("We skip docs: skip (a spike)", ["D1", "D3"]),
    ],
)
def test_trailers(trailer: str, left: list[str], tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path, f"Subject\n\n{trailer}\n"), touched=[TOUCHED], breaks=[BREAK])
    assert sorted(finding.rule for finding in verdict.findings) == left
    if not trailer.startswith("We"):
        assert any(trailer in note for note in verdict.notes)


def test_a_mark_with_a_reason_is_shown(tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path), touched=[FINE, {**TOUCHED, "no_doc": "a stub"}])
    assert verdict.status is Status.PASSED
    assert any("a stub" in note and "pkg/a.py:3" in note for note in verdict.notes)


def test_an_own_pattern_of_names(tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path, exempt="^f$"), touched=[TOUCHED])
    assert verdict.status is Status.SKIPPED


def test_a_hard_break_weighs_high_and_a_soft_one_only_warns(tmp_path: Path) -> None:
    verdict = _judged(_request(tmp_path), breaks=[BREAK, {**BREAK, "hard": False}])
    assert [(finding.severity, finding.blocks) for finding in verdict.findings] == [
        (Severity.HIGH, True),
        (Severity.LOW, False),
    ]


def test_breaks_of_one_definition_are_one_finding(tmp_path: Path) -> None:
    taken = {**BREAK, "what": "parameter removed", "detail": "key", "line": 4}
    asked = {**BREAK, "what": "required parameter added", "detail": "tag", "line": 4}
    verdict = _judged(_request(tmp_path), breaks=[taken, asked, {**BREAK, "name": "pkg.g"}])
    assert verdict.summary == "0 of 2 documented: D3 2 findings"
    assert "pkg.f: parameter removed (key), required parameter added (tag). Add" in verdict.findings[1].message


def test_the_hint_names_what_works_for_the_target(tmp_path: Path) -> None:
    request = _request(tmp_path)
    ranged = replace(request, target=replace(request.target, kind=TargetKind.RANGE))
    staged = replace(request, target=replace(request.target, kind=TargetKind.STAGED))
    assert _judged(ranged, breaks=[BREAK]).hint.endswith("end the commit message with 'Changelog: none (reason)'")
    hint = _judged(staged, breaks=[BREAK], touched=[TOUCHED]).hint
    assert "criteria: {D1: warn, D3: warn}" in hint, "there is no commit message before a commit"
    assert "--no-verify" not in hint
    assert "warn" in hint


def test_places_of_one_removed_name_count_once(tmp_path: Path) -> None:
    mentions = [{"name": "pkg.f", "path": "README.md", "line": line, "text": "x"} for line in (1, 2)]
    removed = [{"name": "pkg.f", "mentions": mentions}, {"name": "pkg.g", "mentions": []}]
    verdict = _judged(_request(tmp_path), removed=removed)
    assert (verdict.measured, len(verdict.findings)) == (50.0, 2)


def test_nothing_is_planned_for_what_no_criterion_looks_at(tmp_path: Path) -> None:
    request = Case({"a.css": "x"}, {"a.css": "y", "tests/test_a.py": "1"}).request(tmp_path)
    assert GATE.plan(request, {}) == ()
    assert GATE.judge(request, {}).status is Status.SKIPPED


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("docs.inspect", 1, "", "Traceback\nBoom", problem="exit code 1"),
        Outcome("docs.inspect", 0, ""),
        Outcome("docs.inspect", 0, "{}"),
        Outcome("docs.inspect", 0, "[1]"),
        Outcome("docs.inspect", 0, json.dumps({**NOTHING, "touched": [{}]})),
    ],
)
def test_what_could_not_be_looked_at_is_an_error(outcome: Outcome, tmp_path: Path) -> None:
    verdict = GATE.judge(_request(tmp_path), {"docs.inspect": outcome})
    assert verdict.status is Status.ERROR
    assert verdict.hint


def test_a_python_older_than_the_project_is_an_error(tmp_path: Path) -> None:
    request = replace(_request(tmp_path), environment=Environment("python", "a test", (3, 99, 0)))
    seen = {"path": "pkg/a.py", "line": 1, "message": "invalid syntax", "was_readable": True}
    verdict = _judged(request, unreadable=[seen])
    assert verdict.status is Status.ERROR
    assert "3.99" in verdict.hint


def test_how_samples_are_run_is_told(tmp_path: Path) -> None:
    samples = [{"path": "README.md", "line": 1, "problem": ""}]
    verdict = _judged(_request(tmp_path), samples=samples, doctests="sybil in conftest.py")
    assert any("sybil in conftest.py" in note for note in verdict.notes)


@pytest.mark.parametrize(
    "settings", [{"exempt": "("}, {"openapi": {"command": "make a && make b"}}, {"openapi": {"command": "make 'a"}}]
)
def test_settings_that_cannot_work_are_an_error(settings: dict[str, Any], tmp_path: Path) -> None:
    request = _request(tmp_path, **settings)
    assert [job.id for job in GATE.plan(request, {})] == ["docs.inspect"]
    verdict = _judged(request, touched=[TOUCHED])
    assert verdict.status is Status.ERROR
