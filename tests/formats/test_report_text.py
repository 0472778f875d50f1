"""The final text: what is told, in which order, and how it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.report_text import report_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.terminal_text import cells
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status, Verdict
from tests.reporters.sample import COVERAGE, DOCUMENTED, REPORT, REVIEW
from tests.strategies import reports


def text(report=REPORT, width=100, colour=False, ascii_only=False, **options):
    return "\n".join(report_lines(report, ReporterOptions(**options), TextStyle(width, colour, ascii_only)))


def with_verdicts(*verdicts, code=Exit.BLOCKED):
    return replace(REPORT, verdicts=verdicts, exit=code)


def test_the_parts_come_in_order():
    shown = text()
    order = ["FAILED", "orders.py:14:5", "orders.py:13:1", "What to do", "test_total", "--verbose shows it", "4 gates"]
    places = [shown.index(part) for part in [*order, "Blocked: review and tests failed."]]
    assert places == sorted(places)
    assert shown.endswith("Blocked: review and tests failed.")


def test_a_finding_shows_its_source_once():
    shown = text()
    assert "    >   14 │     subprocess.run(" in shown
    assert shown.count("assert total(order, 0.2) == 120") == 1  # the detail has it already


def test_quiet_tells_failures_only():
    shown = text(quiet=True)
    assert "coverage" not in shown
    assert "S602" in shown
    assert shown.endswith("Blocked: review and tests failed.")
    assert text(with_verdicts(COVERAGE, DOCUMENTED, code=Exit.PASSED), quiet=True) == ""


def test_quiet_still_names_trouble():
    report = replace(with_verdicts(COVERAGE, code=Exit.PASSED), troubles=("the reporter json broke",))
    assert "the reporter json broke" in text(report, quiet=True)


def test_verbose_tells_commands_output_and_every_finding():
    shown = text(verbose=True)
    assert "$ /srv/shop/.venv/bin/python /opt/gatekeeper/inside/run_tests.py" in shown
    assert "exit code 1; started at 30 ms, took 5.3 s" in shown
    assert "needs tests.pytest: reads the coverage data" in shown
    assert "not-covered" in shown


def test_ten_findings_are_enough():
    many = tuple(
        Finding("review", f"R{n:02}", "message", Severity.MEDIUM, "a.py", n, blocks=n == 14) for n in range(1, 15)
    )
    report = with_verdicts(replace(REVIEW, findings=many))
    assert "and 4 more (--verbose or --format json shows all)" in text(report)
    assert text(report).index("R14") < text(report).index("R01")
    assert "R13" in text(report, verbose=True)


def test_long_details_and_output_are_cut():
    finding = replace(REVIEW.findings[0], detail="\n".join(f"line {n}" for n in range(500)))
    shown = text(with_verdicts(replace(REVIEW, findings=(finding,))))
    assert "more lines …" in shown
    assert len(shown.splitlines()) < 45
    loud = replace(REPORT, outcomes=(replace(REPORT.outcomes[0], stdout="x\n" * 100_000),))
    assert len(text(loud, verbose=True).splitlines()) < 320


def test_an_advisory_failure_is_marked_and_does_not_block():
    shown = text(with_verdicts(replace(REVIEW, advisory=True), code=Exit.PASSED))
    assert "review (advisory)" in shown
    assert shown.endswith("Passed. Advisory only: review failed.")


def test_an_error_says_what_to_do():
    lost = Verdict("tests", Status.ERROR, "pytest is not installed", hint="pip install pytest")
    shown = text(with_verdicts(lost, code=Exit.COULD_NOT_CHECK))
    assert "! COULD NOT CHECK" in shown
    assert "What to do: pip install pytest" in shown


def test_ascii_signs():
    shown = text(ascii_only=True, verbose=True)
    assert shown.isascii()
    assert "x FAILED" in shown
    assert "87.5 % >= 85 %" in shown


def test_columns_line_up_in_colour_too():
    coloured = text(colour=True).replace("\x1b[0m", "")
    for code in ("1;31", "31", "32", "33", "36", "2", "1"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == text()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_lines_fit_where_their_words_do(width):
    lines = text(width=width).splitlines()
    assert [line for line in lines if cells(line) > width and max(map(len, line.split())) < width - 14] == []


@settings(max_examples=60, deadline=None)
@given(reports(), st.sampled_from((20, 60, 100)), st.booleans(), st.booleans())
def test_any_report_is_shown_safely(report, width, quiet, verbose):
    for line in report_lines(report, ReporterOptions(quiet, verbose), TextStyle(width)):
        assert line.isprintable()
