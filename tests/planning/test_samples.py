"""What a run tells of how long workstreams take, and that plans go by it."""

from __future__ import annotations

from dataclasses import replace

from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.plan import Kind, Phase, Pillar
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.estimate import history_key
from gatekeeper.planning.planner import Demand, make_plan
from gatekeeper.planning.samples import samples
from tests.planning.sample import RULES, change, changed, ground

A, B, C = "src/app/a.py", "src/core/b.py", "src/web/c.py"
FIX = change(changed(A, "x = 1\n"), message="fix: a")
PLAN = make_plan(FIX, ground(A), Demand(RULES))
TIMES = {
    "review.lint": (0.0, 2.0), "tests.pytest": (0.5, 9.5), "coverage.read": (10.0, 1.0), "docs.compare": (0.0, 3.0)
}  # fmt: skip
JOBS = [Job(name, name.split(".")[0], name, (), "/", 60) for name in TIMES]
OUTCOMES = {name: Outcome(name, 0, started=start, seconds=seconds) for name, (start, seconds) in TIMES.items()}
VERDICTS = [Verdict(gate, Status.PASSED, "") for gate in ("review", "coverage", "tests", "docs")]


def key(pillar: Pillar) -> str:
    """The key of a small fix."""
    return history_key(Kind.BUGFIX, pillar, Phase.JUDGE, "small")


def test_each_pillar_takes_as_long_as_its_gates_and_the_validation_as_all() -> None:
    assert dict(samples(PLAN, FIX, JOBS, OUTCOMES, VERDICTS)) == {
        key(Pillar.REVIEW): 2.0, key(Pillar.TESTS): 10.5, key(Pillar.DOCS): 3.0, key(Pillar.VALIDATION): 11.0
    }  # fmt: skip


def test_what_did_not_look_now_tells_nothing() -> None:
    for verdict in (Verdict("docs", Status.ERROR, ""), Verdict("docs", Status.PASSED, "", reused="abc")):
        found = dict(samples(PLAN, FIX, JOBS, OUTCOMES, [*VERDICTS[:3], verdict]))
        assert set(found) == {key(Pillar.REVIEW), key(Pillar.TESTS)}
    assert samples(PLAN, FIX, JOBS, OUTCOMES, []) == ()
    assert samples(PLAN, FIX, JOBS, {}, VERDICTS) == ()


def test_a_gate_that_judges_several_lanes_at_once_tells_nothing_of_one() -> None:
    wide = change(*(changed(path, "x = 1\n" * 200) for path in (A, B, C)))
    plan = make_plan(wide, ground(A, B, C), Demand(RULES))
    assert [name.split("/")[1] for name, _ in samples(plan, wide, JOBS, OUTCOMES, VERDICTS)] == ["validation"]


def test_a_plan_goes_by_three_such_runs_and_says_so() -> None:
    history = {name: (seconds, seconds, seconds) for name, seconds in samples(PLAN, FIX, JOBS, OUTCOMES, VERDICTS)}
    demand = Demand(RULES, history=history)
    after = make_plan(FIX, ground(A), demand)
    told = {w.id: (w.estimate, w.estimate_basis) for w in after.workstreams}
    assert told["tests"] == (10.5, "median of 3 runs (bugfix, small)")
    assert told["validation"] == (11.0, "median of 3 runs (bugfix, small)")
    assert told["primary"] == (150.0, "fallback table (small), since history has 0 such runs")
    assert make_plan(FIX, ground(A), replace(demand, history=dict(reversed(history.items())))) == after
