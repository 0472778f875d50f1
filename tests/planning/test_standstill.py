"""A job that shows no progress is told of while it stands, and once only."""

from __future__ import annotations

from dataclasses import replace

from gatekeeper.model.events import JobEnded, JobSaid, JobStarted, Tick
from gatekeeper.model.job import Job, Outcome
from gatekeeper.planning.standstill import Watch, idle_limit

JOB = Job("tests.pytest", "tests", "pytest", (), "/", 600)


class Stage:
    """A watch, its clock, and what it told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[JobSaid] = []
        self.watch = Watch(lambda: self.now, self._tell)

    def _tell(self, said: JobSaid) -> None:
        self.told.append(said)
        self.watch.on_event(said)  # as a broadcast does

    def at(self, now: float, event: JobStarted | JobSaid | JobEnded | Tick) -> None:
        """Let an event happen."""
        self.now = now
        self.watch.on_event(event)


def test_a_silent_job_is_told_of_once_and_remembered() -> None:
    stage = Stage()
    stage.at(0, JobStarted(JOB, 0))
    stage.at(50, JobSaid(JOB.id, "12 of 40", 12, 40))
    for now in range(51, 111):
        stage.at(now, Tick(now))
    assert stage.told == []
    assert stage.watch.silences == {}
    for now in range(111, 140):
        stage.at(now, Tick(now))
    assert stage.told == [JobSaid(JOB.id, "no sign of progress for 1 min 01 s", 12, 40)]
    stage.at(150, JobEnded(JOB, Outcome(JOB.id)))
    assert stage.watch.silences == {JOB.id: (100, 60)}
    stage.at(500, Tick(500))
    assert stage.watch.silences == {JOB.id: (100, 60)}


def test_news_of_others_is_an_occasion_to_look() -> None:
    """While one job tells much, no tick comes; the silence of the other one is seen all the same."""
    stage, other = Stage(), replace(JOB, id="review.lint")
    stage.at(0, JobStarted(JOB, 0))
    stage.at(0, JobStarted(other, 0))
    for now in range(1, 70):
        stage.at(now, JobSaid(other.id, f"{now}"))
    assert [said.job for said in stage.told] == [JOB.id]


def test_whoever_goes_on_is_told_of_again_when_it_stands_again() -> None:
    stage = Stage()
    stage.at(0, JobStarted(JOB, 0))
    for now, event in ((61, Tick(61)), (62, JobSaid(JOB.id, "again")), (123, Tick(123)), (124, Tick(124))):
        stage.at(now, event)
    assert len(stage.told) == 2


def test_who_usually_takes_long_may_be_silent_for_longer() -> None:
    assert [idle_limit(replace(JOB, estimate=seconds)) for seconds in (None, 5, 300)] == [60, 60, 600]
