"""Puts the units of a change into lanes: exclusive sets of paths, as many as the rules and the agents allow."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from gatekeeper.model.change import Role, role_of
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.plan import Dependency, Unit
from gatekeeper.model.rules import Level, Rules

SPLIT_LINES = 100
"""A directory with no more changed lines is not worth the cost of a second lane."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A set of paths that one workstream alone may change; no lane shares a path with another one.

    `reason` says why these units are together. `needs` name other lanes, and are there only if declared.
    """

    title: str
    paths: tuple[str, ...]
    units: tuple[Unit, ...] = ()
    reason: str = ""
    needs: tuple[Dependency, ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """The lanes, the largest first, the level of delegation in words, and into how many pieces no edge joins."""

    lanes: tuple[Lane, ...]
    delegation: str
    components: int


def group(units: Sequence[Unit], weights: Mapping[str, int], files: int, agents: int, rules: Rules) -> Grouping:
    """The lanes of the units, at most `agents` of them.

    Units that a direct edge joins stay together, so there are never more lanes than connected components; import
    cycles fall into one by themselves. The number of files gives how many lanes there may be, and components in
    different directories get a lane each from the third file on. Inside of a directory nothing is split that is small
    anyway. Lanes are balanced by changed lines (longest first).
    """
    components = _components(units)
    directories = _by_directory(components)
    level = rules.level(files)
    steps = agents if level.most_agents is None else max(level.most_agents, 1)
    per_directory = len(directories) if level is not Level.DIRECT else 1
    if per_directory < rules.workstream_per_directory_from:
        per_directory = 1
    most = max(min(agents, max(steps, per_directory)), 1)
    parts = directories if most <= len(directories) else _split(directories, components, weights)
    lanes = [_lane(part) for part in _balanced(parts, weights, most)]
    return Grouping(tuple(lanes), _words(level, files, len(directories), len(components), len(lanes)), len(components))


def together(paths: Sequence[str], files: int, rules: Rules) -> Grouping:
    """One lane for files that are shared by nature, where nothing else changes that they could be shared by."""
    lane = Lane(name_of(paths), tuple(sorted(paths)))
    folders = len({str(PurePosixPath(path).parent) for path in paths})
    return Grouping((lane,), _words(rules.level(files), files, folders, 1, 1), 1)


def weight(unit: Unit, weights: Mapping[str, int]) -> int:
    """How large a unit is: the changed lines of its files."""
    return sum(weights.get(path, 1) for path in unit.files)


def _split(
    directories: Sequence[list[Unit]], components: Sequence[list[Unit]], weights: Mapping[str, int]
) -> list[list[Unit]]:
    """The small directories as they are, and the others by their components."""
    small = [part for part in directories if _load(part, weights) <= SPLIT_LINES]
    kept = {unit.path for part in small for unit in part}
    return small + [component for component in components if component[0].path not in kept]


def _load(units: Sequence[Unit], weights: Mapping[str, int]) -> int:
    return sum(weight(unit, weights) for unit in units)


def _components(units: Sequence[Unit]) -> list[list[Unit]]:
    """The units that hard needs join, each group in the order of the paths."""
    parents = {unit.path: unit.path for unit in units}

    def root(path: str) -> str:
        while parents[path] != path:
            parents[path] = parents[parents[path]]
            path = parents[path]
        return path

    for unit in units:
        for need in unit.needs:
            if not need.hint and need.on in parents:
                one, other = sorted((root(unit.path), root(need.on)))
                parents[other] = one
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in sorted(units, key=lambda unit: unit.path):
        found[root(unit.path)].append(unit)
    return list(found.values())


def _by_directory(components: Sequence[list[Unit]]) -> list[list[Unit]]:
    """The components that share their directory joined, by the directory where most of their units lie.

    Documents count as one directory wherever they lie: a README and a guide are no two pieces of work.
    """
    found: dict[str, list[Unit]] = defaultdict(list)
    for component in components:
        folders = [str(PurePosixPath(unit.path).parent) for unit in component]
        home = min(set(folders), key=lambda folder: (-folders.count(folder), folder))
        if all(role_of(unit.path) is Role.DOCS for unit in component):
            home = ""
        found[home] += component
    return list(found.values())


def _balanced(parts: Sequence[list[Unit]], weights: Mapping[str, int], most: int) -> list[list[Unit]]:
    """The parts in at most `most` groups of about the same weight: the heaviest part first, into the lightest group."""
    count = min(most, len(parts))
    groups: list[list[Unit]] = [[] for _ in range(count)]
    loads = [(0, number) for number in range(count)]
    heavy = sorted(parts, key=lambda part: (-_load(part, weights), part[0].path))
    for part in heavy:
        load, number = heapq.heappop(loads)
        groups[number] += part
        heapq.heappush(loads, (load + _load(part, weights), number))
    return sorted(groups, key=lambda units: (-_load(units, weights), units[0].path))


def _lane(units: Sequence[Unit]) -> Lane:
    ordered = tuple(sorted(units, key=lambda unit: unit.path))
    paths = tuple(sorted({path for unit in ordered for path in unit.files}))
    return Lane(name_of(unit.path for unit in ordered), paths, ordered, _reason(ordered))


def name_of(paths: Iterable[str]) -> str:
    """A short name for some files: the only one, their folder, or the first and how many more."""
    first, *others = sorted(paths)
    if not others:
        return first
    folders = {str(PurePosixPath(path).parent) for path in (first, *others)}
    folder = folders.pop()
    return f"{first} and {len(others)} more" if folders or folder == "." else f"{folder} ({len(others) + 1} files)"


def _reason(units: Sequence[Unit]) -> str:
    own = {unit.path for unit in units}
    proofs = [need.proof for unit in units for need in unit.needs if not need.hint and need.on in own]
    if proofs:
        return proofs[0] + (f", and {len(proofs) - 1} more such edges" if len(proofs) > 1 else "")
    return "" if len(units) == 1 else "no edge joins these units; they share a lane to keep the number of lanes down"


def _words(level: Level, files: int, directories: int, components: int, lanes: int) -> str:
    counted = f"{files:,} file{'' if files == 1 else 's'}"
    pieces = f"{components} independent piece{'' if components == 1 else 's'}"
    where = f"{directories} director{'y' if directories == 1 else 'ies'}"
    return f"{level.words}: {counted}, {pieces} in {where}, {lanes} lane{'' if lanes == 1 else 's'} of primary work"
