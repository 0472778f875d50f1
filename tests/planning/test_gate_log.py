"""The gate log of each pillar, over all judgements of an orchestration."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model.finding import Severity
from gatekeeper.model.orchestration import Judgement
from gatekeeper.model.plan import Pillar
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.gate_log import gate_log
from tests.planning.judged import FILES, TEST_A, A, B, C, failed, found, report
from tests.planning.sample import changed
from tests.strategies import reports

DOC = changed("docs/guide.md", "Words.\n")


def judgement(*verdicts: Verdict) -> Judgement:
    """The judgement of a report with these verdicts, each of which took two seconds."""
    seen = report(*(replace(verdict, seconds=2.0) for verdict in verdicts), files=(*FILES, DOC))
    return Judgement("c", seen, 9.0)


def test_the_last_judgement_decides_and_all_of_them_count() -> None:
    first = judgement(
        failed(found("review", A), found("review", B)), Verdict("tests", Status.PASSED, "3 passed in 1 s")
    )
    last = judgement(
        Verdict("review", Status.PASSED, "fine", 9.4, 8.5, "/10", (found("review", A, blocks=False),)),
        Verdict("tests", Status.FAILED, "40 passed, 2 failed, 1 error, 3 skipped in 4.1 s"),
        Verdict("coverage", Status.PASSED, "all", 91.0, 85.0, "%"),
        Verdict("docs", Status.PASSED, "4 of 4 documented"),
    )
    review, tests, docs = gate_log([first, last], [judgement(failed(found("review", C)))])
    assert (review.pillar, review.verdict, review.gates) == (Pillar.REVIEW, Status.PASSED, ("review",))
    assert (review.seconds, review.judgements, review.found) == (6.0, 3, 4)
    assert review.findings == ((Severity.HIGH, 1),)
    assert set(review.files) == {A, B, C, TEST_A, DOC.path}
    assert review.summary == "9.40/10 ≥ 8.50"
    assert (tests.verdict, tests.tests_run, tests.seconds) == (Status.FAILED, 43, 6.0)
    assert tests.summary == "40 passed, 2 failed, 1 error, 3 skipped; coverage 91.0 % ≥ 85 %"
    assert DOC.path not in tests.files
    assert (docs.verdict, docs.documents, docs.summary) == (Status.PASSED, (DOC.path,), "docs 4 of 4 documented")


def test_what_was_not_judged_is_an_error_and_what_is_off_was_skipped() -> None:
    assert {entry.verdict for entry in gate_log([])} == {Status.ERROR}
    assert {entry.verdict for entry in gate_log([judgement(), Judgement("c", None, problem="x")])} == {Status.ERROR}
    only = gate_log([judgement(Verdict("review", Status.PASSED, "fine"))])
    assert [entry.verdict for entry in only] == [Status.PASSED, Status.SKIPPED, Status.SKIPPED]
    assert [len(entry.files) > 0 for entry in only] == [True, False, False]


def test_another_gate_counts_for_the_review_and_an_advisory_one_decides_nothing() -> None:
    types = Verdict("types", Status.FAILED, "2 errors")
    advice = Verdict("docs", Status.FAILED, "x", advisory=True)
    review, _, docs = gate_log([judgement(Verdict("review", Status.PASSED, "fine"), types, advice)])
    assert (review.verdict, review.gates) == (Status.FAILED, ("review", "types"))
    assert docs.verdict is Status.SKIPPED


@settings(max_examples=40)
@given(st.lists(reports(), max_size=3))
def test_any_report_has_a_log(seen: list[Report]) -> None:
    log = gate_log([Judgement("c", each) for each in seen])
    assert [entry.pillar for entry in log] == [Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS]
    assert all(entry.summary.isprintable() for entry in log)
