from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.junit import read_junit
from gatekeeper.formats.unreadable import UnreadableReport

FIXTURES = Path(__file__).parent / "fixtures"


def test_jest() -> None:
    cases = read_junit((FIXTURES / "jest_failures.xml").read_text())
    assert Counter(case.outcome for case in cases) == {"failed": 2, "passed": 3, "skipped": 1}
    wrong = cases[0]
    assert wrong.id == "more is wrong & <odd>"
    assert wrong.message == "Error: expect(received).toBe(expected) // Object.is equality"
    assert "Expected: 151\nReceived: 150" in wrong.detail
    assert wrong.seconds == pytest.approx(0.004)


def test_pytest() -> None:
    cases = read_junit((FIXTURES / "pytest.xml").read_text())
    assert [(case.id.rpartition("::")[2], case.outcome) for case in cases] == [
        ("test_ok[0]", "passed"),
        ("test_ok[50]", "passed"),
        ("test_both", "failed"),
        ("test_both", "error"),
        ("test_later", "skipped"),
    ]
    assert cases[0].id == "tests.test_shop.TestDiscount::test_ok[0]"
    assert cases[2].message == "assert 1 == 2"


def test_nested_suites_keep_their_order_and_lend_their_file() -> None:
    cases = read_junit(
        """<testsuites><testsuite name="o" file="o.php" tests="4"><properties><property name="a" value="b"/></properties>
        <testsuite name="i" file="i.php" tests="2"><testcase name="1" line="7"/><testcase name="2" file="z.php"/></testsuite>
        <testsuite name="j" tests="1"><testcase name="3"/></testsuite>
        <testcase name="4"/></testsuite></testsuites>"""
    )
    assert {(case.id, case.path, case.line) for case in cases} == {
        ("1", "i.php", 7), ("2", "z.php", None), ("3", "", None), ("4", "o.php", None),
    }  # fmt: skip
    assert [case.id for case in cases if case.id != "4"] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("child", "outcome", "message", "detail"),
    [
        ("", "passed", "", ""),
        ("<failure message='m'>d</failure>", "failed", "m", "d"),
        ("<failure> first\nsecond </failure>", "failed", "first", "first\nsecond"),
        ("<error type='x'/>", "error", "", ""),
        ("<skipped/>", "skipped", "", ""),
        ("<skipped/><failure message='m'/>", "failed", "m", ""),
        ("<failure message='f'/><error message='e'/>", "error", "e", ""),
        ("<failure message='one'/><failure message='two'/>", "failed", "one", ""),
        ("<flakyFailure message='m'/><system-out>x</system-out>", "passed", "", ""),
    ],
)
def test_outcomes(child: str, outcome: str, message: str, detail: str) -> None:
    (case,) = read_junit(f"<testsuite><testcase name='t' classname='C'>{child}</testcase></testsuite>")
    assert (case.id, case.outcome, case.message, case.detail) == ("C::t", outcome, message, detail)


@pytest.mark.parametrize(
    ("time", "seconds"), [("1.5", 1.5), ("1,234.5", 1234.5), ("", 0), ("x", 0), ("nan", 0), ("inf", 0), ("-1", 0)]
)
def test_seconds(time: str, seconds: float) -> None:
    (case,) = read_junit(f"<testsuite><testcase name='t' time='{time}'/></testsuite>")
    assert case.seconds == seconds


@pytest.mark.parametrize(
    "attributes",
    ["tests='3'", "tests='2' failures='2'", "errors='1'", "skipped='1'", "tests='2' failures='1' errors='1'"],
)
def test_a_suite_that_claims_more_than_it_lists_is_refused(attributes: str) -> None:
    inner = "<testcase name='a'/><testcase name='b'><failure/></testcase>"
    for text in (
        f"<testsuites><testsuite name='s' {attributes}>{inner}</testsuite></testsuites>",
        f"<testsuites {attributes}><testsuite name='s'>{inner}</testsuite></testsuites>",
    ):
        with pytest.raises(UnreadableReport, match="claims"):
            read_junit(text)


def test_no_case_is_no_trouble_for_the_reader() -> None:
    assert read_junit("<testsuites tests='0'/>") == ()


@pytest.mark.parametrize("text", ["<html/>", "no", "<testsuite><testcase name='a'>", "<testcase name='a'/>"])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReport):
        read_junit(text)


XML_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=20)
CHILD = {"passed": "", "failed": "<failure/>", "error": "<error/>", "skipped": "<skipped/>"}


@given(st.lists(st.tuples(XML_TEXT, st.sampled_from(sorted(CHILD))), max_size=20))
def test_every_case_comes_out_with_its_name_and_outcome(cases: list[tuple[str, str]]) -> None:
    count = Counter(outcome for _, outcome in cases)
    inner = "".join(f"<testcase name={quoteattr(name)}>{CHILD[outcome]}</testcase>" for name, outcome in cases)
    totals = f"tests='{len(cases)}' failures='{count['failed']}' errors='{count['error']}' skipped='{count['skipped']}'"
    read = read_junit(f"<testsuites {totals}><testsuite {totals}>{inner}</testsuite></testsuites>")
    assert [(case.id, case.outcome) for case in read] == cases
