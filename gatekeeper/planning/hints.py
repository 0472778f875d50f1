"""Gathers what hints at files that belong together: history and owners. A hint is shown, and orders nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from gatekeeper.formats.codeowners import OwnerLine, owner_line
from gatekeeper.model.frozen import replace
from gatekeeper.model.plan import Dependency, Pillar, Unit, Workstream

LARGE_COMMIT = 30
"""A commit of more files says nothing of any two of them."""
LEAST_TOGETHER = 3
LEAST_SHARE = 0.5
"""Files are told to change together from three commits on, and if that is at least half of those of the rarer one."""

_MOST_FOR_A_PATH = 3
_MOST_FOR_A_WORKSTREAM = 3

Hints = dict[str, list[Dependency]]


def co_changes(paths: Collection[str], commits: Iterable[Collection[str]]) -> Hints:
    """For each path the earlier ones (by name) that it was changed together with, the most frequent first.

    `commits` are the paths that each commit changed.
    """
    wanted = set(paths)
    alone: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for commit in commits:
        if len(commit) <= LARGE_COMMIT:
            mine = sorted(wanted.intersection(commit))
            alone.update(mine)
            both.update(combinations(mine, 2))
    found: dict[str, list[tuple[int, str, Dependency]]] = defaultdict(list)
    for (first, second), count in both.items():
        rarer = min(second, first, key=lambda path: alone[path])
        if count >= LEAST_TOGETHER and count >= LEAST_SHARE * alone[rarer]:
            proof = f"{first} and {second} changed together in {count} of the {alone[rarer]} commits of {rarer}"
            found[second].append((-count, first, Dependency(first, "co-change", proof, hint=True)))
    return {path: [each[2] for each in sorted(near)[:_MOST_FOR_A_PATH]] for path, near in sorted(found.items())}


def shared_owners(paths: Collection[str], lines: Sequence[OwnerLine], source: str) -> Hints:
    """For each path the first (by name) that has the same owners, where CODEOWNERS tells the paths apart at all."""
    groups: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for path in sorted(paths):
        line = owner_line(path, lines)
        groups[line.owners if line else ()].append((path, line.number if line else 0))
    if len(groups) < 2:
        return {}
    found: Hints = {}
    for owners, members in groups.items():
        first = members[0][0]
        for path, number in members[1:] if owners else ():
            proof = f"{first} and {path} are both owned by {', '.join(owners)} ({source}:{number})"
            found[path] = [Dependency(first, "CODEOWNERS", proof, hint=True)]
    return found


def joined(*many: Mapping[str, Sequence[Dependency]]) -> dict[str, tuple[Dependency, ...]]:
    """All hints together, those of the first mapping first."""
    paths = sorted({path for hints in many for path in hints})
    return {path: tuple(each for hints in many for each in hints.get(path, ())) for path in paths}


def hinted(workstreams: Sequence[Workstream], units: Sequence[Unit]) -> tuple[Workstream, ...]:
    """The workstreams, the primary ones with the hints of their units that lead into another one's lane.

    Each names another workstream once for each basis. What lies in one lane anyway needs no hint.
    """
    owner = {path: w.id for w in workstreams if w.pillar is Pillar.PRIMARY for path in w.scope}
    found: dict[str, dict[tuple[str, str], Dependency]] = defaultdict(dict)
    for unit in units:
        for need in unit.needs:
            mine, other = owner.get(unit.path), owner.get(need.on)
            if need.hint and mine and other and mine != other:
                found[mine].setdefault((other, need.basis), replace(need, on=other))
    return tuple(
        replace(w, needs=(*w.needs, *list(found[w.id].values())[:_MOST_FOR_A_WORKSTREAM])) if w.id in found else w
        for w in workstreams
    )
