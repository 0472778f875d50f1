"""Makes the plan of a change: classified, decomposed, grouped, staffed, estimated and scheduled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from gatekeeper.model.change import Change, ChangeKind, Role
from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.plan import ChangePlan, Classification, Dependency, Pillar, Targets, Unit, Workstream
from gatekeeper.model.rules import Rules
from gatekeeper.planning.agents import ROSTER, Selector, Speciality
from gatekeeper.planning.api import ApiDelta, Outlines, api_delta, read_outlines
from gatekeeper.planning.classify import classify
from gatekeeper.planning.decompose import Pieces, decompose
from gatekeeper.planning.detectors import missing_pillars
from gatekeeper.planning.estimate import History
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.group import Grouping, Lane, group, name_of, together
from gatekeeper.planning.hints import hinted
from gatekeeper.planning.imports import direct_imports
from gatekeeper.planning.schedule import make_schedule, tasks_of
from gatekeeper.planning.templates import Thresholds
from gatekeeper.planning.width import width
from gatekeeper.planning.workstreams import Brief, complete, lay_out

MOST_AGENTS = 256
"""More agents than this are refused: no machine runs them, and a plan of so many lanes is read by nobody."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How a change is to be planned.

    `declared`, `labels` and `branch` are signals for its kind; `roster` are agents of the users, which come before the
    built-in ones; `hints` are soft dependencies by path, on other paths of the change. `modes` are the names of active
    modes and go into the plan as they are.
    """

    rules: Rules
    agents: int = 4
    thresholds: Thresholds = field(default_factory=Thresholds)
    history: History = field(default_factory=dict)
    modes: tuple[str, ...] = ()
    declared: str = ""
    labels: tuple[str, ...] = ()
    branch: str = ""
    title: str = ""
    roster: tuple[Speciality, ...] = ()
    hints: Mapping[str, Sequence[Dependency]] = field(default_factory=dict)


def make_plan(change: Change, ground: Ground, demand: Demand) -> ChangePlan:
    """The plan of a change; equal for equal input. An empty change has a plan without workstreams, which says so.

    Raises UsageError for a declared type that is none, and for less than one or more than 256 agents.
    """
    if not 1 <= demand.agents <= MOST_AGENTS:
        raise UsageError(f"cannot plan for {demand.agents} agents", f"give a number from 1 to {MOST_AGENTS}")
    outlines = read_outlines(change)
    api = api_delta(change, outlines)
    found = classify(change, declared=demand.declared, labels=demand.labels, branch=demand.branch, api=api)
    texts = {file.path: file.text for file in change.files if file.text is not None}
    pieces = decompose(change, direct_imports(outlines.head, texts, ground), demand.hints)
    grouping = group(pieces.units, pieces.weights, len(change.files), demand.agents, demand.rules)
    if pieces.shared and not pieces.units:
        grouping = together(pieces.shared, len(change.files), demand.rules)
    lanes, shared = _owned(grouping.lanes, pieces.shared)
    brief = _brief(change, found, api, pieces, demand)
    workstreams, added = completed(lay_out(lanes, shared, brief), brief)
    notes = [*_notes(change, outlines, pieces), *added]
    workstreams = hinted(workstreams, pieces.units)
    return finish(_title(change, demand), found, (grouping, pieces.units), workstreams, (demand, notes))


def finish(
    title: str,
    found: Classification,
    parts: tuple[Grouping, tuple[Unit, ...]],
    workstreams: tuple[Workstream, ...],
    last: tuple[Demand, Sequence[str]],
) -> ChangePlan:
    """The plan of workstreams that are laid out: scheduled, and with what it says of its own width."""
    (grouping, units), (demand, notes) = parts, last
    rules = demand.rules
    tasks = tasks_of(workstreams)
    schedule = make_schedule(tasks, demand.agents)
    primary = width(tasks, {w.id for w in workstreams if w.pillar is Pillar.PRIMARY})
    whole = width(tasks)
    said = [_width_note(primary, whole, grouping)] if workstreams else []
    return ChangePlan(
        title, found, grouping.delegation, units, workstreams, schedule, primary, whole, demand.modes, (*said, *notes),
        Targets(
            rules.launch_seconds_max, rules.parallelisation_rate_min, rules.utilisation_min, rules.gate_coverage_min,
            rules.max_fix_iterations,
        ),
    )  # fmt: skip


def completed(workstreams: Sequence[Workstream], brief: Brief) -> tuple[tuple[Workstream, ...], tuple[str, ...]]:
    """The workstreams with every pillar that is owed, and a note for each that had to be added."""
    alarms = missing_pillars(workstreams, brief.pillars)
    notes = tuple(f"{alarm.fault}: {alarm.saw}, so one was added" for alarm in alarms)
    return (complete(workstreams, brief) if alarms else tuple(workstreams)), notes


def _brief(change: Change, found: Classification, api: ApiDelta, pieces: Pieces, demand: Demand) -> Brief:
    selector = Selector(change, api, (*demand.roster, *ROSTER))
    return Brief(
        found.kind, selector.choose, demand.thresholds, demand.history, pieces.weights, demand.rules.pillars
    )  # fmt: skip


def _owned(lanes: Sequence[Lane], shared: Sequence[str]) -> tuple[tuple[Lane, ...], tuple[str, ...]]:
    """Who owns the shared files: the only lane there is, or else the integration."""
    if len(lanes) > 1 or not shared:
        return tuple(lanes), tuple(shared)
    only = lanes[0]
    paths = tuple(sorted({*only.paths, *shared}))
    return (Lane(only.title, paths, only.units, only.reason, only.needs),), ()


def _title(change: Change, demand: Demand) -> str:
    subject = change.message.strip().split("\n", 1)[0].strip()
    return demand.title or subject or (name_of(file.path for file in change.files) if change.files else "no change")


def _width_note(primary: int, whole: int, grouping: Grouping) -> str:
    if grouping.components <= 1:
        return f"this change is one piece: width 1 for its primary work, {whole} with quality"
    pieces = f"this change falls into {grouping.components} independent pieces"
    return f"{pieces}: width {primary} for its primary work, {whole} with quality"


def _notes(change: Change, outlines: Outlines, pieces: Pieces) -> list[str]:
    """What a reader should know about how the files were read."""
    files = change.files
    foreign = [f.path for f in files if f.exists and f.role in (Role.SOURCE, Role.TEST) and not _is_python(f.path)]
    told = (
        (outlines.broken, "does not parse as Python, so its imports and names are unknown"),
        ([f.path for f in files if f.binary], "is binary: planned by its name alone"),
        ([f.path for f in files if f.kind is ChangeKind.DELETED], "is deleted: only what needed it can be judged"),
        ([f.path for f in files if f.is_submodule], "is a submodule: its commits are not looked into"),
        (foreign, "is code in another language than Python, whose imports are not read"),
    )
    notes = [f"{name_of(paths)}: {words}" for paths, words in told if paths]
    if not files:
        notes.append("nothing changed, so there is nothing to do")
    return notes + _cycles(pieces.units)


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def _cycles(units: Sequence[Unit]) -> list[str]:
    sorter = TopologicalSorter({u.path: sorted(n.on for n in u.needs if not n.hint) for u in units})
    try:
        sorter.prepare()
    except CycleError as circle:
        return [f"import cycle, kept in one lane: {' is needed by '.join(circle.args[1])}"]
    return []
