"""Plans work that is not written yet: the goals of a task become lanes, and the rest of the plan is as for a change."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gatekeeper.formats.globs import is_pattern, matches
from gatekeeper.formats.task_file import LONGEST_PATTERN, Goal, Task, lane_problems, tied
from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.errors import UsageError
from gatekeeper.model.plan import ChangePlan, Dependency, Pillar, Unit, Workstream
from gatekeeper.planning.agents import ROSTER, Selector, Speciality, When
from gatekeeper.planning.api import ApiDelta
from gatekeeper.planning.classify import classify
from gatekeeper.planning.group import Grouping, Lane
from gatekeeper.planning.planner import Demand, finish
from gatekeeper.planning.workstreams import Brief, lay_out

_LINES = 100  # nobody knows the size of what is not written: a medium one
_EVERYTHING = ("**",)
_SIGNS: Mapping[When, re.Pattern[str]] = {
    When.PUBLIC_API: re.compile(r"\b(APIs?|endpoints?|routes?|OpenAPI|(?:GET|POST|PUT|PATCH|DELETE) /[\w/{}.-]*)"),
    When.USER_FACING: re.compile(
        r"\b(CLI|UI|user interface|command[- ]line|screens?|buttons?|forms?|tutorials?|guides?)\b", re.IGNORECASE
    ),
}


def task_of(text: str, globs: Sequence[str] = ()) -> Task:
    """The task of a sentence: each of the patterns is a lane of its own, and without any the whole repository is one.

    Raises UsageError for an empty text, for patterns that describe the same path, and for very long ones.
    """
    title = " ".join(text.split())
    if not title:
        raise UsageError("--task is empty", 'say what is to be done, such as --task "Add pagination to the users API"')
    patterns = tuple(dict.fromkeys(globs))
    if not patterns:
        return Task(title, "", (Goal("the whole task", title, _EVERYTHING),), "--task")
    if any(len(pattern) > LONGEST_PATTERN for pattern in patterns):
        raise UsageError(f"a pattern of --files is longer than {LONGEST_PATTERN} characters", "shorten it")
    goals = tuple(Goal(pattern, title, (pattern,)) for pattern in patterns)
    problems = lane_problems(goals)
    if problems:
        lines = "\n".join(message for _, message in problems)
        raise UsageError(f"--files names lanes that are not apart\n{lines}", "narrow one of the patterns")
    return Task(title, "", goals, "--files")


def task_plan(task: Task, names: Collection[str], demand: Demand) -> ChangePlan:
    """The plan of a task; `names` are the files that there are already, and tell agents what a lane holds.

    A lane is exclusive and declared, so the needs between goals are the ones that the task declares. Raises UsageError
    for a type that is none.
    """
    task = replace(task, goals=tuple(_with_folders(goal, names) for goal in task.goals))
    lanes = [_lane(goal, task) for goal in task.goals]
    held = {goal.id: _files(goal, names) for goal in task.goals}
    declared = demand.declared or task.kind
    found = classify(Change("", "", (), task.title), declared=declared, labels=demand.labels, branch=demand.branch)
    weights = {path: _LINES * (number == 0) for goal in task.goals for number, path in enumerate(goal.lane)}
    chooser = _Chooser(task, held, (*demand.roster, *ROSTER))
    brief = Brief(found.kind, chooser.choose, demand.thresholds, demand.history, weights, demand.rules.pillars)
    streams = _declared(lay_out(lanes, (), brief), task)
    units = tuple(_unit(goal, held[goal.id], task) for goal in task.goals)
    grouping = Grouping(tuple(lanes), _delegation(task, held), _pieces(task.goals))
    return finish(demand.title or task.title, found, (grouping, units), streams, (demand, _notes(task, held)))


def _with_folders(goal: Goal, names: Collection[str]) -> Goal:
    """The goal with `src/api/**` in its lane for `src/api`: a folder may always come to hold code."""
    lane = []
    for pattern in goal.lane:
        plain = pattern.rstrip("/")
        folder = (
            pattern != plain or "." not in PurePosixPath(plain).name or any(n.startswith(f"{plain}/") for n in names)
        )
        named = is_pattern(pattern) or pattern.startswith("!") or pattern in names
        lane.append(f"{plain}/**" if folder and not named else pattern)
    return replace(goal, lane=tuple(lane))


def _lane(goal: Goal, task: Task) -> Lane:
    return Lane(goal.id, goal.lane, reason=f"declared by {task.source}", needs=_needs(goal, task))


def _needs(goal: Goal, task: Task) -> tuple[Dependency, ...]:
    place = task.source if goal.line is None else f"{task.source}:{goal.line}"
    return tuple(
        Dependency(need, "declared", f"{place} says that {goal.id} needs {need}") for need in dict.fromkeys(goal.needs)
    )


def _files(goal: Goal, names: Collection[str]) -> tuple[str, ...]:
    """The files of a lane that there are already, sorted."""
    lane = tied(goal.lane)
    return tuple(sorted(name for name in names if matches(name, lane)))


def _unit(goal: Goal, files: Sequence[str], task: Task) -> Unit:
    """A goal as a unit; what is not written has no smaller pieces yet."""
    return Unit(goal.id, (*goal.lane, *(name for name in files if name not in goal.lane)), (), _needs(goal, task))


def _declared(streams: Sequence[Workstream], task: Task) -> tuple[Workstream, ...]:
    """The workstreams, with the words and the estimates of the goals on the primary ones."""
    goals = iter(task.goals)
    done = []
    for stream in streams:
        if stream.pillar is Pillar.PRIMARY:
            goal = next(goals)
            title = goal.text if len(task.goals) == 1 or task.source != "--files" else f"{goal.text} in {goal.id}"
            stream = replace(stream, title=title)  # noqa: PLW2901
            if goal.estimate is not None:
                stream = replace(stream, estimate=goal.estimate, estimate_basis=f"declared in {task.source}")  # noqa: PLW2901
        done.append(stream)
    return tuple(done)


def _pieces(goals: Sequence[Goal]) -> int:
    """Into how many pieces the goals fall that no need joins."""
    groups: list[set[str]] = []
    for goal in goals:
        mine = {goal.id, *goal.needs}
        joined = [group for group in groups if group & mine]
        groups = [group for group in groups if not group & mine] + [mine.union(*joined)]
    return len(groups)


def _delegation(task: Task, held: Mapping[str, Sequence[str]]) -> str:
    files = sum(len(names) for names in held.values())
    lanes = f"{len(task.goals)} lane{'' if len(task.goals) == 1 else 's'}"
    there = f"{files:,} file{'' if files == 1 else 's'}"
    return f"declared by {task.source}: {lanes}, in which {there} lie{'s' * (files == 1)} already"


def _notes(task: Task, held: Mapping[str, Sequence[str]]) -> list[str]:
    if task.goals[0].lane == _EVERYTHING:
        return ["no --files was given, so the lane is the whole repository and the work is one workstream"]
    empty = [goal.id for goal in task.goals if not held[goal.id]]
    return [f"no file lies yet in the lane of {', '.join(empty)}"] if empty else []


@dataclass(frozen=True)
class _Chooser:
    """Chooses agents by the files that lie in the lanes, and for the docs by the words of the goals."""

    task: Task
    held: Mapping[str, Sequence[str]]
    roster: Sequence[Speciality]

    def choose(self, pillar: Pillar, scope: Collection[str]) -> tuple[str, str]:
        """The agent of a pillar for lanes, and why that one."""
        goals = [goal for goal in self.task.goals if set(goal.lane) & set(scope)]
        if pillar is Pillar.DOCS:
            texts = [goal.text for goal in goals] + [self.task.title]
            for when, signs in _SIGNS.items():
                word = next((found[0] for text in texts for found in signs.finditer(text)), "")
                agent = next((each.agent for each in self.roster if (each.pillar, each.when) == (pillar, when)), "")
                if word and agent:
                    return agent, f'{when}: the task speaks of "{word}"'
        paths = [path for goal in goals for path in self.held[goal.id] or goal.lane]
        files = tuple(FileChange(path, ChangeKind.MODIFIED) for path in paths)
        return Selector(Change("", "", files), ApiDelta(), self.roster).choose(pillar, paths)
