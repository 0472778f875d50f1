"""The most tasks that can run at once, against trying every set."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given

from gatekeeper.planning.schedule import Task
from gatekeeper.planning.width import width
from tests.planning.sample import task_graphs


def by_hand(tasks: tuple[Task, ...]) -> int:
    """The size of the largest set of tasks in which none comes before another."""
    before: dict[str, set[str]] = {}
    for task in tasks:
        before[task.id] = set(task.needs).union(*(before[need] for need in task.needs))
    names = [task.id for task in tasks]
    return max(
        size
        for size in range(1, len(names) + 1)
        for some in combinations(names, size)
        if not any(one in before[other] or other in before[one] for one, other in combinations(some, 2))
    )


@given(task_graphs(8))
def test_the_width_is_the_largest_antichain(tasks: tuple[Task, ...]) -> None:
    assert width(tasks) == width(tasks[::-1]) == by_hand(tasks)


def test_the_width_among_some() -> None:
    tasks = (Task("a", 1), Task("b", 1, ("a",)), Task("c", 1, ("b",)), Task("d", 1))
    assert width(tasks) == 2
    assert width(tasks, {"a", "c"}) == 1
    assert width(tasks, {"c", "d"}) == 2
    assert width((), ()) == 0
