"""The end of an orchestration as text for people: lanes, gate log, figures, where the work is, and the verdict."""

from __future__ import annotations

from gatekeeper.formats.approval_words import (
    alarm_lines,
    examined_words,
    figure_lines,
    finding_words,
    is_approved,
    lane_words,
    place_rows,
    safe,
    verdict_words,
)
from gatekeeper.formats.lanes_text import STATE_MARKS, work_words
from gatekeeper.formats.terminal_text import cells, pad, phrase, wrap
from gatekeeper.formats.text_style import MARKS, WORDS, Role, TextStyle
from gatekeeper.model.gate_log import Approval, LaneLog, PillarLog
from gatekeeper.model.orchestration import Ending
from gatekeeper.model.verdict import Status

_STATUS_ROLES = {Status.PASSED: Role.GOOD, Status.SKIPPED: Role.QUIET}
_WIDEST_NAME = 30


def approval_text(approval: Approval, style: TextStyle) -> str:
    """The whole text, ending in a newline; the verdict and the line to go on with stand last."""
    lines = ["", style.paint(f"{safe(approval.title) or 'Orchestration'}", Role.TITLE)]
    lines += [style.paint(f"run {safe(approval.run)} on {safe(approval.base[:12])}", Role.QUIET)]
    lines += _group("Workstreams", [line for lane in approval.lanes for line in _lane(lane, approval, style)], style)
    lines += _group("Gate log", [line for log in approval.pillars for line in _pillar(log, style)], style)
    lines += _group("Figures", _items(figure_lines(approval), "  ", Role.PLAIN, style), style)
    lines += _group("Alarms", _items(alarm_lines(approval), "! ", Role.WARN, style), style)
    lines += _group("Notes", _items([phrase(note) for note in approval.notes], "  ", Role.PLAIN, style), style)
    where = place_rows(approval)
    width = max((len(name) for name, _ in where), default=0)
    lines += _group("The work", [f"  {name:<{width}}  {phrase(text)}" for name, text in where], style)
    remaining = [phrase(failure) for failure in approval.remaining]
    lines += _group("What remains", _items(remaining, "✗ ", Role.BAD, style), style)
    lines += ["", *_verdict(approval, style)]
    return "".join(f"{style.signs(line).rstrip()}\n" for line in lines)


def _group(title: str, lines: list[str], style: TextStyle) -> list[str]:
    return ["", style.paint(title, Role.TITLE), *lines] if lines else []


def _items(texts: list[str], sign: str, role: Role, style: TextStyle) -> list[str]:
    """Each text behind a sign, wrapped to the width."""
    lines: list[str] = []
    for text in texts:
        first, *rest = wrap(text, style.width - 4)
        lines += [f"  {style.paint(sign, role)}{first}" if sign.strip() else f"  {first}", *(f"    {r}" for r in rest)]
    return lines


def _lane(lane: LaneLog, approval: Approval, style: TextStyle) -> list[str]:
    sign, role = STATE_MARKS[lane.state]
    width = min(max(cells(safe(each.id)) for each in approval.lanes), _WIDEST_NAME)
    name = pad(style.fit(safe(lane.id), width), width)
    told = (work_words(lane.files, lane.added, lane.removed), lane_words(lane))
    words = "; ".join(text for text in told if text)
    head = (
        f"  {style.paint(sign, role)} {style.paint(name, Role.TITLE)}  {style.paint(f'{lane.state:<7}', role)}  {words}"
    )
    return [head, *(f"      {line}" for line in wrap(safe(lane.note), style.width - 6) if line)]


def _pillar(log: PillarLog, style: TextStyle) -> list[str]:
    role = _STATUS_ROLES.get(log.verdict, Role.BAD)
    mark = style.paint(f"{MARKS[log.verdict]} {log.pillar:<6}  {WORDS[log.verdict]}", role)
    gates = ", ".join(safe(gate) for gate in log.gates)
    return [
        f"  {mark}  {safe(log.summary)}",
        *(f"      {line}" for line in wrap(f"{examined_words(log)}; gates: {gates or 'none'}", style.width - 6)),
        f"      findings: {finding_words(log)}",
    ]


def _verdict(approval: Approval, style: TextStyle) -> list[str]:
    role = Role.GOOD if is_approved(approval) else Role.WARN if approval.ending is Ending.STOPPED else Role.BAD
    lines = [style.paint(verdict_words(approval), role)]
    return [*lines, f"  {phrase(approval.hint)}"] if approval.hint else lines
