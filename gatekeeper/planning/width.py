"""Counts how many tasks can run at once at most: the largest set in which none has to wait for another."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gatekeeper.planning.schedule import Task


def width(tasks: Sequence[Task], among: Collection[str] | None = None) -> int:
    """The size of the largest antichain, of all tasks or of those in `among`, whatever lies between them.

    By the theorem of Dilworth it is their number less the largest matching in the transitive order.
    """
    wanted = [task.id for task in tasks if among is None or task.id in among]
    before = _ancestors(tasks)
    below = {name: [other for other in wanted if name in before[other]] for name in wanted}
    partner: dict[str, str] = {}
    matched = 0
    for name in wanted:
        matched += _augment(name, below, partner)
    return len(wanted) - matched


def _ancestors(tasks: Sequence[Task]) -> dict[str, frozenset[str]]:
    known = {task.id: task for task in tasks}
    found: dict[str, frozenset[str]] = {}
    stack = [task.id for task in tasks]
    while stack:
        name = stack[-1]
        missing = [need for need in known[name].needs if need not in found]
        if name not in found and missing:
            stack.extend(missing)
            continue
        stack.pop()
        found[name] = frozenset(known[name].needs).union(*(found[need] for need in known[name].needs))
    return found


def _augment(start: str, below: dict[str, list[str]], partner: dict[str, str]) -> bool:
    """Find a partner for one task by a chain of exchanges, with a stack of its own."""
    came: dict[str, str] = {}
    stack = [start]
    while stack:
        name = stack.pop()
        for other in below[name]:
            if other in came:
                continue
            came[other] = name
            if other not in partner:
                _exchange(other, start, came, partner)
                return True
            stack.append(partner[other])
    return False


def _exchange(last: str, start: str, came: dict[str, str], partner: dict[str, str]) -> None:
    held = {name: other for other, name in partner.items()}
    other = last
    while True:
        name = came[other]
        before = held.get(name)
        partner[other] = name
        if name == start or before is None:
            return
        other = before
