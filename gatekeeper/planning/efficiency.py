"""How well a finished run used its agents: the figures of a plan's or a gate run's tasks against the best possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt

from gatekeeper.model.account import Efficiency, FirstTime, Waited
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.plan import Workstream
from gatekeeper.planning.metrics import seconds_alone
from gatekeeper.planning.schedule import Task, make_schedule, shared_rate

LEAST_CHANGES = 10
"""A pass rate of fewer changes says nothing."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A task that ran: its times, the seconds that it takes alone, and the tasks it needed that ran too."""

    id: str
    start: float
    end: float
    alone: float
    needs: tuple[str, ...] = ()


def ran_of_jobs(jobs: Sequence[Job], outcomes: Mapping[str, Outcome], cores: int) -> tuple[Ran, ...]:
    """The jobs of a gate run that ran, each with the seconds that it would take without the others on its cores."""
    done = {job.id: outcomes[job.id] for job in jobs if job.id in outcomes and outcomes[job.id].seconds > 0}
    others = list(done.values())
    return tuple(
        Ran(
            job.id, o.started, o.started + o.seconds, seconds_alone(o, others, cores),
            tuple(dict.fromkeys(need.job for need in job.needs if need.job in done)),
        )
        for job in jobs
        if (o := done.get(job.id))
    )  # fmt: skip


def ran_of_plan(workstreams: Sequence[Workstream], times: Mapping[str, tuple[float, float]]) -> tuple[Ran, ...]:
    """The workstreams with a start and an end in `times`; they wait for no core of each other, so alone is as long."""
    return tuple(
        Ran(
            w.id, times[w.id][0], times[w.id][1], times[w.id][1] - times[w.id][0],
            tuple(dict.fromkeys(n.on for n in w.needs if n.on in times and not n.hint)),
        )
        for w in workstreams
        if w.id in times
    )  # fmt: skip


def examine(ran: Sequence[Ran], slots: int, cpu_bound: float = 0.0) -> Efficiency:
    """The figures of a run; `cpu_bound` is the CPU seconds over the cores, where they are known.

    Raises UsageError for needs in a circle. What ran nothing is perfectly efficient.
    """
    if not ran:
        return Efficiency(slots, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0)
    makespan = max(r.end for r in ran) - min(r.start for r in ran)
    work, busy = sum(r.alone for r in ran), sum(r.end - r.start for r in ran)
    best = make_schedule([Task(r.id, max(r.alone, 0.0), r.needs) for r in ran], slots)
    bound = min(max(best.lower_bound, cpu_bound), makespan)
    idle, waited = _avoidable_idle(ran, slots)
    alone, most = _concurrency(ran)
    first = sorted(r.start for r in ran if not r.needs)[:slots]  # more than that could not start at once
    executed = make_schedule([Task(r.id, r.end - r.start, r.needs) for r in ran], slots)
    return Efficiency(
        slots=slots, makespan=makespan, work=work, bound=bound,
        speed_up=_ratio(work, makespan), possible=_ratio(work, bound), launch_spread=first[-1] - first[0],
        rate=shared_rate([(r.start, r.end) for r in ran]), achievable_rate=best.rate,
        avoidable_idle=idle, idle_share=idle / (slots * makespan) if makespan else 0.0,
        utilisation=_ratio(busy, busy + idle), bottleneck=alone / makespan if makespan else 0.0,
        graham_bound=executed.graham_bound, most_at_once=most, waited=waited,
    )  # fmt: skip


def first_time_pass_rate(passed: int, changes: int) -> FirstTime | None:
    """The share of changes whose first run passed, with its Wilson interval of 95 %; None below ten changes."""
    if changes < LEAST_CHANGES:
        return None
    z = 1.959964
    share = passed / changes
    middle = share + z * z / (2 * changes)
    spread = z * sqrt(share * (1 - share) / changes + z * z / (4 * changes * changes))
    scale = 1 + z * z / changes
    return FirstTime(share, max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0), changes)


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else 1.0


def _intervals(ran: Sequence[Ran]) -> list[tuple[float, float]]:
    points = sorted({r.start for r in ran} | {r.end for r in ran})
    return list(pairwise(points))


def _avoidable_idle(ran: Sequence[Ran], slots: int) -> tuple[float, tuple[Waited, ...]]:
    """The integral of the lesser of idle slots and ready tasks that wait, and who waited how long."""
    ends = {r.id: r.end for r in ran}
    ready = {r.id: max((ends[need] for need in r.needs), default=min(r.start for r in ran)) for r in ran}
    total, waits = 0.0, dict.fromkeys(ends, 0.0)
    for start, end in _intervals(ran):
        idle = slots - sum(r.start <= start < r.end for r in ran)
        waiting = [r.id for r in ran if ready[r.id] <= start < r.start]
        if idle > 0 and waiting:
            total += min(idle, len(waiting)) * (end - start)
            for name in waiting:
                waits[name] += end - start
    longest = sorted(waits.items(), key=lambda item: (-item[1], item[0]))
    return total, tuple(Waited(name, seconds) for name, seconds in longest if seconds > 0)


def _concurrency(ran: Sequence[Ran]) -> tuple[float, int]:
    """The seconds in which exactly one task ran, and the most that ran at once."""
    counts = [(sum(r.start <= start < r.end for r in ran), end - start) for start, end in _intervals(ran)]
    return sum(seconds for count, seconds in counts if count == 1), max((count for count, _ in counts), default=0)
