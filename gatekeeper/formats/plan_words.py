"""Puts the parts of a plan into words that every form of it shares."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.formats.closing import counted
from gatekeeper.formats.durations import duration
from gatekeeper.model.plan import (
    ChangePlan,
    Criterion,
    Dependency,
    Evidence,
    Phase,
    Pillar,
    Schedule,
    Targets,
    Workstream,
)

QUALITY = (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS)
"""The pillars that every code workstream has."""

_GROUPS = (
    ("Work", (Pillar.PRIMARY,)),
    ("Quality", QUALITY),
    ("Integration", (Pillar.INTEGRATION,)),
    ("Validation", (Pillar.VALIDATION,)),
)


def groups(plan: ChangePlan) -> list[tuple[str, list[Workstream]]]:
    """The workstreams under the title of their group, in the order of the plan; empty groups are left out."""
    found = [(title, [w for w in plan.workstreams if w.pillar in pillars]) for title, pillars in _GROUPS]
    return [(title, streams) for title, streams in found if streams]


def planned(seconds: float) -> str:
    """An estimated time without more digits than it deserves: "0", "2.5 s", "40 s", "5 min" or "1 h 30 min"."""
    if seconds < 0.0005:
        return "0"
    if seconds < 9.95:
        return duration(seconds).replace(".0 s", " s")
    if seconds < 59.5:
        return f"{round(seconds)} s"
    return duration(round(seconds)).removesuffix(" 00 s").removesuffix(" 00 min")


def width_words(plan: ChangePlan) -> str:
    """How many workstreams can run at once: "1 for code, 4 with quality"."""
    return f"{plan.width_primary} for code, {plan.width} with quality"


def evidence_words(evidence: Evidence) -> str:
    """A signal and what it showed; with the kind that it speaks for."""
    kind = f" ({evidence.for_kind.value})" if evidence.for_kind else ""
    return f"{evidence.signal}: {evidence.shows}{kind}"


def title_words(stream: Workstream) -> str:
    """The title of a workstream, and its phase where the title does not already say it."""
    said = stream.phase is Phase.WORK or stream.phase.value in stream.title.lower()
    return stream.title if said else f"{stream.title} ({stream.phase.value})"


def hard(needs: Iterable[Dependency]) -> list[Dependency]:
    """The dependencies that order something; a hint orders nothing."""
    return [need for need in needs if not need.hint]


def reasons(needs: Iterable[Dependency]) -> list[tuple[tuple[str, ...], str, bool]]:
    """What has to come first, what it rests on, and whether that is only a hint; hints last.

    All that rest on the same proof stand together: (("w1", "w2"), "import: app/users.py:3 imports app.models", False).
    So do those whose proofs differ in their own names alone; these are called "each" then.
    """
    found: dict[tuple[bool, str], list[tuple[str, str]]] = {}
    for need in sorted(needs, key=lambda need: need.hint):
        words = f"{need.basis}: {need.proof}" if need.proof else need.basis
        alike = " ".join("each" if word == need.on else word for word in words.split(" "))
        found.setdefault((need.hint, alike), []).append((need.on, words))
    told = []
    for (hint, alike), entries in found.items():
        names = tuple(dict.fromkeys(on for on, _ in entries))
        told.append((names, alike if len(names) > 1 else entries[0][1], hint))
    return told


def criterion_words(criterion: Criterion) -> str:
    """A criterion, and after a run what was seen of it: "all tests pass (met: all passed)"."""
    if criterion.met is None:
        return f"{criterion.text} ({criterion.seen})" if criterion.seen else criterion.text
    said = "met" if criterion.met else "not met"
    return f"{criterion.text} ({said}: {criterion.seen})" if criterion.seen else f"{criterion.text} ({said})"


def fix_words(targets: Targets) -> str:
    """How often a blocked change is mended: the plan describes the loop, and whoever mends keeps to it."""
    times = "once" if targets.max_fix_iterations == 1 else f"{targets.max_fix_iterations} times"
    return f"what a gate blocks is mended and judged again at most {times}; then a person decides"


def bonds(stream: Workstream, plan: ChangePlan) -> str:
    """Why the pieces of a primary workstream are one lane: the first proof and how many more; empty without any."""
    if stream.pillar is not Pillar.PRIMARY:
        return ""
    inside = set(stream.scope)
    proofs = [n.proof for u in plan.units if u.path in inside for n in hard(u.needs) if n.on in inside and n.proof]
    return proofs[0] + (f", and {len(proofs) - 1} more such" if proofs[1:] else "") if proofs else ""


def numbers(plan: ChangePlan) -> dict[str, str]:
    """The number of each workstream in the plan, counted from 1, by its id."""
    return {stream.id: str(number) for number, stream in enumerate(plan.workstreams, 1)}


def starts(plan: ChangePlan) -> dict[str, float]:
    """When each placed workstream starts, in seconds, by its id."""
    return {placement.workstream: placement.start for placement in plan.schedule.placements}


def speed_words(schedule: Schedule) -> str:
    """The planned speed-up against the possible one: "2.43x of a possible 2.43x"."""
    return f"{schedule.speed_up:.2f}x of a possible {schedule.possible:.2f}x"


def outline(plan: ChangePlan) -> str:
    """The plan in a sentence, for the head of a comment."""
    kind = plan.classification.kind.value
    if not plan.workstreams:
        return f"Plan: {kind}, nothing to do."
    streams = counted(len(plan.workstreams), "workstream")
    agents = counted(plan.schedule.agents, "agent")
    time = planned(plan.schedule.makespan)
    return f"Plan: {kind}, {streams} for {agents}, {time}, {speed_words(plan.schedule)}."


def figures(schedule: Schedule) -> tuple[tuple[str, str, str], ...]:
    """The figures of a schedule: name, value, and what it means."""
    agents = counted(schedule.agents, "agent")
    best = "exact: no shorter one exists" if schedule.exact else "list schedule: the longest chain goes first"
    return (
        ("work", planned(schedule.work), "the sum of all estimates"),
        ("critical path", planned(schedule.critical_path), "the longest chain of needs"),
        ("lower bound", planned(schedule.lower_bound), f"no schedule for {agents} is shorter"),
        ("makespan", planned(schedule.makespan), best),
        ("speed-up", speed_words(schedule), "work over makespan, work over lower bound"),
        ("parallel rate", f"{schedule.rate * 100:.0f} %", "the achievable share of the work done side by side"),
    )
