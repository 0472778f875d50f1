"""How the files of a lane stood before, in a few safe lines."""

from __future__ import annotations

from hypothesis import given, settings

from gatekeeper.formats.baseline_text import baseline_lines
from gatekeeper.model.orchestration import Judgement
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict
from tests.planning.judged import failed, found, report
from tests.strategies import reports


def test_figures_and_what_failed_already() -> None:
    tests = failed(*(found("tests", "tests/test_a.py", f"r{n}", line=n + 1) for n in range(7)))
    review = Verdict("review", Status.PASSED, "fine", 8.2, 7.0, "/10")
    coverage = Verdict("coverage", Status.ERROR, "no data")
    assert baseline_lines(Judgement("c", report(review, tests, coverage))) == (
        "review: 8.20/10 ≥ 7.00, fine",
        "tests: it is bad",
        *(f"tests, there already: tests/test_a.py:{n + 1}: bad r{n}" for n in range(5)),
        "tests: and 2 more that were there already",
        "coverage: could not be measured (no data)",
    )


def test_without_a_report_the_problem_is_told() -> None:
    assert baseline_lines(Judgement("c", None, problem="the base has no file\nof this lane")) == (
        "the base has no file of this lane",
    )


@settings(max_examples=40)
@given(reports())
def test_any_report_gives_safe_lines(seen: Report) -> None:
    lines = baseline_lines(Judgement("c", seen))
    assert all(line.isprintable() and len(line) <= 300 for line in lines)
