"""The engine with fakes of its ports: order, needs, failures, early ends and broken parts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.engine.broadcast import Broadcast
from gatekeeper.engine.decide import decide
from gatekeeper.engine.run import Assignment, Run
from gatekeeper.engine.scheduler import Scheduler
from gatekeeper.model.candidate import Candidate, Environment, Project, Target, TargetKind
from gatekeeper.model.change import Change
from gatekeeper.model.events import Event, JobEnded, JobSaid, JobStarted
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.policy import GatePolicy, Setting
from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Gate, Outcomes, Request


def request(name: str, root: str = "", **settings_: object) -> Request:
    """A request of a gate in an empty change."""
    policy = GatePolicy(name, {key: Setting(value) for key, value in settings_.items()})
    target = Target(TargetKind.STAGED, "b", "h", "a test")
    project = Project(root, (root,), ())
    where = Candidate("/head", "/base")
    return Request(
        target, Change("b", "h"), policy, project, Environment("", ""), where, frozenset(), "/s", "/p", "py", "ruff"
    )  # fmt: skip


def job(name: str, *needs: str) -> Job:
    """A job with needs."""
    return Job(
        name,
        name.split(".", maxsplit=1)[0],
        name,
        (name,),
        "/",
        5,
        needs=tuple(Need(need, "because") for need in needs),
    )


@dataclass
class FakeGate:
    """Plans its jobs, and the follow-ups once all of them have ended."""

    name: str
    jobs: tuple[Job, ...] = ()
    follow_ups: tuple[Job, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    breaks: str = ""
    seen: dict[str, Outcome] = field(default_factory=dict)

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        if self.breaks == "plan":
            raise ValueError("no plan")
        done = all(job.id in outcomes for job in self.jobs)
        return self.jobs + (self.follow_ups if done else ())

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        if self.breaks == "judge":
            raise ValueError("no verdict")
        self.seen = dict(outcomes)
        bad = any(not outcome.ran for outcome in outcomes.values())
        red = any(outcome.exit_code for outcome in outcomes.values())
        return Verdict(self.name, Status.ERROR if bad else Status.FAILED if red else Status.PASSED, "judged")


@dataclass
class FakeAgent:
    """Sleeps a little for each job, and notes when it was done; jobs called `bad` do not look, `red` fail."""

    seconds: float = 0.0
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    most: int = 0
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        start = time.monotonic()
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        say(JobSaid(job.id, "working"))
        if job.id.endswith("broken"):
            raise OSError("the agent fell over")
        self.stopped.wait(self.seconds)
        with self.lock:
            self.running -= 1
        self.spans[job.id] = (start, time.monotonic())
        problem = "it hung" if job.id.endswith("bad") else ""
        return Outcome(job.id, int(job.id.endswith("red")), seconds=time.monotonic() - start, problem=problem)

    def stop(self) -> None:
        self.stopped.set()


@dataclass
class FakeReporter:
    """Keeps every event."""

    events: list[Event] = field(default_factory=list)

    def on_event(self, event: Event) -> None:
        self.events.append(event)


def carry_out(
    *gates: Gate, agent: FakeAgent | None = None, workers: int = 8, fail_fast: bool = False, root: str = ""
) -> tuple[Run, FakeReporter]:  # fmt: skip
    """Run gates over an empty change."""
    epoch = time.monotonic()
    reporter = FakeReporter()
    scheduler = Scheduler(agent or FakeAgent(), workers, epoch)
    assignments = tuple(Assignment(gate.name, gate, request(gate.name, root)) for gate in gates)  # type: ignore[attr-defined]
    run = Run(assignments, scheduler, Broadcast([("fake", reporter)]), {}, epoch)
    try:
        run.launch()
        run.carry_out(fail_fast)
    finally:
        scheduler.close()
    return run, reporter


def statuses(run: Run) -> dict[str, Status]:
    """The status of each verdict."""
    return {verdict.gate: verdict.status for verdict in run.verdicts}


def test_no_finding_repeats_a_credential() -> None:
    token = "gh" + "p_" + "Zq8Kx2Lm9Wv4Rt7Yp3Nb6Hd1Jf5Gs0CaKx2L"

    class Talkative(FakeGate):
        def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
            finding = Finding("tests", "r", f"assert '{token}'", Severity.HIGH, detail=f"E  {token}\nmore")
            return Verdict(self.name, Status.FAILED, "judged", findings=(finding,))

    run, _ = carry_out(Talkative("tests"))
    [finding] = run.verdicts[0].findings
    assert (finding.message, finding.detail) == ("assert 'ghp_…'", "E  ghp_…\nmore")


def test_independent_gates_run_at_the_same_time() -> None:
    agent = FakeAgent(0.5)
    run, _ = carry_out(*(FakeGate(name, (job(f"{name}.x"),)) for name in "abcd"), agent=agent)
    assert agent.most == 4
    assert list(statuses(run)) == ["a", "b", "c", "d"]


def test_the_number_of_jobs_can_be_bounded() -> None:
    agent = FakeAgent(0.3)
    carry_out(*(FakeGate(name, (job(f"{name}.x"),)) for name in "abcd"), agent=agent, workers=2)
    assert agent.most == 2


def test_a_need_is_waited_for_and_read() -> None:
    agent = FakeAgent(0.05)
    reader = FakeGate("coverage", (job("coverage.report", "tests.x"),), reads=(("tests", "measured there"),))
    run, _ = carry_out(reader, FakeGate("tests", (job("tests.x"),)), agent=agent)
    assert agent.spans["coverage.report"][0] >= agent.spans["tests.x"][1]
    assert set(reader.seen) == {"coverage.report", "tests.x"}
    assert set(statuses(run).values()) == {Status.PASSED}


def test_what_needs_a_job_that_did_not_look_is_not_started() -> None:
    agent = FakeAgent()
    reader = FakeGate("coverage", (job("coverage.report", "tests.bad"),), reads=(("tests", "measured there"),))
    run, reporter = carry_out(
        FakeGate("tests", (job("tests.bad"),)), reader, FakeGate("docs", (job("docs.x"),)), agent=agent
    )
    assert "coverage.report" not in agent.spans
    assert "it needs tests.bad, which could not be done: it hung" in reader.seen["coverage.report"].problem
    assert statuses(run) == {"tests": Status.ERROR, "coverage": Status.ERROR, "docs": Status.PASSED}
    ended = [event.job.id for event in reporter.events if isinstance(event, JobEnded)]
    assert sorted(ended) == ["coverage.report", "docs.x", "tests.bad"]


def test_a_need_that_nobody_planned_is_an_error_and_no_hang() -> None:
    run, _ = carry_out(FakeGate("a", (job("a.x", "ghost"),)))
    assert statuses(run) == {"a": Status.ERROR}


def test_a_circle_of_needs_is_an_error_and_no_hang() -> None:
    run, _ = carry_out(FakeGate("a", (job("a.x", "a.y"), job("a.y", "a.x"))))
    assert statuses(run) == {"a": Status.ERROR}


def test_follow_ups_run_before_the_verdict() -> None:
    gate = FakeGate("tests", (job("tests.x"),), (job("tests.retry"),))
    carry_out(gate)
    assert set(gate.seen) == {"tests.x", "tests.retry"}


def test_every_gate_reports_even_if_one_fails() -> None:
    run, _ = carry_out(FakeGate("a", (job("a.red"),)), FakeGate("b", (job("b.x"),)), FakeGate("c"))
    assert statuses(run) == {"a": Status.FAILED, "b": Status.PASSED, "c": Status.PASSED}


def test_fail_fast_stops_the_others_and_says_so() -> None:
    slow = FakeAgent(0.0)

    class Uneven(FakeAgent):
        def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
            if job.id == "b.slow":
                self.stopped.wait(20)
            return super().run(job, say)

    slow = Uneven()
    started = time.monotonic()
    run, _ = carry_out(FakeGate("a", (job("a.red"),)), FakeGate("b", (job("b.slow"),)), agent=slow, fail_fast=True)
    assert time.monotonic() - started < 15
    assert statuses(run) == {"a": Status.FAILED, "b": Status.SKIPPED}
    assert "fail fast" in run.verdicts[1].summary
    assert decide(run.verdicts) is Exit.BLOCKED


@pytest.mark.parametrize("where", ["plan", "judge"])
def test_a_broken_gate_is_an_error_verdict(where: str) -> None:
    run, _ = carry_out(FakeGate("a", (job("a.x"),), breaks=where), FakeGate("b", (job("b.x"),)))
    assert statuses(run) == {"a": Status.ERROR, "b": Status.PASSED}


def test_a_broken_agent_is_could_not_look() -> None:
    gate = FakeGate("a", (job("a.broken"),))
    run, _ = carry_out(gate)
    assert statuses(run) == {"a": Status.ERROR}
    assert "the agent fell over" in gate.seen["a.broken"].problem


def test_a_broken_reporter_is_named_and_changes_nothing() -> None:
    class Broken:
        def on_event(self, event: Event) -> None:
            raise RuntimeError("no paper")

    healthy = FakeReporter()
    broadcast = Broadcast([("broken", Broken()), ("healthy", healthy)])
    for _ in range(3):
        broadcast.tell(JobSaid("a", "b"))
    assert broadcast.troubles == ["the broken report broke: RuntimeError: no paper"]
    assert len(healthy.events) == 3


def test_projects_keep_their_jobs_apart() -> None:
    epoch = time.monotonic()
    agent = FakeAgent()
    scheduler = Scheduler(agent, 4, epoch)
    gates = [FakeGate("tests", (job("tests.x"), job("tests.y", "tests.x"))) for _ in range(2)]
    assignments = tuple(
        Assignment("tests", gate, request("tests", root)) for gate, root in zip(gates, ("one", "two"), strict=True)
    )
    run = Run(assignments, scheduler, Broadcast([]), {"one:tests.x": 3.0}, epoch)
    run.launch()
    run.carry_out(False)
    scheduler.close()
    assert {planned.id for planned in run.jobs} == {"one:tests.x", "one:tests.y", "two:tests.x", "two:tests.y"}
    assert next(planned.estimate for planned in run.jobs if planned.id == "one:tests.x") == 3.0
    assert set(gates[0].seen) == {"tests.x", "tests.y"}
    assert [verdict.name for verdict in run.verdicts] == ["tests (one)", "tests (two)"]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_every_job_runs_once_and_after_its_needs(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 10))
    jobs = []
    for number in range(count):
        needs = data.draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        jobs.append(job(f"g.{number}", *(f"g.{need}" for need in sorted(needs))))
    agent = FakeAgent()
    workers = data.draw(st.integers(1, 4))
    run, reporter = carry_out(FakeGate("g", tuple(jobs)), agent=agent, workers=workers)
    starts = [event.job.id for event in reporter.events if isinstance(event, JobStarted)]
    assert sorted(starts) == sorted(each.id for each in jobs)
    assert agent.most <= workers
    for each in jobs:
        for need in each.needs:
            assert agent.spans[need.job][1] <= agent.spans[each.id][0]
    assert statuses(run) == {"g": Status.PASSED}


@given(st.lists(st.tuples(st.sampled_from(Status), st.booleans())))
def test_an_error_outranks_a_failure_and_advice_decides_nothing(drawn: list[tuple[Status, bool]]) -> None:
    verdicts = [replace(Verdict("g", status, ""), advisory=advisory) for status, advisory in drawn]
    binding = {verdict.status for verdict in verdicts if not verdict.advisory}
    wanted = (
        Exit.COULD_NOT_CHECK if Status.ERROR in binding else Exit.BLOCKED if Status.FAILED in binding else Exit.PASSED
    )
    assert decide(verdicts) is wanted


@pytest.mark.parametrize(("other", "status"), [("b.x", Status.PASSED), ("b.bad", Status.ERROR)])
def test_a_need_that_only_orders_waits_and_forgives(other: str, status: Status) -> None:
    agent = FakeAgent(0.05)
    after = Job("a.x", "a", "a", ("a",), "/", 5, needs=(Need(other, "declared", True), Need("ghost", "declared", True)))
    run, _ = carry_out(FakeGate("a", (after,)), FakeGate("b", (job(other),)), agent=agent)
    assert agent.spans["a.x"][0] >= agent.spans[other][1]
    assert statuses(run) == {"a": Status.PASSED, "b": status}
