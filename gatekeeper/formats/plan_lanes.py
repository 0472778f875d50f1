"""Draws when each workstream of a plan runs: an axis, and a row for each agent's lane."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.closing import counted
from gatekeeper.formats.plan_words import QUALITY, numbers, planned
from gatekeeper.formats.terminal_text import cells, one_line
from gatekeeper.formats.text_style import Role, TextStyle
from gatekeeper.model.plan import ChangePlan, Pillar, Placement

_STEPS = (0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
_HOUR = 3600
_TICK_ROOM = 12
_ROWS = 32
_INDENT = 2


def lane_lines(plan: ChangePlan, style: TextStyle) -> list[str]:
    """The lanes over time, scaled to the width of the style; none where nothing is placed or nothing takes time."""
    schedule = plan.schedule
    lanes = sorted({placement.lane for placement in schedule.placements})
    end = max((placement.end for placement in schedule.placements), default=0.0)
    if not lanes or end <= 0:
        return []
    label = len(str(len(lanes)))
    room = max(style.width - 2 * _INDENT - label, 10)
    margin = " " * (_INDENT + label + 2)
    lines = [margin + style.paint(_axis(end, room), Role.QUIET)]
    for number, lane in enumerate(lanes[:_ROWS], 1):
        own = [placement for placement in schedule.placements if placement.lane == lane]
        name = " " * _INDENT + style.paint(str(number).rjust(label), Role.QUIET) + "  "
        lines.append((name + _row(own, plan, end / room, (room, style))).rstrip())
    unseen = [counted(len(lanes) - _ROWS, "more lane")] if len(lanes) > _ROWS else []
    idle = schedule.agents - len(lanes)
    unseen += [f"{counted(idle, 'agent')} of {schedule.agents} without work"] if idle > 0 else []
    return [*lines, *(" " * _INDENT + style.paint(style.fit(text, style.width - 2), Role.QUIET) for text in unseen)]


def _axis(end: float, room: int) -> str:
    """The times along the top, each beginning above the column that it means."""
    wanted = end * _TICK_ROOM / room
    step = next((step for step in _STEPS if step >= wanted), None)
    if step is None:
        step = _HOUR * -(-wanted // _HOUR)
    text, number = "0", 1
    while number * step <= end:
        column, words = round(number * step / end * room), planned(number * step)
        if column + len(words) <= room:
            text = text.ljust(column) + words
        number += 1
    return text


def _row(own: Sequence[Placement], plan: ChangePlan, scale: float, drawn: tuple[int, TextStyle]) -> str:
    """The bars of one lane, with quiet dots where it is idle; a bar has one column at least, if there is one left."""
    room, style = drawn
    short = numbers(plan)
    pillars = {stream.id: stream.pillar for stream in plan.workstreams}
    text, column = "", 0
    for placement in sorted(own, key=lambda placement: (placement.start, placement.end, placement.workstream)):
        start = max(min(round(placement.start / scale), room - 1), column)
        end = min(max(round(placement.end / scale), start + 1), room)
        if end <= start:
            continue
        text += style.paint(_idle(start - column, style), Role.QUIET) + " " * (start > column)
        names = (one_line(placement.workstream), short.get(placement.workstream, ""))
        bar = _bar(names, end - start, style)
        text += style.paint(bar, _role(pillars.get(placement.workstream))) + " " * (end - start - cells(bar))
        column = end
    return text + style.paint(_idle(room - column, style), Role.QUIET)


def _bar(names: tuple[str, str], width: int, style: TextStyle) -> str:
    """A bar with the first name in front that has room, ending a column early so that the next bar stands off."""
    room = max(width - 1, 1)
    line = style.signs("━")
    name = next((name for name in names if name and cells(name) < room), "")
    if not name:
        return line * room
    return f"{name} {line * (room - cells(name) - 1)}".rstrip()


def _idle(width: int, style: TextStyle) -> str:
    return style.signs("·") * (width - 1)


def _role(pillar: Pillar | None) -> Role:
    if pillar is Pillar.PRIMARY:
        return Role.ACCENT
    return Role.GOOD if pillar in QUALITY else Role.PLAIN
