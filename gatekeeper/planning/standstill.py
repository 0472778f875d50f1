"""Watches a run for jobs that show no visible progress, says so while they stand, and remembers for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatekeeper.formats.durations import duration
from gatekeeper.model.events import Event, JobEnded, JobSaid, JobStarted
from gatekeeper.model.job import Job

IDLE_SECONDS = 60.0
"""A job that is not known to take longer makes no visible progress when it says nothing for so long."""

_PATIENCE = 2.0
"""A job that never says anything may take this many times as long as it usually does."""


class Watch:
    """Hears the events of a run like a reporter.

    `clock` gives seconds that run evenly; `tell` is told, once for each silence that passes the limit of its job, what
    people should see beside it. The job is left to run: its time limit ends it, and a slow machine must not.
    """

    def __init__(self, clock: Callable[[], float], tell: Callable[[JobSaid], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._running: dict[str, Job] = {}
        self._limits: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._said: dict[str, JobSaid] = {}
        self._told: set[str] = set()
        self._silences: dict[str, float] = {}

    @property
    def silences(self) -> Mapping[str, tuple[float, float]]:
        """The jobs that were silent for longer than their limit: the longest silence and the limit, in seconds."""
        return {job: (seconds, self._limits[job]) for job, seconds in self._silences.items()}

    def on_event(self, event: Event) -> None:
        """Take notice of an event; any of them is an occasion to look who is silent."""
        now = self._clock()
        if isinstance(event, JobStarted):
            self._running[event.job.id], self._heard[event.job.id] = event.job, now
            self._limits[event.job.id] = idle_limit(event.job)
        elif isinstance(event, JobSaid) and event.job in self._running and event is not self._said.get(event.job):
            self._look(event.job, now)
            self._heard[event.job] = now
            self._said[event.job] = event
            self._told.discard(event.job)
        elif isinstance(event, JobEnded) and event.job.id in self._running:
            del self._running[event.job.id]
            self._look(event.job.id, now)
        for name in list(self._running):
            self._look(name, now)

    def _look(self, name: str, now: float) -> None:
        silent = now - self._heard[name]
        if silent <= self._limits[name]:
            return
        self._silences[name] = max(silent, self._silences.get(name, 0.0))
        if name in self._running and name not in self._told:
            self._told.add(name)
            last = self._said.get(name, JobSaid(name, ""))
            words = f"no sign of progress for {duration(silent)}"
            self._said[name] = JobSaid(name, words, last.done, last.total)
            self._tell(self._said[name])


def idle_limit(job: Job) -> float:
    """For how many seconds a job may say nothing: a minute, or twice as long as it usually takes altogether."""
    return max(IDLE_SECONDS, _PATIENCE * (job.estimate or 0.0))
