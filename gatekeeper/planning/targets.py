"""Holds a finished run against the targets of the rules: each one that was missed becomes an alarm."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.durations import duration
from gatekeeper.model.account import Alarm, Efficiency, Fault
from gatekeeper.model.plan import Targets

TOLERATED_SECONDS = 0.5
"""A share is missed only where it costs more than this: of a run of a second, a tenth says nothing."""


def missed_targets(
    found: Efficiency, coverage: float, unexamined: Sequence[str], targets: Targets
) -> tuple[Alarm, ...]:
    """The alarms, at most one for each target.

    They block nothing: how fast a machine is decides about no commit. What they say of a file that no gate examined is
    for people too, since whether a gate is on is theirs to decide.
    """
    checks = (
        _launch(found, targets.launch_seconds_max),
        _rate(found, targets.parallelisation_rate_min),
        _utilisation(found, targets.utilisation_min),
        _coverage(coverage, unexamined, targets.gate_coverage_min),
    )
    return tuple(alarm for alarm in checks if alarm is not None)


def _launch(found: Efficiency, most: float) -> Alarm | None:
    if found.launch_spread <= most:
        return None
    saw = f"launch_seconds_max: what was ready started within {duration(found.launch_spread)}, aimed at {most:g} s"
    return Alarm(Fault.TARGET, saw, "give the run more workers (--jobs) or a less busy machine")


def _rate(found: Efficiency, least: float) -> Alarm | None:
    wanted = least * found.achievable_rate
    if found.rate >= wanted or (wanted - found.rate) * found.work <= TOLERATED_SECONDS:
        return None
    share = found.rate / found.achievable_rate
    saw = (
        f"parallelisation_rate_min: {_percent(found.rate)} of the work ran beside other work, which is "
        f"{_percent(share)} of the {_percent(found.achievable_rate)} that can be achieved, aimed at {_percent(least)}"
    )
    return Alarm(Fault.TARGET, saw, "start more jobs at once (--jobs)", tuple(waited.id for waited in found.waited))


def _utilisation(found: Efficiency, least: float) -> Alarm | None:
    if found.utilisation >= least or found.avoidable_idle <= TOLERATED_SECONDS:
        return None
    saw = (
        f"utilisation_min: {_percent(found.utilisation)} of the time that agents could use, aimed at {_percent(least)}"
    )
    names = tuple(waited.id for waited in found.waited)
    return Alarm(Fault.TARGET, saw, "start every ready task as soon as an agent is free", names)


def _coverage(coverage: float, unexamined: Sequence[str], least: float) -> Alarm | None:
    if coverage >= least:
        return None
    saw = f"gate_coverage_min: {_percent(coverage)} of what the files owe was examined, aimed at {_percent(least)}"
    return Alarm(Fault.TARGET, saw, "run the gates that are off or could not look", tuple(unexamined))


def _percent(share: float) -> str:
    """Rounded down, so that a miss never looks like a hit."""
    return f"{int(100 * share + 1e-9)} %"
