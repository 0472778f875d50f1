"""A check run holds what a report says, in what GitHub takes of it, and never passes what did not pass."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from gatekeeper.formats.check_run import BATCH, MOST, CheckRun, render_check
from gatekeeper.formats.report_json import report_document
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status
from tests.contract.description import request_faults
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import reports

CONTEXT = CommentContext("https://github.com", "octo/hello", "https://github.com/octo/hello/runs/7", 7, 1, "a" * 40)


def rendered(report: Report) -> CheckRun:
    return render_check(json.loads(json.dumps(report_document(report))), CONTEXT, "gate")


def of_findings(*findings: Finding) -> tuple[dict[str, Any], ...]:
    return tuple(map(dict, rendered(replace(REPORT, verdicts=(replace(REVIEW, findings=findings),))).annotations))


def found(path: str, line: int | None = 3, **more: Any) -> Finding:
    return Finding("review", "r", "text", Severity.HIGH, path, line, blocks=True, **more)


def test_the_check_run_of_a_run() -> None:
    check = rendered(REPORT)
    assert check.title == "Blocked: review and tests failed."
    assert (check.conclusion, check.details_url) == ("failure", "https://github.com/octo/hello/runs/7")
    assert [entry["annotation_level"] for entry in check.annotations] == ["failure", "failure", "notice", "notice"]
    assert check.annotations[0] == {
        "path": "src/shop/orders.py",
        "start_line": 14,
        "end_line": 14,
        "annotation_level": "failure",
        "title": "review: S602",
        "message": "`subprocess` call with `shell=True` identified, security issue",
    }
    assert rendered(REPORT) == check


@pytest.mark.parametrize("code", list(Exit))
def test_only_what_passed_is_a_success(code: Exit) -> None:
    check = rendered(replace(REPORT, verdicts=(), exit=code))
    assert (check.conclusion == "success") is (code is Exit.PASSED)
    assert check.conclusion in ("success", "failure")


def test_the_title_says_that_it_could_not_be_checked() -> None:
    error = replace(REVIEW, status=Status.ERROR, findings=(), summary="pylint is not installed")
    check = rendered(replace(REPORT, verdicts=(error,), exit=Exit.COULD_NOT_CHECK))
    assert (check.conclusion, check.title.startswith("Could not check: review")) == ("failure", True)


@pytest.mark.parametrize("path", ["", "a\nb.py", "../x.py", "/etc/passwd", "a//b", "./x", "\udcff.py", "a\u202eb.py"])
def test_what_has_no_place_that_can_be_named_is_no_annotation(path: str) -> None:
    """One that GitHub refuses would have all of them refused."""
    assert [entry["path"] for entry in of_findings(found("src/a.py"), found(path))] == ["src/a.py"]


@pytest.mark.parametrize(
    ("line", "end", "lines"),
    [(None, None, (1, 1)), (0, None, (1, 1)), (5, 9, (5, 9)), (5, 2, (5, 5)), (None, 4, (1, 1))],
)
def test_lines_are_in_order_and_begin_at_one(line: int | None, end: int | None, lines: tuple[int, int]) -> None:
    (entry,) = of_findings(found("src/a.py", line, end_line=end, column=7))
    assert (entry["start_line"], entry["end_line"]) == lines
    assert not any("column" in name for name in entry)


def test_a_line_that_no_file_has_is_no_annotation() -> None:
    assert of_findings(found("src/a.py", 10**11)) == ()


@pytest.mark.parametrize("sign", ["x", "\u00e9", "\U0001f98a"])
def test_texts_are_cut_by_bytes_and_between_signs(sign: str) -> None:
    error = replace(REVIEW, status=Status.ERROR, findings=(found("src/a.py"),), gate=sign * 300)
    check = rendered(replace(REPORT, verdicts=(error,), exit=Exit.COULD_NOT_CHECK))
    for text in (check.title, str(check.annotations[0]["title"])):
        assert len(text.encode()) in range(250, 256)
        assert text.endswith("\u2026")
        assert "\ufffd" not in text


@pytest.mark.parametrize("sign", ["x", "\U0001f98a"])
def test_a_summary_with_more_than_it_can_hold_is_full_and_counts_the_rest(sign: str) -> None:
    findings = tuple(replace(found("src/a.py", number + 1), message=sign) for number in range(5_000))
    check = rendered(replace(REPORT, verdicts=(replace(REVIEW, findings=findings),)))
    assert len(check.summary.encode()) in range(64_700, 65_536)
    assert f"+{5_000 - MOST:,} more".replace(",", "") + " of what was found have no annotation here" in check.summary


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(UnreadableReport):
        render_check({}, CONTEXT, "gate")


@given(reports())
@settings(max_examples=60, deadline=None)
def test_every_report_is_within_what_github_takes(report: Report) -> None:
    check = rendered(report)
    assert len(check.summary.encode()) <= 65_535
    assert len(check.title.encode()) <= 255
    assert len(check.annotations) <= MOST
    starts = range(0, max(1, len(check.annotations)), BATCH)
    path = "/repos/octo/hello/check-runs"
    first = {"name": check.name, "head_sha": check.head_sha, **check.document(0)}
    assert request_faults("POST", path, first) == []
    assert [fault for start in starts for fault in request_faults("PATCH", f"{path}/1", check.document(start))] == []
    assert json.dumps(first, ensure_ascii=False).encode("utf-8")  # no lone surrogates, which no server reads
