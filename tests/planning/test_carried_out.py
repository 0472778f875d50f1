"""An orchestration against its plan: no false alarm for judgements, second attempts and mending, and no missed one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model.account import Fault
from gatekeeper.model.plan import Phase
from gatekeeper.planning.carried_out import Carried, Span, orchestration_account
from tests.planning.judged import A, B, C, plan_of

PLAN = plan_of(A, B, C)
JUDGES = [w.id for w in PLAN.workstreams if w.phase is Phase.JUDGE]
PREPARE = [(w.id, 0.0, 5.0) for w in PLAN.workstreams if w.phase is Phase.PREPARE]
LANES = ("primary-1", "primary-2", "primary-3")


def whole(start: float, end: float) -> list[Span]:
    """A judgement of the whole."""
    return [(name, start, end) for name in JUDGES]


def faults(spans: list[Span], slots: int = 6, **more: object) -> set[Fault]:
    """What went wrong."""
    return {alarm.fault for alarm in orchestration_account(PLAN, Carried(spans, slots, **more)).alarms}  # type: ignore[arg-type]


def test_all_at_once_is_in_order() -> None:
    spans = [*PREPARE, *((lane, 0.0, 60.0) for lane in LANES), *whole(60.0, 70.0)]
    account = orchestration_account(PLAN, Carried(spans, 6, JUDGES))
    assert (account.alarms, account.unexamined, account.gate_coverage) == ((), (), 1.0)
    # the gates ran once, for 10 s: 3 * 60 + 3 * 5 + 10 seconds of work in 70
    assert account.efficiency.work == pytest.approx(205)
    assert account.efficiency.speed_up == pytest.approx(205 / 70)


def test_lanes_in_line_are_told() -> None:
    spans = [*PREPARE, ("primary-1", 0, 60), ("primary-2", 60, 120), ("primary-3", 120, 180), *whole(180, 190)]
    assert {Fault.SERIAL} <= faults(spans)


def test_mending_and_a_second_attempt_are_no_waiting() -> None:
    spans = [*PREPARE, *((lane, 0.0, 60.0) for lane in LANES), ("primary-2", 60.0, 90.0), *whole(90.0, 100.0)]
    spans += [("mend-1-1", 100.0, 130.0), ("mend-1-2", 100.0, 120.0), *whole(130.0, 140.0)]
    assert Fault.SERIAL not in faults(spans)


def test_what_was_not_examined_is_named() -> None:
    spans = [*((lane, 0.0, 60.0) for lane in LANES)]
    account = orchestration_account(PLAN, Carried(spans, 6, [name for name in JUDGES if name.startswith("docs-1")]))
    assert account.gate_coverage < 1
    assert any(line.endswith(": review") for line in account.unexamined)


def test_silence_is_told_with_a_remedy_that_fits() -> None:
    carried = Carried([("primary-1", 0.0, 400.0)], 1, silences={"primary-1": (330.0, 300.0)})
    (alarm,) = [a for a in orchestration_account(PLAN, carried).alarms if a.fault is Fault.NO_PROGRESS]
    assert "gatekeeper watch" in alarm.remedy
    assert alarm.about == ("primary-1",)


def test_nothing_that_ran_has_an_account() -> None:
    assert orchestration_account(PLAN, Carried([], 4)).efficiency.makespan == 0


times = st.integers(0, 50).map(float)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from([*LANES, *JUDGES, "mend-1-1", "x"]), times, times), max_size=14),
    st.integers(1, 5),
)
def test_any_spans_have_an_account(spans: list[Span], slots: int) -> None:
    account = orchestration_account(PLAN, Carried([(n, min(a, b), max(a, b)) for n, a, b in spans], slots))
    assert 0 <= account.efficiency.utilisation <= 1
    assert account.efficiency.avoidable_idle >= 0
