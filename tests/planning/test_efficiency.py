"""The figures of a finished run, on runs whose answer is known, and the detectors: each is seen to fire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.plan import Kind, Pillar
from gatekeeper.planning.detectors import (
    Fault,
    gate_coverage,
    missing_pillars,
    no_progress,
    serial_execution,
    single_agent,
)
from gatekeeper.planning.efficiency import Ran, examine, first_time_pass_rate, ran_of_jobs, ran_of_plan
from gatekeeper.planning.planner import Demand, make_plan
from gatekeeper.planning.schedule import Task, make_schedule
from gatekeeper.planning.workstreams import Brief, complete
from tests.planning.sample import RULES, change, changed, ground, task_graphs

MINUTES = {"implementation": 5, "review": 3, "tests": 4, "docs": 3, "validation": 2}
SIDE_BY_SIDE = {"implementation": 0, "review": 0, "tests": 0, "docs": 0, "validation": 5}
ONE_BY_ONE = {"implementation": 0, "review": 5, "tests": 8, "docs": 12, "validation": 15}
REVIEW_AFTER = {"implementation": 0, "tests": 5, "docs": 5, "review": 5, "validation": 9}


def run(starts: dict[str, int], review_needs: tuple[str, ...] = ()) -> tuple[Ran, ...]:
    """The reference example with these starts, in minutes."""
    needs = {"validation": ("implementation", "review", "tests", "docs"), "review": review_needs}
    return tuple(
        Ran(name, starts[name] * 60.0, (starts[name] + m) * 60.0, m * 60.0, needs.get(name, ()))
        for name, m in MINUTES.items()
    )


def test_the_reference_example_is_no_faster_than_it_can_be() -> None:
    found = examine(run(SIDE_BY_SIDE), 4)
    assert f"{found.speed_up:.2f}x of a possible {found.possible:.2f}x" == "2.43x of a possible 2.43x"
    assert (found.utilisation, found.avoidable_idle, found.launch_spread) == (1, 0, 0)
    assert found.rate == found.achievable_rate == pytest.approx(14 / 17)
    assert found.bottleneck == pytest.approx(3 / 7)
    assert serial_execution(found) == ()
    assert single_agent(run(SIDE_BY_SIDE), found) == ()


def test_the_reference_example_in_line_is_flagged() -> None:
    ran = run(ONE_BY_ONE)
    found = examine(ran, 4)
    assert f"{found.speed_up:.1f}x of {found.possible:.2f}x" == "1.0x of 2.43x"
    assert f"{found.idle_share:.0%}" == "37%"
    assert found.utilisation == pytest.approx(17 / 42)
    assert [(w.id, w.seconds) for w in found.waited] == [("docs", 720), ("tests", 480), ("review", 300)]
    (alarm,) = serial_execution(found)
    assert alarm.fault is Fault.SERIAL
    assert alarm.saw == (
        "37% of the time of 4 agents was idle though work was ready; docs waited longest (12 min 00 s); "
        "the run took 17 min 00 s, and without needless waiting takes at most 9 min 30 s"
    )
    (alone,) = single_agent(ran, found)
    assert alone.fault is Fault.SINGLE_AGENT
    assert "4 could have worked at once" in alone.saw


def test_what_has_to_wait_is_not_idle() -> None:
    """With the review needed to wait for the implementation the best possible is less, and that is reached."""
    ran = tuple(
        Ran(name, REVIEW_AFTER[name] * 60.0, (REVIEW_AFTER[name] + m) * 60.0, m * 60.0, needs)
        for (name, m), needs in zip(
            MINUTES.items(),
            ((), ("implementation",), ("implementation",), ("implementation",), ("review", "tests", "docs")),
            strict=True,
        )
    )
    found = examine(ran, 4)
    assert found.speed_up == found.possible == pytest.approx(17 / 11)
    assert found.avoidable_idle == 0
    assert serial_execution(found) == ()


def test_a_chain_on_one_agent_is_no_fault() -> None:
    ran = (Ran("a", 0, 5, 5), Ran("b", 5, 9, 4, ("a",)))
    found = examine(ran, 4)
    assert found.most_at_once == 1
    assert single_agent(ran, found) == serial_execution(found) == ()


def test_a_moment_of_idle_is_tolerated() -> None:
    ran = (Ran("a", 0, 10, 10), Ran("b", 0.3, 10, 9.7))
    assert serial_execution(examine(ran, 2)) == ()


def test_sharing_cores_is_not_taken_for_speed() -> None:
    """Four busy jobs of one second on two cores take two seconds each, side by side: 2x of a possible 2x."""
    jobs = [Job(n, "gate", n, (), "/", 1) for n in "abcd"]
    outcomes = {n: Outcome(n, 0, started=0, seconds=2, cpu_seconds=1) for n in "abcd"}
    ran = ran_of_jobs(jobs, outcomes, 2)
    found = examine(ran, 4, cpu_bound=2)
    assert found.speed_up == pytest.approx(2)
    assert found.possible == pytest.approx(2)
    assert found.utilisation == 1


def test_needs_of_jobs_that_did_not_run_do_not_count() -> None:
    jobs = [Job("a", "g", "a", (), "/", 1, needs=(Need("gone", "because"),)), Job("gone", "g", "x", (), "/", 1)]
    assert ran_of_jobs(jobs, {"a": Outcome("a", 0, seconds=1)}, 2) == (Ran("a", 0, 1, 1, ()),)


@given(task_graphs(), st.integers(1, 5))
def test_a_planned_schedule_that_is_carried_out_leaves_nothing_idle_but_on_purpose(
    tasks: tuple[Task, ...], agents: int
) -> None:
    planned = make_schedule(tasks, agents)
    times = {p.workstream: p for p in planned.placements}
    ran = [Ran(t.id, times[t.id].start, times[t.id].end, t.seconds, t.needs) for t in tasks]
    found = examine(ran, agents)
    assert found.speed_up <= found.possible * 1.0001
    assert found.makespan <= found.graham_bound + 1e-6
    assert 0 <= found.utilisation <= 1
    assert found.most_at_once <= agents


def test_a_plan_that_was_carried_out() -> None:
    files = (changed("src/app/a.py", "x = 1\n"), changed("tests/test_a.py", "x = 1\n"))
    plan = make_plan(change(*files), ground("src/app/a.py"), Demand(RULES))
    times = {p.workstream: (p.start, p.end) for p in plan.schedule.placements}
    found = examine(ran_of_plan(plan.workstreams, times), 4)
    assert found.speed_up == pytest.approx(plan.schedule.speed_up)
    assert found.rate == pytest.approx(plan.schedule.rate)


def test_a_missing_pillar_is_seen() -> None:
    files = (changed("src/app/a.py", "x = 1\n"),)
    plan = make_plan(change(*files), ground("src/app/a.py"), Demand(RULES))
    assert missing_pillars(plan.workstreams) == ()
    (alarm,) = missing_pillars([w for w in plan.workstreams if w.id != "docs"])
    assert (alarm.fault, alarm.about) == (Fault.MISSING_PILLAR, ("primary",))
    assert alarm.saw == "no docs workstream judges src/app/a.py"
    assert missing_pillars([w for w in plan.workstreams if w.id != "docs"], (Pillar.REVIEW,)) == ()


def test_a_missing_pillar_is_added() -> None:
    files = (changed("src/app/a.py", "x = 1\n"),)
    plan = make_plan(change(*files), ground("src/app/a.py"), Demand(RULES))
    brief = Brief(Kind.FEATURE, lambda pillar, scope: ("somebody", "for the test"))
    mended = complete([w for w in plan.workstreams if w.id != "docs"], brief)
    assert missing_pillars(mended) == ()
    assert [w.id for w in mended if w.pillar is Pillar.DOCS] == ["prepare-docs", "docs"]
    assert {need.on for need in mended[-1].needs} == {"review", "tests", "docs"}
    assert complete(plan.workstreams, brief) == plan.workstreams


def test_what_was_not_examined_is_named() -> None:
    files = (changed("src/app/a.py", "x = 1\n"), changed("docs/x.md", "y\n"))
    plan = make_plan(change(*files), ground("src/app/a.py"), Demand(RULES))
    share, missing = gate_coverage(plan.workstreams, {"review", "tests"})
    assert (share, missing) == (pytest.approx(2 / 3), ("src/app/a.py: docs",))
    assert gate_coverage(plan.workstreams, {w.id for w in plan.workstreams}) == (1, ())
    assert gate_coverage((), ()) == (1, ())


def test_standstill_is_seen() -> None:
    (alarm,) = no_progress({"tests": (90.0, 60.0), "review": (5.0, 60.0)})
    assert (alarm.fault, alarm.about) == (Fault.NO_PROGRESS, ("tests",))
    assert alarm.saw == "tests showed no progress for 1 min 30 s, more than 1 min 00 s"


def test_nothing_ran() -> None:
    found = examine((), 2)
    assert (found.speed_up, found.utilisation) == (1, 1)
    assert single_agent((), found) == serial_execution(found) == ()


def test_the_pass_rate_needs_ten_changes() -> None:
    assert first_time_pass_rate(9, 9) is None
    found = first_time_pass_rate(8, 10)
    assert found is not None
    assert found.changes == 10
    for passed, expected in ((8, (0.8, 0.490, 0.943)), (10, (1, 0.722, 1)), (0, (0, 0, 0.278))):
        rate = first_time_pass_rate(passed, 10)
        assert rate is not None
        assert (rate.share, rate.low, rate.high) == pytest.approx(expected, abs=0.001)
