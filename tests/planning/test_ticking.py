"""The criteria of a plan after a run: met, not met, or not measured."""

from __future__ import annotations

import pytest

from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.plan import ChangePlan, Measure
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.planner import Demand, make_plan
from gatekeeper.planning.ticking import NOT_MEASURED, Looked, ticked
from tests.planning.sample import RULES, change, changed, ground

A, B, C = "src/app/a.py", "src/core/b.py", "src/web/c.py"
LARGE = "x = 1\n" * 200
PLAN = make_plan(change(changed(A, LARGE)), ground(A), Demand(RULES))
WIDE = make_plan(change(*(changed(path, LARGE) for path in (A, B, C))), ground(A, B, C), Demand(RULES))


def finding(gate: str, path: str, blocks: bool = True) -> Finding:
    """A finding of a gate."""
    return Finding(gate, "rule", "bad", Severity.HIGH, path, 1, blocks=blocks)


def seen(plan: ChangePlan, *verdicts: Verdict, unexamined: tuple[str, ...] = ()) -> dict[str, tuple[bool | None, str]]:
    """What became of each criterion that has a measure, by its workstream and measure."""
    after = ticked(plan, Looked(verdicts, unexamined))
    return {f"{w.id} {c.measure}": (c.met, c.seen) for w in after.workstreams for c in w.criteria if c.measure}


P, F, E, S = Status.PASSED, Status.FAILED, Status.ERROR, Status.SKIPPED
CASES = [
    ("review score", [Verdict("review", P, "", 9.5, 7.0)], (True, "9.50")),
    ("review score", [Verdict("review", F, "", 6.99, 7.0)], (False, "6.99")),
    ("review score", [Verdict("review", F, "", 9.5, 7.0, findings=(finding("review", A),))], (True, "9.50")),
    ("review score", [Verdict("review", P, "")], (True, "nothing to score")),
    ("review score", [Verdict("review", P, "", 9.0, 6.0, project="x"), Verdict("review", P, "", 6.5, 6.0)], (False, "6.50")),
    ("review score", [Verdict("review", E, "")], (None, NOT_MEASURED)),
    ("review score", [Verdict("review", P, "", 9.0), Verdict("review", E, "", project="x")], (None, NOT_MEASURED)),
    ("review severity", [Verdict("review", F, "", findings=(finding("review", A),))], (False, "1 finding")),
    ("review severity", [Verdict("review", P, "", findings=(finding("review", A, blocks=False),))], (True, "0 findings")),
    ("tests tests", [Verdict("tests", P, "")], (True, "all passed")),
    ("tests tests", [Verdict("tests", F, "", findings=(finding("tests", "t.py"),))], (False, "1 failed")),
    ("tests tests", [Verdict("tests", S, "")], (None, NOT_MEASURED)),
    ("tests coverage", [Verdict("coverage", P, "", 85.0, 85.0)], (True, "85 %")),
    ("tests coverage", [Verdict("coverage", F, "", 84.9, 85.0)], (False, "84.9 %")),
    ("tests coverage", [Verdict("coverage", F, "", 91.0, 85.0, findings=(finding("coverage", ""),))], (True, "91 %")),
    ("tests coverage", [Verdict("coverage", P, "")], (True, "no changed line that runs")),
    ("tests coverage", [], (None, NOT_MEASURED)),
    ("docs docs", [Verdict("docs", P, "")], (True, "0 findings")),
    ("docs docs", [Verdict("docs", F, "", findings=(finding("docs", A),))], (False, "1 finding")),
    ("docs docs", [Verdict("docs", F, "")], (False, "the gate failed")),
    ("validation gates", [Verdict("docs", P, ""), Verdict("types", E, "")], (False, "not types")),
    ("validation gates", [Verdict("docs", P, ""), Verdict("tests", S, "")], (True, "2 passed")),
    ("validation gates", [Verdict("docs", S, "")], (None, NOT_MEASURED)),
    ("validation examined", [Verdict("docs", P, "")], (True, "nothing left out")),
    ("validation examined", [], (None, NOT_MEASURED)),
]  # fmt: skip


@pytest.mark.parametrize(("criterion", "verdicts", "expected"), CASES)
def test_each_criterion_by_its_gate(criterion: str, verdicts: list[Verdict], expected: tuple[bool | None, str]) -> None:
    assert seen(PLAN, *verdicts)[criterion] == expected


def test_what_was_not_examined_is_no_tick() -> None:
    assert seen(PLAN, Verdict("docs", P, ""), unexamined=(f"{A}: docs",))["validation examined"] == (
        False, "1 not examined"
    )  # fmt: skip


def test_a_finding_counts_against_its_own_lane() -> None:
    found = seen(WIDE, Verdict("review", F, "", 9.0, 7.0, findings=(finding("review", B),)))
    lanes = {w.id: w.scope for w in WIDE.workstreams if w.pillar == "review" and w.phase == "judge"}
    assert len(lanes) > 1
    for name, scope in lanes.items():
        assert found[f"{name} severity"][0] is (B not in scope)
        assert found[f"{name} score"] == (True, "9.00")
    nowhere = seen(WIDE, Verdict("docs", F, "", findings=(finding("docs", ""),)))
    assert {met for name, (met, _) in nowhere.items() if name.endswith(" docs")} == {False}


def test_what_no_gate_can_measure_stays_open_and_says_so() -> None:
    after = ticked(PLAN, Looked(tuple(Verdict(gate, P, "") for gate in ("review", "coverage", "tests", "docs"))))
    open_ones = [c for w in after.workstreams for c in w.criteria if c.measure is None]
    assert open_ones
    assert {(c.met, c.seen) for c in open_ones} == {(None, NOT_MEASURED)}
    assert {c.measure for w in after.workstreams for c in w.criteria if c.met} == set(Measure)
