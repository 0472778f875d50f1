"""The agent that has something made ready before the first job to be started, and not at all where there is none."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from gatekeeper.model.events import JobSaid
from gatekeeper.model.job import Job, Outcome
from gatekeeper.ports import Agent


class PreparedAgent:
    """Has jobs done by another agent after `make_ready`, which is called once; while it fails, no job is done."""

    def __init__(self, agent: Agent, make_ready: Callable[[], object]) -> None:
        self._agent = agent
        self._make_ready = make_ready
        self._lock = Lock()
        self._is_ready = False

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        """Do the job and tell what was seen; raises what `make_ready` raises."""
        if not job.answer:
            with self._lock:
                if not self._is_ready:
                    self._make_ready()
                    self._is_ready = True
        return self._agent.run(job, say)

    def stop(self) -> None:
        """End everything that was started."""
        self._agent.stop()
