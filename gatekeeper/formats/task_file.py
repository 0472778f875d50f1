"""Reads a task file: the goals of work that is not written yet, each with the lane that it alone may change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Any

from gatekeeper.formats.config_errors import Problem, dotted, listed, meant, nearest, shown
from gatekeeper.formats.config_text import read_yaml_bytes
from gatekeeper.formats.glob_overlap import common_path
from gatekeeper.formats.located import Located, Place, UnreadableDocumentError
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.plan import Kind

MOST_GOALS = 100
"""More goals than this are no plan that people read."""
LONGEST_PATTERN = 200
"""Characters of a pattern in a lane."""

_KEYS = ("title", "kind", "goals")
_GOAL_KEYS = ("id", "goal", "lane", "needs", "estimate")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_DURATION = re.compile(r"(?:(\d{1,4})\s*h(?:ours?)?)?\s*(?:(\d{1,5})\s*m(?:in)?)?\s*(?:(\d{1,6})\s*s(?:ec)?)?")
_LONGEST_TEXT = 500
_LONGEST_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Goal:
    """One piece of work: `lane` are glob patterns, tied to the root of the repository; `needs` are ids of other goals.

    `estimate` is in seconds, or None where nobody has said; `line` is where the goal stands in its file, if in one.
    """

    id: str
    text: str
    lane: tuple[str, ...]
    needs: tuple[str, ...] = ()
    estimate: float | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Work that is not written yet; `kind` is empty where nobody has said, `source` names the file or the option."""

    title: str
    kind: str
    goals: tuple[Goal, ...]
    source: str


def read_task_file(content: bytes, source: str) -> tuple[Task | None, tuple[Problem, ...]]:
    """The task, or None and everything that is wrong with the file, in the order of its lines."""
    try:
        located = read_yaml_bytes(content)
    except UnreadableDocumentError as trouble:
        return None, (Problem(source, trouble.line, trouble.message),)
    reader = _Reader(located)
    task = reader.task(source)
    ordered = sorted(dict.fromkeys(reader.problems), key=lambda problem: problem[0] or 0)
    return (task if not ordered else None), tuple(Problem(source, line, text) for line, text in ordered)


def tied(lane: Sequence[str]) -> tuple[str, ...]:
    """The patterns of a lane for `globs.matches`: each begins at the root, `README.md` means the one there alone."""
    return tuple(
        f"{'!' * pattern.startswith('!')}/{pattern.removeprefix('!').removeprefix('./').lstrip('/')}"
        for pattern in lane
    )


def lane_problems(goals: Sequence[Goal]) -> list[tuple[int | None, str]]:
    """The lanes that meet, as the line of the later goal and a message with a path that both would change."""
    found = []
    for one, other in combinations(goals, 2):
        path = common_path(tied(one.lane), tied(other.lane))
        if path:
            message = (
                f"the lanes of `{one_line(one.id)}` and `{one_line(other.id)}` overlap: both take `{one_line(path)}`"
            )
            found.append((other.line, f"{message}; a path belongs to one goal alone"))
    return found


def read_seconds(text: str) -> float | None:
    """The seconds of "20m", "1h 30m" or "90s"; None for what is no time, for nothing, and for more than 30 days."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    return float(total) if 0 < total <= _LONGEST_SECONDS else None


class _Reader:
    """Takes a document apart and gathers what is wrong with it."""

    def __init__(self, located: Located) -> None:
        self.located = located
        self.problems: list[tuple[int | None, str]] = list(located.problems)

    def task(self, source: str) -> Task:
        data = self.located.data
        if not isinstance(data, dict):
            self._complain((), f"a task file is a mapping with the keys {listed(_KEYS)}, not {shown(data)}")
            return Task("", "", (), source)
        self._known(data, (), _KEYS)
        title, kind = self._text(data, "title", ()), self._kind(data)
        goals = self._goals(data)
        if not self.problems:  # half a document would be complained of for what it still lacks
            self._check_needs(goals)
            self.problems += lane_problems(goals)
        return Task(title, kind, goals, source)

    def _goals(self, data: Mapping[str, Any]) -> tuple[Goal, ...]:
        items = data.get("goals")
        if not isinstance(items, list) or not items:
            self._complain(("goals",), f"`goals` must be a list of at least one goal, not {shown(items)}")
            return ()
        if len(items) > MOST_GOALS:
            self._complain(("goals",), f"`goals` has {len(items)} goals; {MOST_GOALS} is the most")
            return ()
        goals = tuple(self._goal(item, ("goals", number)) for number, item in enumerate(items))
        first: dict[str, Goal] = {}
        for number, goal in enumerate(goals):
            if goal.id and first.setdefault(goal.id, goal) is not goal:
                where = f"the first is on line {first[goal.id].line}"
                self._complain(("goals", number, "id"), f"the id `{goal.id}` stands here a second time; {where}")
        return goals

    def _goal(self, item: Any, place: Place) -> Goal:
        line = self.located.line_of(place)
        if not isinstance(item, dict):
            self._complain(place, f"`{dotted(place)}` must be a mapping with the keys {listed(_GOAL_KEYS)}")
            return Goal("", "", (), line=line)
        self._known(item, place, _GOAL_KEYS)
        name = self._text(item, "id", place)
        if name and not _ID.fullmatch(name):
            rule = "a letter, then letters, digits, `-` and `_`, at most 40"
            self._complain((*place, "id"), f"`{dotted((*place, 'id'))}` must be {rule}, not {shown(name)}")
            name = ""
        lane = self._texts(item, "lane", place)
        if not [pattern for pattern in lane if not pattern.startswith("!")] and isinstance(item.get("lane"), list):
            self._complain((*place, "lane"), f"`{dotted((*place, 'lane'))}` takes no path; give at least one pattern")
        needs = self._texts(item, "needs", place) if item.get("needs") is not None else ()
        return Goal(name, self._text(item, "goal", place), lane, needs, self._estimate(item, place), line)

    def _check_needs(self, goals: Sequence[Goal]) -> None:
        ids = [goal.id for goal in goals]
        for number, goal in enumerate(goals):
            for index, need in enumerate(goal.needs):
                place = ("goals", number, "needs", index)
                if need not in ids:
                    others = [name for name in ids if name != goal.id]
                    self._complain(
                        place, f"`{goal.id}` needs `{one_line(need)}`, which is no goal; {meant(need, others)}"
                    )
        sorter = TopologicalSorter({goal.id: [need for need in goal.needs if need in ids] for goal in goals})
        try:
            sorter.prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            line = min(goal.line or 0 for goal in goals if goal.id in circle) or None
            chain = " needs ".join(f"`{name}`" for name in circle)
            self.problems.append((line, f"the needs go in a circle: {chain}; remove one of them"))

    def _kind(self, data: Mapping[str, Any]) -> str:
        value = data.get("kind")
        if value is None or value in tuple(Kind):
            return value or ""
        near = nearest(value, Kind) if isinstance(value, str) else None
        hint = f"; did you mean `{near}`?" if near else ""
        self._complain(("kind",), f"`kind` must be one of {listed(Kind)}, not {shown(value)}{hint}")
        return ""

    def _estimate(self, item: Mapping[str, Any], place: Place) -> float | None:
        value = item.get("estimate")
        if value is None:
            return None
        seconds = read_seconds(value) if isinstance(value, str) else None
        if seconds is None:
            where = dotted((*place, "estimate"))
            rule = "a time such as 20m, 1h 30m or 90s, at most 30 days"
            self._complain((*place, "estimate"), f"`{where}` must be {rule}, not {shown(value)}")
        return seconds

    def _text(self, data: Mapping[str, Any], key: str, place: Place) -> str:
        """A text that must be there."""
        value, name = data.get(key), dotted((*place, key))
        if key not in data:
            self._complain(place, f"`{name}` is missing")
        elif not isinstance(value, str) or not value.strip():
            self._complain((*place, key), f"`{name}` must be a text, not {shown(value)}")
        elif len(value) > _LONGEST_TEXT:
            self._complain((*place, key), f"`{name}` is longer than {_LONGEST_TEXT}")
        else:
            return value.strip()
        return ""

    def _texts(self, data: Mapping[str, Any], key: str, place: Place) -> tuple[str, ...]:
        value, name = data.get(key), dotted((*place, key))
        if key not in data:
            self._complain(place, f"`{name}` is missing")
        elif not isinstance(value, list):
            tip = f"; put it in brackets: [{shown(value).removeprefix('the text ')}]" if isinstance(value, str) else ""
            self._complain((*place, key), f"`{name}` must be a list of texts, not {shown(value)}{tip}")
        else:
            for index, item in enumerate(value):
                if not isinstance(item, str) or not item.strip("/. "):
                    self._complain((*place, key, index), f"`{name}[{index}]` must be a text, not {shown(item)}")
                elif len(item) > LONGEST_PATTERN:
                    self._complain((*place, key, index), f"`{name}[{index}]` is longer than {LONGEST_PATTERN}")
            return tuple(item for item in value if isinstance(item, str))
        return ()

    def _known(self, data: Mapping[str, Any], place: Place, keys: Sequence[str]) -> None:
        for key in data:
            if key not in keys:
                self._complain((*place, key), f"unknown key `{dotted((*place, key))}`; {meant(key, keys)}")

    def _complain(self, place: Place, message: str) -> None:
        self.problems.append((self.located.line_of(place), message))
