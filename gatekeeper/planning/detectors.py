"""Sees what went wrong with a plan or a run: work in line that could be side by side, a missing pillar, standstill."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gatekeeper.formats.durations import duration
from gatekeeper.model.account import Alarm, Efficiency, Fault
from gatekeeper.model.plan import Pillar, Workstream
from gatekeeper.planning.efficiency import Ran
from gatekeeper.planning.schedule import Task
from gatekeeper.planning.width import width
from gatekeeper.planning.workstreams import QUALITY, judged, owed

TOLERATED_SHARE = 0.02
TOLERATED_SECONDS = 0.5
"""Idle that could have been avoided is told from both on: 2 % of the time of all slots, and half a second."""


def serial_execution(found: Efficiency) -> tuple[Alarm, ...]:
    """Tasks that were ready waited beside idle slots, or the run was longer than any that never idles on purpose.

    By Graham's theorem such a run takes at most work / slots + (1 - 1 / slots) * the longest chain, so a longer one
    proves by itself that work stood in line for no reason.
    """
    saw = []
    tolerated = max(TOLERATED_SECONDS, TOLERATED_SHARE * found.slots * found.makespan)
    names = tuple(waited.id for waited in found.waited)
    if found.avoidable_idle > tolerated and found.waited:
        longest = found.waited[0]
        saw.append(
            f"{found.idle_share:.0%} of the time of {found.slots} agents was idle though work was ready; "
            f"{longest.id} waited longest ({duration(longest.seconds)})"
        )
    if found.makespan > found.graham_bound * (1 + TOLERATED_SHARE) + TOLERATED_SECONDS:
        limit = duration(found.graham_bound)
        saw.append(f"the run took {duration(found.makespan)}, and without needless waiting takes at most {limit}")
    if not saw:
        return ()
    return (Alarm(Fault.SERIAL, "; ".join(saw), "start every ready task as soon as an agent is free", names),)


def missing_pillars(workstreams: Sequence[Workstream], pillars: Collection[Pillar] = QUALITY) -> tuple[Alarm, ...]:
    """Primary workstreams that owe a pillar which does not judge all of their paths, an alarm for each."""
    alarms = []
    for work in workstreams:
        owing = owed(work.scope) if work.pillar is Pillar.PRIMARY else ()
        for pillar in sorted(set(pillars).intersection(owing)):
            left = sorted(set(work.scope) - judged(workstreams, pillar))
            if left:
                saw = f"no {pillar} workstream judges {left[0]}" + (f" and {len(left) - 1} more" if left[1:] else "")
                alarms.append(Alarm(Fault.MISSING_PILLAR, saw, f"add a {pillar} workstream", (work.id,)))
    return tuple(alarms)


def gate_coverage(workstreams: Sequence[Workstream], done: Collection[str]) -> tuple[float, tuple[str, ...]]:
    """The share, from 0 to 1, of what was owed for each changed file that was examined, and what was not.

    `done` are the ids of the workstreams that came to an end. Each file owes the pillars of its kind; a validation
    examines all of its files by all of them. What was not is such as "src/a.py: docs".
    """
    finished = [w for w in workstreams if w.id in set(done)]
    whole = {path for w in finished if w.pillar is Pillar.VALIDATION for path in w.scope}
    seen = {pillar: judged(finished, pillar) | whole for pillar in QUALITY}
    paths = {path for w in workstreams if w.pillar in (Pillar.PRIMARY, Pillar.INTEGRATION) for path in w.scope}
    due = [(path, pillar) for path in sorted(paths) for pillar in owed((path,))]
    missing = tuple(f"{path}: {pillar}" for path, pillar in due if path not in seen[pillar])
    return (1 - len(missing) / len(due) if due else 1.0), missing


def single_agent(ran: Sequence[Ran], found: Efficiency) -> tuple[Alarm, ...]:
    """Never more than one task ran at once, though several could have and there were agents for them."""
    possible = min(width([Task(r.id, r.alone, r.needs) for r in ran]), found.slots) if ran else 0
    if found.most_at_once != 1 or possible < 2:
        return ()
    saw = f"one agent did everything, though {possible} could have worked at once"
    return (Alarm(Fault.SINGLE_AGENT, saw, "hand the ready tasks to the idle agents", tuple(r.id for r in ran)),)


def no_progress(silences: Mapping[str, tuple[float, float]]) -> tuple[Alarm, ...]:
    """Jobs (by id) that were silent for longer than they may be: the longest silence and the limit, in seconds."""
    longest = sorted((-silent, name, limit) for name, (silent, limit) in silences.items() if silent > limit)
    return tuple(
        Alarm(
            Fault.NO_PROGRESS, f"{name} showed no progress for {duration(-silent)}, more than {duration(limit)}",
            f"see with `gatekeeper run --verbose` what {name} does, or lower the time limit of its gate", (name,),
        )
        for silent, name, limit in longest
    )  # fmt: skip
