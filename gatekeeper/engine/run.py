"""Carries a run from its assignments to its verdicts: plans, runs and judges every gate, and tells what happens."""

from __future__ import annotations

import time
from collections.abc import Mapping

from gatekeeper.engine.broadcast import Broadcast
from gatekeeper.engine.overriding import overridden
from gatekeeper.engine.scheduler import Scheduler
from gatekeeper.formats.credentials import without_credentials
from gatekeeper.model.events import GateJudged, JobEnded, JobsPlanned, JobStarted, Tick
from gatekeeper.model.finding import Finding
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Gate, Request


@dataclass(frozen=True, slots=True)
class Assignment:
    """One gate over one project; a gate that is not `judged` only provides what another one reads."""

    name: str
    gate: Gate
    request: Request
    judged: bool = True

    @property
    def project(self) -> str:
        """The folder of the project."""
        return self.request.project.root

    @property
    def title(self) -> str:
        """The name that the verdict will have."""
        return f"{self.name} ({self.project})" if self.project else self.name

    def reads(self, other: Assignment) -> bool:
        """Whether this gate reads outcomes of the other one."""
        return other.project == self.project and any(name == other.name for name, _ in self.gate.reads)


class _Lane:
    """An assignment and how far it has come; job ids in here carry the project."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.jobs: list[str] = []
        self.settled = False
        self.verdict: Verdict | None = None


class Run:
    """One run over its assignments; `estimates` are expected seconds by job id."""

    def __init__(
        self, assignments: tuple[Assignment, ...], scheduler: Scheduler, broadcast: Broadcast,
        estimates: Mapping[str, float], epoch: float,
    ) -> None:  # fmt: skip
        self._lanes = [_Lane(assignment) for assignment in assignments]
        self._scheduler = scheduler
        self._broadcast = broadcast
        self._estimates = estimates
        self._epoch = epoch
        self._jobs: dict[str, Job] = {}

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every job that was planned, in the order of planning."""
        return tuple(self._jobs.values())

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts so far, in the order of the gates."""
        return tuple(lane.verdict for lane in self._lanes if lane.verdict)

    def launch(self) -> None:
        """Plan what can be planned from the start, and start all that is ready."""
        self._advance()
        self._start()

    def carry_out(self, fail_fast: bool) -> None:
        """Run until every gate has said its verdict, or with `fail_fast` until the first that blocks."""
        while not all(lane.settled for lane in self._lanes):
            self._start()
            news = self._scheduler.next()
            self._broadcast.tell(news or Tick(time.monotonic() - self._epoch))
            if isinstance(news, JobEnded):
                self._advance()
            if fail_fast and any(verdict.blocks for verdict in self.verdicts):
                self._abandon()

    def _start(self) -> None:
        told: list[JobStarted | JobEnded] = list(self._scheduler.start_ready())
        if self._scheduler.is_stuck():
            told += self._scheduler.give_up_waiting()
        for event in told:
            self._broadcast.tell(event)
        if any(isinstance(event, JobEnded) for event in told):
            self._advance()

    def _advance(self) -> None:
        """Let every unsettled gate plan on, and judge those that have seen all they wanted."""
        progress = True
        while progress:
            progress = False
            for lane in self._lanes:
                if not lane.settled and self._advance_lane(lane):
                    progress = True

    def _advance_lane(self, lane: _Lane) -> bool:
        """Whether the lane planned something new or came to its end."""
        assignment = lane.assignment
        view = self._view(lane)
        try:
            planned = assignment.gate.plan(assignment.request, view)
        except Exception as error:  # noqa: BLE001 - a broken gate is an error verdict, and the others go on
            self._settle(lane, _broken(assignment, "planning", error))
            return True
        new = [job for job in (self._qualified(lane, job) for job in planned) if job.id not in self._jobs]
        if new:
            lane.jobs += [job.id for job in new]
            self._jobs.update((job.id, job) for job in new)
            self._scheduler.add(new)
            self._broadcast.tell(JobsPlanned(tuple(new)))
            return True
        if not self._has_seen_all(lane):
            return False
        try:
            verdict = assignment.gate.judge(assignment.request, view) if assignment.judged else None
        except Exception as error:  # noqa: BLE001 - as above
            verdict = _broken(assignment, "judging", error)
        self._settle(lane, verdict)
        return True

    def _has_seen_all(self, lane: _Lane) -> bool:
        providers = [other for other in self._lanes if lane.assignment.reads(other.assignment)]
        seen = all(job in self._scheduler.outcomes for job in lane.jobs)
        return seen and all(other.settled for other in providers)

    def _view(self, lane: _Lane) -> dict[str, Outcome]:
        """The outcomes that the gate may know, under the ids that it knows."""
        lanes = [lane, *(other for other in self._lanes if lane.assignment.reads(other.assignment))]
        prefix = _prefix(lane.assignment.project)
        outcomes = self._scheduler.outcomes
        return {
            job_id.removeprefix(prefix): replace(outcomes[job_id], job=job_id.removeprefix(prefix))
            for other in lanes
            for job_id in other.jobs
            if job_id in outcomes
        }

    def _qualified(self, lane: _Lane, job: Job) -> Job:
        prefix = _prefix(lane.assignment.project)
        needs = tuple(replace(need, job=prefix + need.job) for need in job.needs)
        estimate = job.estimate if job.estimate is not None else self._estimates.get(prefix + job.id)
        return replace(job, id=prefix + job.id, gate=lane.assignment.title, needs=needs, estimate=estimate)

    def _settle(self, lane: _Lane, verdict: Verdict | None) -> None:
        lane.settled = True
        if verdict is None or not lane.assignment.judged:
            return
        ran = [self._scheduler.outcomes[job] for job in lane.jobs if job in self._scheduler.outcomes]
        end = max((outcome.started + outcome.seconds for outcome in ran), default=0.0)
        judged = replace(
            verdict,
            seconds=end - min((outcome.started for outcome in ran), default=0.0),
            advisory=lane.assignment.request.policy.advisory,
            project=lane.assignment.project,
            findings=tuple(sorted(map(_masked, verdict.findings), key=lambda finding: finding.order)),
        )
        lane.verdict = overridden(judged, lane.assignment.request.policy.overrides)
        self._broadcast.tell(GateJudged(lane.verdict))

    def _abandon(self) -> None:
        """Settle what is still open after the first failure; the caller stops the jobs."""
        first = next(verdict for verdict in self.verdicts if verdict.blocks)
        for lane in self._lanes:
            if not lane.settled:
                words = f"stopped, since {first.name} had {first.status} (fail fast)"
                self._settle(lane, Verdict(lane.assignment.name, Status.SKIPPED, words))


def _prefix(project: str) -> str:
    return f"{project}:" if project else ""


def _masked(finding: Finding) -> Finding:
    """The finding without credentials: what a tool printed or a test compared may hold one."""
    message, detail = without_credentials(finding.message), without_credentials(finding.detail)
    if (message, detail) == (finding.message, finding.detail):
        return finding
    return replace(finding, message=message, detail=detail)


def _broken(assignment: Assignment, where: str, error: Exception) -> Verdict:
    return Verdict(
        assignment.name,
        Status.ERROR,
        f"the gate itself broke while {where}: {type(error).__name__}: {error}",
        hint="this is a fault of Gatekeeper or of a gate that was added to it; please report it with this line",
    )
