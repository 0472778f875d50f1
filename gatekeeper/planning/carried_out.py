"""Holds an orchestration against its plan by when its lanes began and ended: figures, alarms, what was not examined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gatekeeper.model.account import Account
from gatekeeper.model.plan import ChangePlan, Phase, Pillar, Workstream
from gatekeeper.planning.detectors import gate_coverage, missing_pillars, no_progress, serial_execution, single_agent
from gatekeeper.planning.efficiency import Ran, examine
from gatekeeper.planning.targets import missed_targets

_SAME = 0.1
"""Seconds within which two judgements begin and end that are one run of the gates."""

_REMEDY = "look at what it printed (gatekeeper watch), or give its agent another idle limit"

Span = tuple[str, float, float]
"""A workstream, and when it began and ended, in seconds."""


@dataclass(frozen=True, slots=True)
class Carried:
    """How it was carried out: the spans of workstreams (of one that was done again several), and by how many at once.

    `examined` are the ids of the workstreams whose gates looked, whatever they said. `silences` are those that showed
    nothing for longer than they may, with the longest silence and the limit, in seconds.
    """

    spans: Sequence[Span]
    slots: int
    examined: Collection[str] = ()
    silences: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def orchestration_account(plan: ChangePlan, carried: Carried) -> Account:
    """The figures of an orchestration, with its alarms.

    Workstreams that one run of the gates judged together are one task: the same seconds must not count several times.
    What was not in the plan (mending, another attempt) needs all that was over when it began; nobody had it wait.
    """
    ran = _ran(plan.workstreams, carried.spans)
    found = examine(ran, carried.slots)
    share, unexamined = gate_coverage(plan.workstreams, carried.examined)
    silent = (replace(alarm, remedy=_REMEDY) for alarm in no_progress(carried.silences))
    alarms = (
        *serial_execution(found),
        *single_agent(ran, found),
        *missing_pillars(plan.workstreams),
        *silent,
        *(missed_targets(found, share, unexamined, plan.targets) if plan.targets else ()),
    )
    return Account(found, alarms, share, unexamined)


def _ran(workstreams: Sequence[Workstream], spans: Sequence[Span]) -> tuple[Ran, ...]:
    """The tasks in the order of their starts; each needs only earlier ones, so there is no circle."""
    streams = {stream.id: stream for stream in workstreams}
    done: list[Ran] = []
    tasks: dict[str, Ran] = {}
    times: Counter[str] = Counter()
    for ids, start, end in sorted(_joined(streams, spans), key=lambda one: (one[1], one[2])):
        title = next((name for name in ids if streams[name].pillar is Pillar.VALIDATION), ids[0]) if ids[1:] else ids[0]
        planned = all(name in streams and name not in tasks for name in ids)
        if planned:
            wanted = {need.on for name in ids for need in streams[name].needs if not need.hint}
            needs = {tasks[name].id for name in wanted if name in tasks}
        else:
            needs = {each.id for each in done if each.end <= start}
        times[title] += 1
        name = title if times[title] == 1 else f"{title} ({times[title]})"
        task = Ran(name, start, end, end - start, tuple(sorted(needs)))
        done.append(task)
        for each in ids:
            tasks[each] = task  # whoever needs it waits for its last attempt
    return tuple(done)


def _joined(streams: Mapping[str, Workstream], spans: Sequence[Span]) -> list[tuple[list[str], float, float]]:
    """The spans, with those of one run of the gates joined."""
    judging: dict[tuple[int, int], list[Span]] = defaultdict(list)
    rest = []
    for span in spans:
        stream = streams.get(span[0])
        if stream and stream.phase is Phase.JUDGE:
            judging[round(span[1] / _SAME), round(span[2] / _SAME)].append(span)
        else:
            rest.append(([span[0]], span[1], span[2]))
    groups = ([span[0] for span in group] for group in judging.values())
    ends = ((min(s for _, s, _ in group), max(e for _, _, e in group)) for group in judging.values())
    return [*rest, *((ids, start, end) for ids, (start, end) in zip(groups, ends, strict=True))]
