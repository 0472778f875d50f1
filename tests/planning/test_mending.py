"""Who mends what: one owner for each file, and nobody has to bend a test."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings

from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.orchestration import Work
from gatekeeper.model.plan import Pillar
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.grievances import grievances
from gatekeeper.planning.mending import Mending, mend, named_after
from tests.planning.judged import FILES, KNOWN, TEST_A, A, B, C, choose, failed, found, plan_of, report
from tests.strategies import change_plans, reports

WIDE = plan_of(A, B, C)


def mended(*verdicts: Verdict, changes: tuple[PolicyChange, ...] = ()) -> tuple[Mending, ...]:
    """The mendings of a report on three lanes."""
    return mend(report(*verdicts, changes=changes), WIDE, choose, KNOWN)


def lanes(mendings: tuple[Mending, ...]) -> dict[tuple[str, ...], str]:
    """The agent of each lane."""
    return {one.lane: one.agent for one in mendings}


def test_each_file_has_one_owner_with_all_that_was_found_there() -> None:
    made = mended(
        failed(found("review", A), found("review", A, "other"), found("review", B)), failed(found("docs", A, "D1"))
    )
    assert lanes(made) == {(A,): "code-reviewer", (B,): "code-reviewer"}
    assert made[0].pillars == (Pillar.REVIEW, Pillar.DOCS)
    assert {finding.gate for finding in made[0].findings} == {"review", "docs"}
    assert "no critical or high issue" in made[0].criteria
    assert any(text.startswith("documentation complete") for text in made[0].criteria)
    assert not any("coverage" in text for text in made[0].criteria)


def test_lines_without_a_test_go_to_the_one_who_writes_tests() -> None:
    made = mended(failed(found("coverage", A, blocks=False), found("coverage", B), found("coverage", C), measured=50.0))
    assert lanes(made) == {
        (TEST_A,): "test-automator",
        ("tests/core/test_b.py",): "test-automator",
        ("tests/test_c.py",): "test-automator",
    }
    assert made[0].workstreams == ("primary-1",) or len(made[0].workstreams) == 1


def test_a_test_that_fails_goes_with_the_code_that_it_tests() -> None:
    by_name = mended(failed(found("tests", TEST_A)))
    assert lanes(by_name) == {(A, TEST_A): "test-automator"}
    by_trace = mended(failed(found("tests", "tests/test_all.py", detail=f"/shadow/tree/{C}:3: AssertionError")))
    assert lanes(by_trace) == {(C, "tests/test_all.py"): "test-automator"}
    unknown = mended(failed(found("tests", "tests/test_all.py")))
    assert lanes(unknown) == {(A, B, C, "tests/test_all.py"): "test-automator"}


def test_a_test_in_two_lanes_joins_them() -> None:
    made = mended(
        failed(found("tests", "tests/test_all.py", detail=f"{A}:1 {B}:2")),
        failed(found("review", B), found("review", C)),
    )
    assert set(lanes(made)) == {(A, B, "tests/test_all.py"), (C,)}


@pytest.mark.parametrize(
    ("finding", "lane", "agent"),
    [
        (found("docs", "README.md", "D4"), ("README.md",), "technical-writer"),
        (found("docs", A, "D3"), ("CHANGELOG.md",), "technical-writer"),
        (found("types", B), (B,), "code-reviewer"),
        (found("types"), tuple(sorted(f.path for f in FILES)), "code-reviewer"),
        (found("coverage", "", "total-too-low"), ("tests/core/test_b.py", TEST_A, "tests/test_c.py"), "test-automator"),
    ],
)
def test_the_lane_of_a_single_finding(finding: Finding, lane: tuple[str, ...], agent: str) -> None:
    assert lanes(mended(failed(finding))) == {lane: agent}


def test_a_relaxation_goes_back() -> None:
    changes = (
        PolicyChange(Relaxed.SETTING, ".gatekeeper.yml", 3, "gates.coverage.minimum", "85", "50", held=True),
        PolicyChange(Relaxed.TEST, TEST_A, None, "removed: test_one", "there", "removed"),
        PolicyChange(Relaxed.SUPPRESSION, A, 4, "noqa", "", "# noqa"),
    )
    made = mended(Verdict("tests", Status.PASSED, ""), changes=changes)
    assert lanes(made) == {
        (".gatekeeper.yml",): "code-reviewer", (A,): "code-reviewer", (TEST_A,): "test-automator",
    }  # fmt: skip
    assert all(one.findings[0].rule == "policy-change" for one in made)
    assert "take it back" in made[0].findings[0].message


def test_what_passed_or_blocks_nothing_is_nobodys_work() -> None:
    passed = Verdict("review", Status.PASSED, "", findings=(found("review", A, blocks=False),))
    advisory = Verdict("docs", Status.FAILED, "", findings=(found("docs", A),), advisory=True)
    assert mended(passed, advisory) == ()


def test_small_things_of_one_lane_are_one_piece_of_work() -> None:
    one = plan_of(A, TEST_A)
    made = mend(report(failed(found("docs", A, "D1"), found("docs", TEST_A, "D1"))), one, choose, KNOWN)
    assert [each.lane for each in made] == [(A, TEST_A)]


def test_the_work_that_is_handed_out() -> None:
    (made,) = mended(failed(found("review", A)))
    work = made.work(2, "c0ffee", 3)
    assert work == Work(
        "mend-3-2", f"Mend {A}", Pillar.REVIEW, "code-reviewer", (A,), "c0ffee", findings=made.findings,
        criteria=made.criteria, iteration=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("tests/test_users.py", "users"), ("tests/users_test.py", "users"), ("web/users.test.ts", "users"),
        ("tests/conftest.py", ""), ("src/users.py", ""), ("tests/test__private.py", "private"),
    ],
)  # fmt: skip
def test_what_a_test_is_named_after(path: str, stem: str) -> None:
    assert named_after(path) == stem


@settings(max_examples=40)
@given(reports(), change_plans())
def test_lanes_never_meet_and_nothing_is_lost(seen: Report, plan: object) -> None:
    made = mend(seen, plan, lambda pillar, scope: (pillar.value, ""), ("tests/test_x.py",))  # type: ignore[arg-type]
    for one, other in combinations(made, 2):
        assert not set(one.lane) & set(other.lane)
    assert all(one.lane and one.findings for one in made)
    told = sorted((f.fingerprint, f.line or 0) for one in made for f in one.findings)
    assert told == sorted((f.fingerprint, f.line or 0) for f in grievances(seen))
    assert made == mend(seen, plan, lambda pillar, scope: (pillar.value, ""), ("tests/test_x.py",))  # type: ignore[arg-type]


def test_a_finding_without_any_change_has_a_lane_all_the_same() -> None:
    seen = report(failed(Finding("x", "r", "m", Severity.LOW, blocks=True)), files=())
    assert [one.lane for one in mend(seen, WIDE, choose, ())] == [("**",)]
