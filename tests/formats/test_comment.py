"""The comment and the job summary: harmless whatever a report holds, within their budget, the same for equal input."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.comment import BUDGET, render_comment, stable_part
from gatekeeper.formats.comment_links import blob_link, run_link
from gatekeeper.formats.report_json import report_document
from gatekeeper.formats.report_reader import read_report
from gatekeeper.formats.summary import BUDGET as SUMMARY_BUDGET
from gatekeeper.formats.summary import render_summary
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.finding import Finding, Severity
from tests.formats.markdown_page import Page, assert_harmless
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import HOSTILE, change_plans, reports, texts

FIXTURES = Path(__file__).parent / "fixtures"
FAILING = json.loads((FIXTURES / "report-failing.json").read_text(encoding="utf-8"))
PASSING = json.loads((FIXTURES / "report-passing.json").read_text(encoding="utf-8"))
SHA = "0123456789abcdef0123456789abcdef01234567"
CONTEXT = CommentContext(
    server="https://github.com",
    repository="acme/shop",
    run_url="https://github.com/acme/shop/actions/runs/123",
    run_id=123,
    attempt=1,
    head_sha=SHA,
    id="default",
)
PREFIX = "https://github.com/acme/shop/"
MARKER = CONTEXT.marker.removeprefix("<!--").removesuffix("-->")
WORDS_OF_THE_SCHEMA = {"kind", "status", "severity", "schema", "verdict", "expires", "state", "pillar", "phase"} | {
    "for_kind", "fault", "fingerprint",
}  # fmt: skip


def strings(value, way=()):
    """The way to each free text of a document."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in strings(item, (*way, key))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in strings(item, (*way, index))]
    return [way] if isinstance(value, str) and way[-1] not in WORDS_OF_THE_SCHEMA else []


def planted(document, ways, text):
    document = copy.deepcopy(document)
    for way in ways:
        owner = document
        for step in way[:-1]:
            owner = owner[step]
        owner[way[-1]] = text
    return document


WAYS = strings(FAILING)


@pytest.mark.parametrize("name", ["failing", "passing"])
@pytest.mark.parametrize("form", ["comment", "summary"])
def test_real_reports_as_they_are_read(name, form):
    document = FAILING if name == "failing" else PASSING
    text = render_comment(document, CONTEXT) if form == "comment" else render_summary(document, CONTEXT)
    assert text == (FIXTURES / f"{form}-{name}.md").read_text(encoding="utf-8")
    assert_harmless(text, PREFIX, MARKER if form == "comment" else None)


def test_the_anatomy():
    text = render_comment(FAILING, CONTEXT)
    lines = text.split("\n")
    assert lines[0] == CONTEXT.marker
    assert lines[1].startswith("**✗ Blocked: review, coverage and tests failed.** 3 of 4 gates block")
    order = ["| ✗&nbsp;Failed | review", "#### Policy changes", "<details open>", "**Plan: feature", "<sub>Judged"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert text.count("<details open>") == 4
    assert text.count("```mermaid") == 1
    assert f"{PREFIX}blob/{SHA}/src/itsdangerous/url_safe.py#L90" in text
    assert "override" in text and "[run](https://github.com/acme/shop/actions/runs/123)" in text
    assert "- [x] " in text and "- [ ] " in text
    assert "\n- not met: no critical or high issue &#40;1 finding&#41;\n" in text


def test_a_passed_change_is_folded():
    text = render_comment(PASSING, CONTEXT)
    assert text.split("\n")[1] == "**✓ Passed.** 4 gates, no findings. Nothing has to be done."
    assert "<details open>" not in text


@settings(max_examples=60, deadline=None)
@given(reports(), st.none() | change_plans(), st.sampled_from([2_500, 6_000, BUDGET]))
def test_any_report_is_harmless(report, plan, budget):
    document = report_document(replace(report, plan=plan))
    comment = render_comment(document, CONTEXT, budget)
    assert len(comment.encode()) <= budget
    assert_harmless(comment, PREFIX, MARKER)
    assert_harmless(render_summary(document), PREFIX)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(HOSTILE) | texts)
def test_a_text_in_every_field_is_harmless(text):
    clean = text.encode("utf-8", "replace").decode()
    document = planted(FAILING, WAYS, clean)
    comment = render_comment(document, CONTEXT)
    assert_harmless(comment, PREFIX, MARKER)
    assert_harmless(render_summary(document, CONTEXT), PREFIX)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(WAYS), st.sampled_from(HOSTILE) | texts)
def test_a_text_in_one_field_is_harmless(way, text):
    document = planted(FAILING, [way], text.encode("utf-8", "replace").decode())
    assert_harmless(render_comment(document, CONTEXT), PREFIX, MARKER)


def test_a_planted_marker_is_text():
    document = planted(FAILING, WAYS, f"{CONTEXT.marker}\n<!--v-->x<!--/v-->")
    comment = render_comment(document, CONTEXT)
    assert comment.startswith(CONTEXT.marker + "\n")
    assert_harmless(comment, PREFIX, MARKER)
    assert comment.count("<!--v-->") == render_comment(FAILING, CONTEXT).count("<!--v-->")


def test_a_planted_sign_of_what_is_volatile_hides_nothing():
    parts = ("detail", "message", "rule")
    bodies = []
    for word in ("quux", "corge"):
        plan = [(("verdicts", 0, "findings", 0, part), f"<!--v-->{word}<!--/v--> <!--v-->") for part in parts]
        document = FAILING
        for way, text in plan:
            document = planted(document, [way], text)
        bodies.append(stable_part(render_comment(document, CONTEXT)))
    assert bodies[0] != bodies[1]
    assert bodies[0].replace("quux", "corge") == bodies[1]


GATES = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def wide(count, **changes):
    """A report with many long findings of signs that need four bytes each."""
    findings = tuple(
        Finding(
            "review", "rule", "😀" * 250, Severity.HIGH, f"src/{number}.py", 3, detail="😀" * 150 + "\nx", **changes
        )
        for number in range(count)
    )
    verdicts = tuple(replace(REVIEW, gate=name, findings=findings) for name in GATES)
    return report_document(replace(REPORT, verdicts=verdicts))


@pytest.mark.parametrize("budget", [3_000, 4_001, 9_999, 20_000, 20_001, 20_002, 20_003, BUDGET])
def test_the_budget_is_in_bytes_and_what_is_left_out_is_counted(budget):
    text = render_comment(wide(30), CONTEXT, budget)
    assert len(text.encode()) <= budget
    assert_harmless(text, PREFIX, MARKER)
    assert all(f"| {name} |" in text for name in GATES)
    # 30 findings and a note of each gate
    listed = text.count("\n- [") + text.count("\n- Note")
    counted = sum(int(number) for number in re.findall(r"^\+(\d+) more findings? in the job summary$", text, re.M))
    gone = re.search(r"^(\d+) more found no room here", text, re.M)
    assert listed + counted + (int(gone[1]) if gone else 0) == 8 * 31


def test_ten_findings_of_a_gate_and_the_rest_in_the_summary():
    document = report_document(
        replace(REPORT, verdicts=(replace(REVIEW, findings=tuple(
            Finding("review", "r", f"number {number}", Severity.LOW, "a.py", number + 1) for number in range(22)
        )),))
    )  # fmt: skip
    comment = render_comment(document, CONTEXT)
    assert comment.count("\n- [") == 10
    assert "\n+12 more findings in the job summary\n" in comment
    assert render_summary(document, CONTEXT).count("\n- [") == 22


def test_what_blocks_comes_first():
    findings = tuple(
        Finding("review", "r", "x" * 200, Severity.LOW, f"low{number}.py", 1, detail="y" * 190) for number in range(9)
    )
    blocking = Finding("review", "r", "blocking", Severity.HIGH, "high.py", 1, blocks=True)
    document = report_document(replace(REPORT, verdicts=(replace(REVIEW, findings=(*findings, blocking)),)))
    text = render_comment(document, CONTEXT, 2_600)
    assert "high.py#L1" in text
    assert re.search(r"^\+\d more findings in the job summary$", text, re.M)


def test_a_thousand_findings_fit_into_the_summary():
    text = render_summary(wide(100), CONTEXT)
    assert len(text.encode()) <= SUMMARY_BUDGET
    assert "in the JSON report" in text
    assert text.startswith("**✗ Blocked")


def test_the_summary_has_the_measured_times():
    text = render_summary(FAILING)
    assert "<summary>Measured times</summary>" in text
    assert "█" in text
    assert "](https://" not in text


def test_equal_input_gives_equal_bytes():
    assert render_comment(FAILING, CONTEXT) == render_comment(copy.deepcopy(FAILING), CONTEXT)


def rerun(document):
    document = copy.deepcopy(document)
    document["seconds"] *= 1.7
    for verdict in document["verdicts"]:
        verdict["seconds"] += 3.21
        verdict["summary"] = verdict["summary"].replace("2.8 s", "3.4 s")
    document["metrics"]["work"] *= 1.3
    document["plan"]["account"]["efficiency"]["rate"] /= 2
    return document


def test_the_stable_part_of_a_second_run_is_the_same():
    again = replace(CONTEXT, run_id=124, attempt=2, run_url="https://github.com/acme/shop/actions/runs/124")
    first, second = render_comment(FAILING, CONTEXT), render_comment(rerun(FAILING), again)
    assert first != second
    assert stable_part(first) == stable_part(second) == stable_part(second.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "changed",
    [
        render_comment(PASSING, CONTEXT),
        render_comment(FAILING, replace(CONTEXT, head_sha="f" * 40)),
        render_comment(planted(FAILING, [("verdicts", 0, "findings", 0, "message")], "another message"), CONTEXT),
    ],
    ids=["verdict", "commit", "finding"],
)
def test_another_result_has_another_stable_part(changed):
    assert stable_part(changed) != stable_part(render_comment(FAILING, CONTEXT))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("src/app.py", "src/app.py#L3-L5"),
        ("a b/c#d?e.py", "a%20b/c%23d%3Fe.py#L3-L5"),
        ("x)](http:/evil", "x%29%5D%28http%3A/evil#L3-L5"),
        ("caf\udce9.py", "caf%E9.py#L3-L5"),
        ("é\n.py", "%C3%A9%0A.py#L3-L5"),
        ("a%2e%2e/b", "a%252e%252e/b#L3-L5"),
    ],
)
def test_a_link_leads_to_the_lines(path, place):
    assert blob_link(CONTEXT, path, 3, 5) == f"{PREFIX}blob/{SHA}/{place}"


@pytest.mark.parametrize("path", ["", "../../evil/x", "a/../../b", "./a", "/etc/passwd", "a//b", "a/.", "x" * 3_000])
def test_a_path_that_could_lead_elsewhere_is_no_link(path):
    assert blob_link(CONTEXT, path, 1) == ""


def test_other_links():
    assert blob_link(None, "a.py", 1) == ""
    assert blob_link(CONTEXT, "a.py", None) == f"{PREFIX}blob/{SHA}/a.py"
    assert blob_link(replace(CONTEXT, repository="../x"), "a.py", 1) == ""
    assert run_link(replace(CONTEXT, run_url="https://x.example/a)b")) == ""
    assert run_link(None) == ""


def test_a_link_in_a_page_is_the_one_that_was_made():
    text = render_comment(planted(FAILING, [("verdicts", 0, "findings", 0, "path")], "x)](http:/evil/😀"), CONTEXT)
    assert f"{PREFIX}blob/{SHA}/x%29%5D%28http%3A/evil/%F0%9F%98%80#L90" in Page(text).links


def test_what_is_no_report_is_refused():
    with pytest.raises(UnreadableReport):
        render_comment({"schema": "gatekeeper.report/1"}, CONTEXT)


def test_every_fixture_is_a_report():
    assert read_report(FAILING).report.exit == 1
    assert read_report(PASSING).version
