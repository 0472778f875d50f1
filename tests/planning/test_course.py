"""How it goes on after a judgement: approved, mended, or a person is asked, and why."""

from __future__ import annotations

import pytest

from gatekeeper.model.finding import Finding
from gatekeeper.model.orchestration import Ending, Judgement, Steps
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.course import Course, next_steps
from gatekeeper.planning.grievances import against, for_people, grievances, mentioned
from gatekeeper.planning.mending import mend
from tests.planning.judged import KNOWN, A, B, C, choose, failed, found, plan_of, report

PASSED = Verdict("review", Status.PASSED, "9.1")
PLAN = plan_of(A, B, C)


def follow(*reports: Report | None, limit: int = 3, mended: int = 0) -> list[Steps]:
    """What followed from each of the judgements."""
    course, told = Course(limit, mended=mended), []
    for number, each in enumerate(reports):
        judgement = Judgement(f"commit{number}", each, problem="" if each else "exit code 2")
        course, steps = next_steps(course, judgement, lambda seen: mend(seen, PLAN, choose, KNOWN))
        told.append(steps)
    return told


def blocked(*rules: str, tree: str) -> Report:
    """A report with findings of these rules."""
    return report(failed(*(found("review", A, rule) for rule in rules)), tree=tree)


def test_a_pass_is_approved() -> None:
    assert follow(report(PASSED)) == [Steps(Ending.APPROVED)]


@pytest.mark.parametrize("seen", [report(), report(Verdict("review", Status.SKIPPED, "nothing"))])
def test_where_no_gate_looked_nothing_is_approved(seen: Report) -> None:
    (steps,) = follow(seen)
    assert (steps.ending, steps.remaining) == (Ending.NEEDS_YOU, ("no gate looked at anything",))


def test_a_pass_with_a_relaxation_is_none() -> None:
    change = PolicyChange(Relaxed.SUPPRESSION, A, 4, "noqa", "", "# noqa")
    (steps,) = follow(report(PASSED, changes=(change,)))
    assert steps.ending is None
    assert [(work.lane, work.agent) for work in steps.works] == [((A,), "code-reviewer")]
    assert steps.remaining[0].startswith("policy change: suppression")


def test_what_blocks_is_mended_on_top_of_what_was_judged() -> None:
    (steps,) = follow(blocked("one", "two", tree="t0"))
    assert (steps.ending, steps.findings) == (None, 2)
    assert [(work.id, work.start, work.iteration) for work in steps.works] == [("mend-1-1", "commit0", 1)]


def test_after_three_times_a_person_decides() -> None:
    told = follow(*(blocked(f"rule{n}", tree=f"t{n}") for n in range(4)))
    assert [steps.ending for steps in told] == [None, None, None, Ending.NEEDS_YOU]
    assert [work.id for steps in told for work in steps.works] == ["mend-1-1", "mend-2-1", "mend-3-1"]
    assert told[-1].reason == "it was mended 3 times, and may be at most 3"
    assert told[-1].remaining[-1] == f"{A}:1: review rule3: bad rule3"


def test_a_course_that_is_taken_up_again_counts_what_was_mended_before() -> None:
    told = follow(blocked("one", tree="t0"), blocked("two", tree="t1"), mended=2)
    assert [work.id for work in told[0].works] == ["mend-3-1"]
    assert told[1].ending is Ending.NEEDS_YOU


@pytest.mark.parametrize(
    ("later", "why"),
    [
        ([blocked("two", tree="t0")], "iteration 1 changed nothing"),
        ([blocked("one", tree="t1")], "the same finding came back"),
        ([blocked("two", tree="t1"), blocked("one", tree="t2")], "the same finding came back"),
        ([blocked("two", tree="t1"), blocked("three", tree="t0")], "iteration 2 went back to where the mending began"),
    ],
)
def test_it_stops_where_nothing_moves(later: list[Report], why: str) -> None:
    told = follow(blocked("one", tree="t0"), *later)
    assert (told[-1].ending, told[-1].reason) == (Ending.NEEDS_YOU, why)
    assert told[-1].works == ()


def test_a_better_figure_is_progress_though_the_findings_read_alike() -> None:
    def covered(share: float, tree: str) -> Report:
        return report(failed(found("coverage", A, blocks=False), measured=share), tree=tree)

    assert [steps.ending for steps in follow(covered(40, "t0"), covered(60, "t1"))] == [None, None]
    assert follow(covered(40, "t0"), covered(40, "t1"))[-1].ending is Ending.NEEDS_YOU


def test_without_a_report_a_person_is_asked() -> None:
    (steps,) = follow(None)
    assert (steps.ending, steps.remaining) == (Ending.NEEDS_YOU, ("exit code 2",))


def unseen(summary: str, *findings: Finding) -> Verdict:
    """A gate that could not look."""
    return Verdict("tests", Status.ERROR, summary, findings=findings, hint="install pytest")


def test_what_no_agent_can_mend_goes_to_a_person_at_once() -> None:
    (steps,) = follow(report(unseen("pytest is not installed"), failed(found("review", A))))
    assert (steps.ending, steps.works) == (Ending.NEEDS_YOU, ())
    assert steps.remaining[0] == "tests could not look: pytest is not installed (install pytest)"


def test_a_gate_that_the_change_broke_is_work_for_an_agent() -> None:
    tail = found("tests", "", "could-not-look", detail=f'  File "/x/tree/{B}", line 3\nSyntaxError: invalid syntax')
    seen = report(unseen("pytest could not start", tail))
    assert for_people(seen) == ()
    assert [(f.path, f.message) for f in grievances(seen)] == [(B, "pytest could not start")]
    (steps,) = follow(seen)
    assert [work.lane for work in steps.works] == [(B,)]


def test_coverage_that_failing_tests_kept_from_being_measured_is_nobodys_trouble() -> None:
    coverage = Verdict("coverage", Status.ERROR, "no coverage was measured: no test was run")
    broken = failed(found("tests", B, "collection-error"))
    assert for_people(report(coverage, broken)) == ()
    assert follow(report(coverage, broken))[0].ending is None
    assert for_people(report(coverage, Verdict("tests", Status.PASSED, ""))) != ()
    assert for_people(report(coverage, Verdict("tests", Status.FAILED, "", project="other"))) != ()


def test_advice_and_what_a_person_had_skipped() -> None:
    advisory = Verdict("docs", Status.FAILED, "x", advisory=True, findings=(found("docs", A),))
    assert against(report(PASSED, advisory)) == ()
    waived = Verdict("tests", Status.SKIPPED, "skipped", waived="no\ntime")
    assert against(report(PASSED, waived)) == ("tests: was skipped at a person's wish (no time)",)


@pytest.mark.parametrize(
    ("text", "paths", "named"),
    [
        ("in /s/tree/src/a.py:3", ["src/a.py", "a.py", "b.py"], ["src/a.py"]),
        ("src/a.pyc src/a.py.orig x-src/a.py xsrc/a.py", ["src/a.py"], []),
        ("b.py then a.py then b.py", ["a.py", "b.py"], ["a.py", "b.py"]),
        ("", ["a.py"], []),
    ],
)
def test_paths_in_a_text(text: str, paths: list[str], named: list[str]) -> None:
    assert mentioned(text, paths) == named
