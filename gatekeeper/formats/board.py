"""What is known of a run while it goes on: a lane for each gate, filled from events."""

from __future__ import annotations

from gatekeeper.model.events import Event, GateJudged, JobEnded, JobSaid, JobsPlanned, JobStarted
from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Verdict


class RunningJob:
    """A job that has started: when (seconds on the caller's clock), and what it last said of itself."""

    def __init__(self, job: Job, started: float) -> None:
        self.job = job
        self.started = started
        self.text = ""
        self.done = self.total = 0

    @property
    def doing(self) -> str:
        """What a person reads of it: its last word, or its label."""
        return self.text or self.job.label


class Lane:
    """One gate: its jobs by id, planned and running, and its verdict when it has been judged."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.planned: dict[str, Job] = {}
        self.running: dict[str, RunningJob] = {}
        self.ended = 0
        self.verdict: Verdict | None = None

    @property
    def longest(self) -> RunningJob | None:
        """The running job that started first."""
        return next(iter(self.running.values()), None)


class Board:
    """The lanes of a run, in the order of its gates."""

    def __init__(self, gates: tuple[str, ...] = ()) -> None:
        self.lanes = {name: Lane(name) for name in gates}
        self._ended: set[str] = set()

    def take(self, event: Event, now: float) -> None:
        """Take notice of an event that happened at `now`, in seconds on any clock that runs evenly."""
        match event:
            case JobsPlanned(jobs):
                for job in jobs:
                    self._lane(job.gate).planned[job.id] = job
            case JobStarted(job):
                lane = self._lane(job.gate)
                lane.planned.pop(job.id, None)
                lane.running[job.id] = RunningJob(job, now)
            case JobSaid():
                self._said(event)
            case JobEnded(job):
                lane = self._lane(job.gate)
                lane.planned.pop(job.id, None)
                lane.running.pop(job.id, None)
                lane.ended += 1
                self._ended.add(job.id)
            case GateJudged(verdict):
                self._lane(verdict.name).verdict = verdict
            case _:
                pass

    def waits_for(self, lane: Lane) -> tuple[str, ...]:
        """The ids of the jobs that must end before a planned job of this lane can start."""
        needed = (need.job for job in lane.planned.values() for need in job.needs)
        return tuple(dict.fromkeys(job for job in needed if job not in self._ended))

    def _said(self, said: JobSaid) -> None:
        for lane in self.lanes.values():
            if said.job in lane.running:
                running = lane.running[said.job]
                running.text = said.text or running.text
                running.done, running.total = said.done, said.total

    def _lane(self, name: str) -> Lane:
        """The lane of this name; a gate of several projects falls into the first lane of its name."""
        if name not in self.lanes:
            alike = (lane for known, lane in self.lanes.items() if known.startswith(f"{name} ("))
            return next(alike, None) or self.lanes.setdefault(name, Lane(name))
        return self.lanes[name]
