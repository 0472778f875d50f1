"""How parallel a run was, against the best that was possible for the same jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.report import Metrics

_NOTHING = 1e-9


def measure(jobs: Sequence[Job], outcomes: Mapping[str, Outcome], cores: int) -> Metrics:
    """The figures of a run; the sum of durations over the makespan is never taken for a speed-up.

    Jobs that share the cores wait for each other, and that waiting would count as work that was "saved". So each job
    counts with an estimate of the time it takes alone, see `seconds_alone`.
    """
    ran = [outcomes[job.id] for job in jobs if job.id in outcomes and outcomes[job.id].seconds > 0]
    if not ran:
        return Metrics(cores, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0)
    alone = {outcome.job: seconds_alone(outcome, ran, cores) for outcome in ran}
    makespan = max(o.started + o.seconds for o in ran) - min(o.started for o in ran)
    work, cpu = sum(alone.values()), sum(outcome.cpu_seconds for outcome in ran)
    chain = longest_chain(jobs, alone)
    path = sum(alone[job] for job in chain)
    bound = min(max(path, cpu / cores), makespan)
    first = [outcomes[job.id].started for job in jobs if not job.needs and job.id in alone]
    spread = max(first) - min(first) if first else 0.0
    return Metrics(
        cores, makespan, work, cpu, path, bound, work / max(makespan, _NOTHING), work / max(bound, _NOTHING), spread
    )  # fmt: skip


def seconds_alone(outcome: Outcome, others: Sequence[Outcome], cores: int) -> float:
    """An estimate of the seconds that a job would have taken with the machine to itself.

    What a job did not spend on a core, it waited: for a core that another job had, or for something else (a sleep, a
    disk, a network). The waiting is split by how busy all cores were, on average, while the job ran.
    """
    waited = max(outcome.seconds - outcome.cpu_seconds, 0.0)
    end = outcome.started + outcome.seconds
    used = 0.0
    for other in others:
        shared = min(end, other.started + other.seconds) - max(outcome.started, other.started)
        if shared > 0:
            used += shared * other.cpu_seconds / other.seconds
    busy = min(used / (outcome.seconds * cores), 1.0)
    return outcome.seconds - waited * busy


def longest_chain(jobs: Sequence[Job], seconds: Mapping[str, float]) -> tuple[str, ...]:
    """The ids of the chain of jobs, each needing the one before, that takes longest; only jobs that ran count."""
    best: dict[str, tuple[float, tuple[str, ...]]] = {}
    known = {job.id: job for job in jobs}

    def chain(job_id: str) -> tuple[float, tuple[str, ...]]:
        if job_id not in best:
            before = [chain(need.job) for need in known[job_id].needs if need.job in seconds and need.job in known]
            length, path = max(before, default=(0.0, ()))
            best[job_id] = (length + seconds[job_id], (*path, job_id))
        return best[job_id]

    return max((chain(job.id) for job in jobs if job.id in seconds), default=(0.0, ()))[1]
