"""Places workstreams on agents: each as soon as what it needs is done, longest chain first; exact for small plans."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from math import inf

from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.plan import Placement, Schedule, Workstream

EXACT_TASKS = 12
"""Up to this many tasks the best schedule is looked for."""
EXACT_STEPS = 800
"""How many partial schedules are tried at most before the best one so far is taken: some 20 ms."""
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Task:
    """What is placed: a name, its seconds, and the names of the tasks that have to end before it starts."""

    id: str
    seconds: float
    needs: tuple[str, ...] = ()


def tasks_of(workstreams: Sequence[Workstream]) -> tuple[Task, ...]:
    """The tasks of workstreams; hints order nothing, so they are left out."""
    return tuple(
        Task(w.id, w.estimate, tuple(dict.fromkeys(need.on for need in w.needs if not need.hint))) for w in workstreams
    )


def make_schedule(tasks: Sequence[Task], agents: int) -> Schedule:
    """The schedule of the tasks for at least one agent, with its bounds; the same input gives the same schedule.

    Raises UsageError for tasks that need each other in a circle, for a need that is no task, and for no agent at all.
    """
    if agents < 1:
        raise UsageError(f"{agents} agents cannot do anything", "give at least one agent")
    tails = bottom_levels(tasks)
    placements = _list_schedule(tasks, agents, tails)
    work = sum(task.seconds for task in tasks)
    path = max(tails.values(), default=0.0)
    bound = max(path, work / agents)
    least = max(bound, _least_before_tails(tasks, agents, tails))
    exact = _makespan(placements) <= least + _CLOSE
    if not exact and len(tasks) <= EXACT_TASKS:
        placements, exact = _Search(tasks, agents, tails, placements).run(least)
    makespan = _makespan(placements)
    return Schedule(
        agents=agents, placements=placements, work=work, critical_path=path, lower_bound=bound,
        graham_bound=work / agents + (1 - 1 / agents) * path, makespan=makespan,
        speed_up=work / makespan if makespan else 1.0, possible=work / bound if bound else 1.0,
        rate=shared_rate([(p.start, p.end) for p in placements]), exact=exact,
    )  # fmt: skip


def bottom_levels(tasks: Sequence[Task]) -> dict[str, float]:
    """For each task the seconds from its start to the end of the longest chain that hangs on it."""
    order = _order(tasks)
    seconds = {task.id: task.seconds for task in tasks}
    needs = {task.id: task.needs for task in tasks}
    tails = dict(seconds)
    for name in reversed(order):
        for need in needs[name]:
            tails[need] = max(tails[need], seconds[need] + tails[name])
    return tails


def shared_rate(times: Sequence[tuple[float, float]]) -> float:
    """The share of the work, from 0 to 1, that is done while at least two of these (start, end) run."""
    total = sum(end - start for start, end in times)
    points = sorted([(start, 1) for start, _ in times] + [(end, -1) for _, end in times])
    shared, running, before = 0.0, 0, 0.0
    for at, step in points:
        if running >= 2:
            shared += running * (at - before)
        running, before = running + step, at
    return min(shared / total, 1.0) if total else 0.0


def _order(tasks: Sequence[Task]) -> list[str]:
    known = {task.id for task in tasks}
    for task in tasks:
        for need in task.needs:
            if need not in known:
                raise UsageError(f"{task.id!r} needs {need!r}, which is no workstream", "name one of the plan")
    try:
        return list(TopologicalSorter({task.id: sorted(task.needs) for task in tasks}).static_order())
    except CycleError as circle:
        names = " needs ".join(reversed(circle.args[1]))
        raise UsageError(f"workstreams need each other in a circle: {names}", "take one of the needs away") from None


def _list_schedule(tasks: Sequence[Task], agents: int, tails: Mapping[str, float]) -> tuple[Placement, ...]:
    """Whenever an agent is free, it starts the ready task with the longest chain; ties by seconds, then by order."""
    ranks = {t.id: (-tails[t.id], -t.seconds, n) for n, t in enumerate(tasks)}
    seconds = {task.id: task.seconds for task in tasks}
    sorter = TopologicalSorter({task.id: task.needs for task in tasks})
    sorter.prepare()
    free = list(range(min(agents, len(tasks))))
    ready: list[tuple[tuple[float, float, int], str]] = []
    running: list[tuple[float, int, str]] = []
    placed: list[Placement] = []
    now = 0.0
    while sorter.is_active():
        for name in sorter.get_ready():
            heapq.heappush(ready, (ranks[name], name))
        while ready and free:
            name, lane = heapq.heappop(ready)[1], heapq.heappop(free)
            placed.append(Placement(name, lane, now, now + seconds[name]))
            heapq.heappush(running, (now + seconds[name], lane, name))
        now = running[0][0]
        while running and running[0][0] <= now:
            _, lane, name = heapq.heappop(running)
            heapq.heappush(free, lane)
            sorter.done(name)
    return tuple(sorted(placed, key=lambda p: (p.start, p.lane, p.workstream)))


def _makespan(placements: Sequence[Placement]) -> float:
    return max((placement.end for placement in placements), default=0.0)


def _least_before_tails(tasks: Sequence[Task], agents: int, tails: Mapping[str, float]) -> float:
    """A sharper bound: tasks that at least `after` seconds must follow share the agents, and `after` comes."""
    least = work = 0.0
    for task in sorted(tasks, key=lambda task: (task.seconds - tails[task.id], task.id)):
        work += task.seconds
        least = max(least, work / agents + tails[task.id] - task.seconds)
    return least


class _Search:
    """Branch and bound over schedules in which the starts never go back and no task fits into a gap that was left.

    The best schedule is among these: ordered by start, each task of it starts as early as it can.
    """

    def __init__(self, tasks: Sequence[Task], agents: int, tails: Mapping[str, float], best: tuple[Placement, ...]):
        order = {name: place for place, name in enumerate(_order(tasks))}
        self._tasks = sorted(tasks, key=lambda task: (-tails[task.id], order[task.id]))
        self._tails = [tails[task.id] for task in self._tasks]
        number = {task.id: place for place, task in enumerate(self._tasks)}
        self._needs = [tuple(number[need] for need in task.needs) for task in self._tasks]
        self._best, self._length = best, _makespan(best)
        self._steps = EXACT_STEPS
        self._free = [0.0] * min(agents, len(tasks))
        self._ends: list[float | None] = [None] * len(tasks)
        self._path: list[Placement] = []

    def run(self, bound: float) -> tuple[tuple[Placement, ...], bool]:
        """The best schedule that was found, and whether no better one exists; `bound` is what none can beat."""
        self._bound = bound
        self._branch(0.0, -1)
        placements = tuple(sorted(self._best, key=lambda p: (p.start, p.lane, p.workstream)))
        return placements, self._steps > 0 or self._length <= bound + _CLOSE

    def _branch(self, start: float, last: int) -> None:
        self._steps -= 1
        if len(self._path) == len(self._tasks):
            if _makespan(self._path) < self._length - _CLOSE:
                self._best, self._length = tuple(self._path), _makespan(self._path)
            return
        earliest = self._earliest(start)
        if self._least(start, earliest) >= self._length - _CLOSE:
            return
        ends = (at + self._tasks[place].seconds for place, at in earliest.items() if self._tasks[place].seconds > 0)
        limit = min(ends, default=inf)
        for place, at in sorted(earliest.items(), key=lambda item: (item[1], item[0])):
            if self._steps <= 0 or self._length <= self._bound + _CLOSE:
                return
            if at < limit and (at > start or place > last):
                self._place(place, at)

    def _place(self, place: int, at: float) -> None:
        """Put one task down, go on from there, and take it back."""
        lane = min(range(len(self._free)), key=lambda lane: (self._free[lane], lane))
        before, end = self._free[lane], at + self._tasks[place].seconds
        self._free[lane], self._ends[place] = end, end
        self._path.append(Placement(self._tasks[place].id, lane, at, end))
        self._branch(at, place)
        self._path.pop()
        self._free[lane], self._ends[place] = before, None

    def _earliest(self, start: float) -> dict[int, float]:
        """When each task that has all of its needs could start."""
        soonest = max(start, min(self._free))
        found = {}
        for place, needs in enumerate(self._needs):
            if self._ends[place] is None:
                ends = [self._ends[need] for need in needs]
                known = [end for end in ends if end is not None]
                if len(known) == len(ends):
                    found[place] = max(soonest, max(known, default=0.0))
        return found

    def _least(self, start: float, earliest: Mapping[int, float]) -> float:
        """What no completion of this partial schedule can beat."""
        chain = max(at + self._tails[place] for place, at in earliest.items())
        left = sum(task.seconds for task, end in zip(self._tasks, self._ends, strict=True) if end is None)
        return max(chain, (sum(max(free, start) for free in self._free) + left) / len(self._free))
