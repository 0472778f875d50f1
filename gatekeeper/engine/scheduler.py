"""Runs jobs at the same time, each as soon as what it needs is done: nobody else in a run knows concurrent.futures."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from gatekeeper.model.events import JobEnded, JobSaid, JobStarted
from gatekeeper.model.job import Job, Outcome
from gatekeeper.ports import Agent

_TICK_SECONDS = 0.1


class Scheduler:
    """Keeps up to `workers` jobs running; only the thread that owns it reads or writes its state.

    Workers touch nothing but one queue, so there is no lock. Ready jobs start longest first, by the estimated length
    of the chain that hangs on them: a late start of the longest chain is what makes a run long.
    """

    def __init__(self, agent: Agent, workers: int, epoch: float) -> None:
        self._agent = agent
        self._epoch = epoch
        self.workers = workers
        self._free = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._news: queue.SimpleQueue[JobEnded | JobSaid] = queue.SimpleQueue()
        self._waiting: dict[str, Job] = {}
        self._known: dict[str, Job] = {}
        self._outcomes: dict[str, Outcome] = {}

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What has been seen so far, by the id of the job."""
        return self._outcomes

    def add(self, jobs: Iterable[Job]) -> None:
        """Take in further jobs."""
        for job in jobs:
            self._waiting[job.id] = self._known[job.id] = job

    def start_ready(self) -> list[JobStarted | JobEnded]:
        """Start every job that can be started now; a job whose need was not met ends without a start."""
        told: list[JobStarted | JobEnded] = []
        for job in self._by_urgency():
            unmet = self._unmet(job)
            if unmet is None:
                continue
            if unmet:
                told.append(self._give_up(job, unmet))
            elif self._free:
                told.append(self._start(job))
        return told

    def next(self) -> JobEnded | JobSaid | None:
        """Wait for the next piece of news, for a moment at the most; None if there was none."""
        try:
            news = self._news.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            return None
        if isinstance(news, JobEnded):
            self._free += 1
            self._outcomes[news.job.id] = news.outcome
        return news

    def is_stuck(self) -> bool:
        """Whether jobs are waiting although none is running that could set them free."""
        return bool(self._waiting) and not self._running()

    def give_up_waiting(self) -> list[JobEnded]:
        """End all waiting jobs: what they need is not part of the run."""
        return [
            self._give_up(job, "it needs " + ", ".join(need.job for need in job.needs) + ", which nobody planned")
            for job in list(self._waiting.values())
        ]

    def close(self) -> None:
        """Stop the agent and wait for the workers."""
        self._agent.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _running(self) -> bool:
        return any(job_id not in self._outcomes and job_id not in self._waiting for job_id in self._known)

    def _unmet(self, job: Job) -> str | None:
        """Empty when all needs are met, the reason when one never will be, None when it has to wait."""
        for need in job.needs:
            outcome = self._outcomes.get(need.job)
            if need.order_only and need.job not in self._known:
                continue
            if outcome is None:
                return None
            if not outcome.ran and not need.order_only:
                return f"it needs {need.job}, which could not be done: {outcome.problem}"
        return ""

    def _by_urgency(self) -> list[Job]:
        return sorted(self._waiting.values(), key=lambda job: -self._tail(job, frozenset()))

    def _tail(self, job: Job, before: frozenset[str]) -> float:
        """The estimated seconds of the longest chain that begins with this job; a circle is not followed twice."""
        met = before | {job.id}
        after = [o for o in self._known.values() if o.id not in met and any(need.job == job.id for need in o.needs)]
        return (job.estimate or 1.0) + max((self._tail(other, met) for other in after), default=0.0)

    def _give_up(self, job: Job, problem: str) -> JobEnded:
        del self._waiting[job.id]
        outcome = Outcome(job.id, started=time.monotonic() - self._epoch, problem=problem)
        self._outcomes[job.id] = outcome
        return JobEnded(job, outcome)

    def _start(self, job: Job) -> JobStarted:
        del self._waiting[job.id]
        self._free -= 1
        self._pool.submit(_work, self._agent, job, self._news.put)
        return JobStarted(job, time.monotonic() - self._epoch)


def _work(agent: Agent, job: Job, put: Callable[[JobEnded | JobSaid], None]) -> None:
    try:
        outcome = agent.run(job, put)
    except Exception as error:  # noqa: BLE001 - a broken agent is "could not look", and the others go on
        outcome = Outcome(job.id, problem=f"the agent broke: {type(error).__name__}: {error}")
    put(JobEnded(job, outcome))
