"""What jobs need is made ready before the first of them, once, and not at all where there is none."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from gatekeeper.agents.prepared import PreparedAgent
from gatekeeper.model.events import JobSaid
from gatekeeper.model.job import Job, Outcome


class Noting:
    """An agent that notes what it was given, in the order of it."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        """Note the job."""
        self.noted.append(job.id)
        return Outcome(job.id, 0)

    def stop(self) -> None:
        """Note that it was stopped."""
        self.noted.append("stopped")

    def make_ready(self) -> None:
        """Note that everything is ready."""
        self.noted.append("ready")


def job(name: str, answer: str = "") -> Job:
    return Job(name, "tests", name, (), "/", 9, answer=answer)


def run(agent: PreparedAgent, *jobs: Job) -> None:
    for each in jobs:
        agent.run(each, lambda _: None)


def test_it_is_made_ready_once_and_first() -> None:
    inner = Noting()
    agent = PreparedAgent(inner, inner.make_ready)
    run(agent, job("a"), job("b"))
    agent.stop()
    assert inner.noted == ["ready", "a", "b", "stopped"]


def test_a_job_that_is_answered_already_needs_nothing() -> None:
    inner = Noting()
    agent = PreparedAgent(inner, inner.make_ready)
    run(agent, job("a", "known"), job("b"), job("c", "known"))
    assert inner.noted == ["a", "ready", "b", "c"]


def test_no_job_is_done_while_it_fails() -> None:
    inner, tries = Noting(), []

    def make_ready() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("no room")

    agent = PreparedAgent(inner, make_ready)
    for _ in range(2):
        with pytest.raises(OSError, match="no room"):
            run(agent, job("a"))
    run(agent, job("a"))
    assert inner.noted == ["a"]


def test_jobs_that_start_together_wait_for_it() -> None:
    inner, barrier = Noting(), Barrier(4)
    agent = PreparedAgent(inner, inner.make_ready)

    def start(name: str) -> None:
        barrier.wait()
        run(agent, job(name))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, "abcd"))
    assert inner.noted[0] == "ready"
    assert sorted(inner.noted[1:]) == list("abcd")
