from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats import reports
from gatekeeper.formats.reports import MOST_CHARACTERS, UnreadableReport, read_coverage, read_diagnostics, read_tests

FIXTURES = Path(__file__).parent / "fixtures"
READERS = {
    "sarif": lambda text: read_diagnostics("sarif", text, "/project"),
    "checkstyle": lambda text: read_diagnostics("checkstyle", text, "/project"),
    "junit": lambda text: read_tests("junit", text),
    "cobertura": lambda text: read_coverage("cobertura", text, "/project"),
    "lcov": lambda text: read_coverage("lcov", text, "/project"),
}
SAMPLES = {
    "sarif": "eslint_findings.sarif",
    "checkstyle": "eslint_checkstyle.xml",
    "junit": "jest_failures.xml",
    "cobertura": "jest_cobertura.xml",
    "lcov": "jest.lcov",
}


def test_every_format_has_a_reader_and_a_sample() -> None:
    known = reports.DIAGNOSTIC_FORMATS | reports.TEST_FORMATS | reports.COVERAGE_FORMATS
    assert known == set(READERS) == set(SAMPLES)


@pytest.mark.parametrize("format", sorted(READERS))
def test_a_real_report_is_read_even_behind_a_byte_order_mark(format: str) -> None:
    text = (FIXTURES / SAMPLES[format]).read_text()
    assert READERS[format](text)
    assert READERS[format]("\ufeff" + text) == READERS[format](text)


@pytest.mark.parametrize("format", sorted(READERS))
@pytest.mark.parametrize("text", ["", " \n\t ", "null", "<html><body/></html>", "Segmentation fault (core dumped)"])
def test_what_is_no_report_is_refused_by_every_reader(format: str, text: str) -> None:
    with pytest.raises(UnreadableReport):
        READERS[format](text)


@pytest.mark.parametrize("format", sorted(READERS))
def test_a_report_that_is_too_large_is_refused_unread(format: str) -> None:
    with pytest.raises(UnreadableReport, match="larger than 50 MB"):
        READERS[format]("x" * (MOST_CHARACTERS + 1))


@pytest.mark.parametrize("format", sorted(READERS))
@given(share=st.floats(0, 1))
def test_a_report_that_was_cut_off_is_refused(format: str, share: float) -> None:
    text = (FIXTURES / SAMPLES[format]).read_text().rstrip()
    with pytest.raises(UnreadableReport):
        READERS[format](text[: int(share * (len(text) - 1))])


@pytest.mark.parametrize("format", sorted(READERS))
@given(text=st.text(max_size=200))
def test_no_text_breaks_a_reader(format: str, text: str) -> None:
    with pytest.raises(UnreadableReport):
        READERS[format](text)
