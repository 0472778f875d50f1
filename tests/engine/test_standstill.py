"""A running job that shows no progress is told of while it runs, by the run itself, and becomes an alarm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from gatekeeper.engine.broadcast import Broadcast
from gatekeeper.engine.run import Assignment, Run
from gatekeeper.engine.scheduler import Scheduler
from gatekeeper.model.account import Fault
from gatekeeper.model.events import Event, JobSaid
from gatekeeper.model.job import Job, Outcome
from gatekeeper.planning.account import Done, account
from gatekeeper.planning.standstill import Watch
from tests.engine.test_run import FakeGate, job, request
from tests.planning.test_account import ALL, PLAN

FASTER = 1000.0  # a minute of this clock passes in some hundredths of a second


class Standing:
    """An agent whose job stands still until somebody has said so; hears what is told, as a reporter does."""

    def __init__(self) -> None:
        self.noticed = threading.Event()
        self.told: list[JobSaid] = []

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        seen = self.noticed.wait(60)
        return Outcome(job.id, 0, seconds=0.1, problem="" if seen else "nobody noticed")

    def stop(self) -> None:
        self.noticed.set()

    def on_event(self, event: Event) -> None:
        if isinstance(event, JobSaid):
            self.told.append(event)
            self.noticed.set()


def test_a_job_that_stands_still_is_seen_while_it_runs() -> None:
    agent = Standing()
    broadcast = Broadcast([("standing", agent)])
    watch = Watch(lambda: FASTER * time.monotonic(), broadcast.tell)
    broadcast.join("watch", watch)
    scheduler = Scheduler(agent, 2, time.monotonic())
    gate = FakeGate("tests", (replace(job("tests.pytest"), seconds_limit=600),))
    run = Run((Assignment("tests", gate, request("tests")),), scheduler, broadcast, {}, time.monotonic())
    try:
        run.launch()
        run.carry_out(fail_fast=False)
    finally:
        scheduler.close()
    assert broadcast.troubles == []
    assert [said.job for said in agent.told] == ["tests.pytest"]
    assert agent.told[0].text.startswith("no sign of progress for ")
    (alarm,) = account(PLAN, Done(run.jobs, scheduler.outcomes, ALL, 2, 8, watch.silences)).alarms
    assert (alarm.fault, alarm.about) == (Fault.NO_PROGRESS, ("tests.pytest",))
