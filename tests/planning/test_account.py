"""A finished run held against its plan: what was examined, and what went wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.model.account import Fault
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.account import Done, account
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.planner import Demand, make_plan
from tests.planning.sample import RULES

TEXT = "def f():\n    return 1\n"
FILE = FileChange("app.py", ChangeKind.ADDED, hunks=(Hunk(0, 0, 1, 2),), text=TEXT)
PLAN = make_plan(Change("b", "h", (FILE,)), Ground(frozenset({"app.py"})), Demand(RULES))

ALL = [Verdict(gate, Status.PASSED, "") for gate in ("review", "tests", "docs")]


def job(name: str, *needs: str) -> Job:
    """A job with needs."""
    return Job(name, name, name, (), "/", 1, needs=tuple(Need(need, "because") for need in needs))


def outcome(name: str, start: float, seconds: float) -> Outcome:
    """A job that waited for nobody."""
    return Outcome(name, 0, started=start, seconds=seconds)


def test_a_gate_that_could_not_look_or_was_off_examined_nothing() -> None:
    jobs, outcomes = [job("a"), job("b")], {"a": outcome("a", 0, 1), "b": outcome("b", 0, 1)}
    verdicts = [Verdict("review", Status.FAILED, ""), Verdict("tests", Status.ERROR, "")]
    held = account(PLAN, Done(jobs, outcomes, verdicts, 2, 8))
    assert held.unexamined == ("app.py: tests", "app.py: docs")
    assert round(held.gate_coverage, 2) == 0.33
    (alarm,) = held.alarms
    assert (alarm.fault, alarm.about) == (Fault.TARGET, held.unexamined)
    assert account(PLAN, Done(jobs, outcomes, ALL, 2, 8)).gate_coverage == 1.0


def test_what_was_skipped_by_a_person_or_stopped_was_not_examined() -> None:
    jobs = [Job("docs.inspect", "docs", "x", (), "/", 1)]
    nothing = Verdict("docs", Status.SKIPPED, "nothing to document")
    for verdict, outcomes, share in (
        (nothing, {"docs.inspect": outcome("docs.inspect", 0, 1)}, 1.0),
        (nothing, {}, 2 / 3),
        (replace(nothing, waived="it is late"), {"docs.inspect": outcome("docs.inspect", 0, 1)}, 2 / 3),
    ):
        held = account(PLAN, Done(jobs, outcomes, [*ALL[:2], verdict], 2, 8))
        assert held.gate_coverage == pytest.approx(share)


def test_silence_is_an_alarm() -> None:
    held = account(PLAN, Done([], {}, ALL, 2, 8, {"tests.pytest": (90.0, 60.0)}))
    assert [alarm.fault for alarm in held.alarms] == [Fault.NO_PROGRESS]


def test_the_first_time_pass_rate_counts_the_changes_before() -> None:
    assert account(PLAN, Done([], {}, ALL, 2, 8, firsts=(True,) * 9)).first_time is None
    rate = account(PLAN, Done([], {}, ALL, 2, 8, firsts=(True,) * 9 + (False,))).first_time
    assert rate is not None
    assert (rate.share, rate.changes) == (0.9, 10)


def test_work_in_line_that_could_be_side_by_side_is_an_alarm() -> None:
    jobs = [job(name) for name in "abc"]
    outcomes = {name: outcome(name, 5.0 * place, 5.0) for place, name in enumerate("abc")}
    faults = {alarm.fault for alarm in account(PLAN, Done(jobs, outcomes, ALL, 2, 8)).alarms}
    assert faults == {Fault.SERIAL, Fault.SINGLE_AGENT, Fault.TARGET}
    chain = [job("a"), job("b", "a"), job("c", "b")]
    assert account(PLAN, Done(chain, outcomes, ALL, 2, 8)).alarms == ()
