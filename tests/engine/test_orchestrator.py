"""Plans are carried out with hands that only pretend: order, retries, conflicts, mending, and how it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from gatekeeper.engine.chronicle import Chronicle
from gatekeeper.engine.hands import Say
from gatekeeper.engine.orchestrator import Orchestrator
from gatekeeper.formats.task_file import Goal, Task
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.orchestration import Ending, Joined, Judgement, Landed, Orchestrated, Progress, Said, Steps, Work
from gatekeeper.model.orchestration_events import (
    Integrated,
    IterationBegan,
    Judged,
    LaneEnded,
    LaneIdle,
    LaneStarted,
    OrchestrationEvent,
)
from gatekeeper.model.plan import ChangePlan, Pillar, Workstream
from gatekeeper.model.rules import Level, Rules
from gatekeeper.planning.planner import Demand
from gatekeeper.planning.tasks import task_plan

RULES = Rules(
    tuple((level, number) for level, number in zip(Level, (1, 3, 8, 16), strict=True)), 2, 10, 0.8, 0.9, 1,
    (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS), 3,
)  # fmt: skip
FINDING = Finding("tests", "test-failed", "it fails", Severity.HIGH, "a/x.py", 1, blocks=True)


def plan_of(*goals: tuple[str, tuple[str, ...]]) -> ChangePlan:
    """A task with goals (name, needs), each in a folder of its own."""
    found = tuple(Goal(name, f"do {name}", (f"{name}/**",), needs) for name, needs in goals)
    return task_plan(Task("Add things", "feature", found, "plan.yml"), (), Demand(RULES, agents=8))


@dataclass
class Pretended:
    """Hands that do nothing but remember; what an attempt brings, and what follows, is said beforehand."""

    brings: Callable[[Work], str] = lambda work: f"{work.id}.{work.attempt}"
    follows: list[Steps] = field(default_factory=list)
    conflicts: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    does: Callable[[Work], None] = lambda work: None
    calls: list[tuple[str, object]] = field(default_factory=list)
    kept: list[Progress] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def lay_out(self, work: Work) -> None:
        self.calls.append(("lay out", work.id))

    def work(self, work: Work, say: Say) -> Landed:
        self.calls.append(("work", work))
        say(Said("busy", 10))
        self.does(work)
        commit = self.brings(work)
        return Landed(work, commit, ("a",), 3, 1) if commit else Landed(work, "", problem="it changed nothing")

    def prepare(self, workstream: Workstream, say: Say) -> str:
        self.calls.append(("prepare", workstream.id))
        return "9.50 /10"

    def judge(self, name: str, commit: str, say: Say) -> Judgement:
        self.calls.append(("judge", (name, commit)))
        return Judgement(commit, None, 0.1, "pretended")

    def integrate(self, head: str, landed: Sequence[Landed]) -> Joined:
        conflicts = self.conflicts.pop(0) if self.conflicts and landed else ()
        bad = {lane for lane, _ in conflicts}
        lanes = tuple(each.work.id for each in landed if each.work.id not in bad)
        head = "+".join([head, *(each.commit for each in landed if each.work.id not in bad)])
        self.calls.append(("integrate", head))
        return Joined(head, lanes, conflicts)

    def correct(self, commit: str, say: Say) -> str:
        return commit

    def next_steps(self, judgement: Judgement) -> Steps:
        return self.follows.pop(0) if self.follows else Steps(Ending.APPROVED)

    def keep(self, progress: Progress) -> None:
        self.kept.append(progress)

    def idle_limit(self, agent: str) -> float:
        return 60.0

    def stop(self) -> None:
        self.stopped.set()


def carry_out(
    plan: ChangePlan, hands: Pretended, progress: Progress | None = None, agents: int = 8
) -> tuple[Orchestrated, list[OrchestrationEvent]]:
    """Carry a plan out; tells the end and all events."""
    events: list[OrchestrationEvent] = []
    log = Chronicle(events.append, time.monotonic())
    return Orchestrator(plan, "base", agents, hands, log, progress).carry_out(), events


def mending(**changes: object) -> Work:
    """Work that mends a finding."""
    work = Work("mend-1-tests", "Mend the tests", Pillar.TESTS, "test-automator", ("a/**",), "", findings=(FINDING,))
    return replace(work, iteration=1, **changes)  # type: ignore[arg-type]


def test_work_is_laid_out_launched_joined_judged_and_approved() -> None:
    hands = Pretended()
    ended, events = carry_out(plan_of(("a", ()), ("b", ())), hands)
    assert ended.ending is Ending.APPROVED
    assert ended.commit == "base+primary-1.1+primary-2.1"
    kinds = [kind for kind, _ in hands.calls]
    assert kinds[:2] == ["lay out", "lay out"], "all that starts together is laid out before any of it starts"
    assert {what for kind, what in hands.calls if kind == "prepare"} == {
        "prepare-review", "prepare-tests", "prepare-docs"
    }  # fmt: skip
    assert ("judge", ("", ended.commit)) in hands.calls
    assert {each.work.id for each in ended.landed} == {"primary-1", "primary-2"}
    started = [event.lane for event in events if isinstance(event, LaneStarted)]
    assert set(started) >= {"primary-1", "primary-2", "prepare-docs", "review-1", "validation"}
    assert {lane for lane, _, _ in ended.spans} >= {"primary-1", "validation"}
    assert hands.kept[-1].head == ended.commit


def test_a_lane_that_lands_while_others_work_is_judged_at_once_and_the_last_with_the_whole() -> None:
    judged = threading.Event()

    def does(work: Work) -> None:
        if work.id == "primary-2":
            assert judged.wait(20)

    @dataclass
    class Judging(Pretended):
        def judge(self, name: str, commit: str, say: Say) -> Judgement:
            judged.set()
            return super().judge(name, commit, say)

    hands = Judging(does=does)
    carry_out(plan_of(("a", ()), ("b", ())), hands)
    names = [what[0] for kind, what in hands.calls if kind == "judge"]  # type: ignore[index]
    assert names == ["primary-1", ""]


def test_what_a_lane_needs_comes_first_and_is_its_start() -> None:
    hands = Pretended()
    carry_out(plan_of(("a", ()), ("b", ("a",))), hands)
    works = [what for kind, what in hands.calls if kind == "work"]
    assert [(work.id, work.start) for work in works] == [  # type: ignore[attr-defined]
        ("primary-1", "base"),
        ("primary-2", "base+primary-1.1"),
    ]


def test_an_agent_that_changed_nothing_twice_has_failed_and_what_needs_it_is_not_begun() -> None:
    hands = Pretended(brings=lambda work: "")
    ended, events = carry_out(plan_of(("a", ()), ("b", ("a",))), hands)
    assert ended.ending is Ending.NEEDS_YOU
    assert "primary-1: it changed nothing" in ended.remaining
    assert "primary-2: it needs primary-1, which was not done" in ended.remaining
    works = [what.attempt for kind, what in hands.calls if kind == "work"]  # type: ignore[attr-defined]
    assert works == [1, 2], "the same trouble twice is no reason for a third attempt"
    assert not any(isinstance(event, Judged) for event in events)
    assert hands.kept[-1].head == ""


def test_an_attempt_that_fails_in_another_way_each_time_is_tried_three_times() -> None:
    troubles = iter(["hung", "crashed", "did nothing", "never asked"])

    @dataclass
    class Failing(Pretended):
        def work(self, work: Work, say: Say) -> Landed:
            super().work(work, say)
            return Landed(work, "", problem=next(troubles))

    hands = Failing()
    ended, _ = carry_out(plan_of(("a", ())), hands)
    assert ended.remaining == ("primary: did nothing",)
    befores = [what.before for kind, what in hands.calls if kind == "work"]  # type: ignore[attr-defined]
    assert befores == ["", "hung", "crashed"]


def test_a_lane_in_conflict_is_done_again_on_top_of_the_others() -> None:
    hands = Pretended(conflicts=[(("primary-2", "shared.txt"),)])
    ended, events = carry_out(plan_of(("a", ()), ("b", ())), hands)
    again = [what for kind, what in hands.calls if kind == "work"][-1]
    assert (again.id, again.start, again.attempt) == ("primary-2", "base+primary-1.1", 2)  # type: ignore[attr-defined]
    assert again.conflict == ("shared.txt",)  # type: ignore[attr-defined]
    assert ended.commit == "base+primary-1.1+primary-2.2"
    assert [event.conflicts for event in events if isinstance(event, Integrated)] == [("primary-2: shared.txt",), ()]


def test_a_conflict_that_never_goes_away_ends_after_three_attempts() -> None:
    hands = Pretended(conflicts=[(("primary-2", "shared.txt"),)] * 9)
    ended, _ = carry_out(plan_of(("a", ()), ("b", ())), hands)
    assert ended.ending is Ending.NEEDS_YOU
    assert ended.remaining == ("primary-2: it is in conflict with other lanes in shared.txt",)


def test_findings_are_mended_on_top_of_the_whole_and_judged_again() -> None:
    hands = Pretended(follows=[Steps(None, (mending(),), findings=1), Steps(Ending.APPROVED)])
    ended, events = carry_out(plan_of(("a", ())), hands)
    assert ended.ending is Ending.APPROVED
    assert ended.commit == "base+primary.1+mend-1-tests.1"
    assert [e.number for e in events if isinstance(e, IterationBegan)] == [1]
    assert [e.commit for e in events if isinstance(e, Judged)] == ["base+primary.1", ended.commit]
    assert hands.kept[-1].iteration == 1


def test_mending_that_changes_nothing_ends_it() -> None:
    hands = Pretended(
        brings=lambda work: "" if work.iteration else "done",
        follows=[Steps(None, (mending(),), ("tests: 1 failed",), findings=1)],
    )
    ended, _ = carry_out(plan_of(("a", ())), hands)
    assert (ended.ending, ended.reason) == (Ending.NEEDS_YOU, "iteration 1 changed nothing")
    assert ended.remaining == ("tests: 1 failed", "mend-1-tests: it changed nothing")


def test_a_resumed_one_goes_on_where_it_was() -> None:
    plan = plan_of(("a", ()), ("b", ()))
    first = Pretended(brings=lambda work: "" if work.id == "primary-2" else "A")
    carry_out(plan, first)
    again = Pretended()
    ended, _ = carry_out(plan, again, first.kept[-1])
    assert [w.id for kind, w in again.calls if kind == "work"] == ["primary-2"]  # type: ignore[attr-defined]
    assert ended.commit == "base+A+primary-2.1"
    later = Pretended()
    ended, _ = carry_out(plan, later, again.kept[-1])
    assert not [w for kind, w in later.calls if kind in ("work", "prepare")]
    assert ended.commit == "base+A+primary-2.1"


def test_an_interrupt_stops_the_hands_and_takes_in_what_was_done() -> None:
    hands = Pretended(does=lambda work: hands.stopped.wait(20) and None)
    events: list[OrchestrationEvent] = []

    def hear(event: OrchestrationEvent) -> None:
        events.append(event)
        if isinstance(event, LaneStarted) and event.lane == "primary":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Orchestrator(plan_of(("a", ())), "base", 4, hands, Chronicle(hear, time.monotonic())).carry_out()
    assert [each.commit for each in hands.kept[-1].landed] == ["primary.1"]
    assert [event.state for event in events if isinstance(event, LaneEnded) and event.lane == "primary"] == ["landed"]


def test_hands_that_break_are_a_failed_lane_and_nothing_hangs() -> None:
    @dataclass
    class Broken(Pretended):
        def lay_out(self, work: Work) -> None:
            raise OSError("no room")

    ended, _ = carry_out(plan_of(("a", ())), Broken())
    assert ended.remaining == ("primary: OSError: no room",)


def test_silence_is_mentioned() -> None:
    events: list[OrchestrationEvent] = []
    log = Chronicle(events.append, time.monotonic() - 1000)
    log.started("a", "me", idle_limit=300)
    log._heard["a"] -= 61
    log.tick()
    log.tick()
    assert [(event.lane, event.limit) for event in events if isinstance(event, LaneIdle)] == [("a", 300)]
