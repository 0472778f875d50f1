"""The end of an orchestration as GitHub-flavoured Markdown, for the summary of a job or a comment."""

from __future__ import annotations

from gatekeeper.formats.approval_words import (
    alarm_lines,
    examined_words,
    figure_lines,
    finding_words,
    is_approved,
    lane_words,
    place_rows,
    verdict_words,
)
from gatekeeper.formats.comment_budget import Row, Section, fitted
from gatekeeper.formats.lanes_text import work_words
from gatekeeper.formats.markdown_text import code, encoded, prose
from gatekeeper.formats.text_style import MARKS, WORDS
from gatekeeper.model.gate_log import Approval, LaneLog, PillarLog
from gatekeeper.model.orchestration import State

BUDGET = 60_000
"""Bytes of UTF-8; a comment on GitHub holds 65,536 characters."""

STATE_MARKS = {
    State.PASSED: "✓",
    State.LANDED: "✓",
    State.BLOCKED: "✗",
    State.FAILED: "✗",
    State.STOPPED: "–",
}
"""The sign of a state; those without one are still on their way."""

_PILLARS = "\n| | Gate log | | Looked at | Findings |\n|---|---|---|---|---|\n"
_LANES = "\n| | Workstream | | Work | Agent |\n|---|---|---|---|---|\n"


def approval_markdown(approval: Approval, budget: int = BUDGET) -> str:
    """The section, of at most `budget` bytes (at least 4,000), ending in a newline.

    What has no room is left out and counted: first figures and notes, then workstreams; what remains goes last.
    """
    mark = "✓" if is_approved(approval) else "✗"
    title = f"\n{prose(approval.title)}\n" if approval.title.strip() else ""
    sections = [
        Section(0, f"**{mark} {prose(verdict_words(approval))}**{_next(approval)}\n{title}"),
        Section(1, "\nWhat remains:\n\n", _items(1, approval.remaining), noun="failure")
        if approval.remaining
        else None,
        Section(1, _where(approval)),
        Section(2, _PILLARS, tuple(Row(2, (_pillar(log),)) for log in approval.pillars)) if approval.pillars else None,
        Section(3, _LANES, tuple(Row(3, (_lane(lane),)) for lane in approval.lanes), noun="workstream")
        if approval.lanes
        else None,
        Section(4, "\n", _items(4, [*alarm_lines(approval), *figure_lines(approval)]), noun="figure"),
        Section(5, "\n", _items(5, approval.notes), noun="note") if approval.notes else None,
    ]
    return fitted([section for section in sections if section], budget, "in the JSON form of this orchestration")


def _next(approval: Approval) -> str:
    return f" Go on with {code(approval.hint)}." if approval.hint else ""


def _where(approval: Approval) -> str:
    rows = [f"{name} {code(text)}" for name, text in place_rows(approval)]
    run = f"run {code(approval.run, 60)} on {code(approval.base[:12])}"
    return f"\n{' · '.join([*rows, run])}\n"


def _items(rank: int, texts: list[str] | tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(Row(rank, (f"- {prose(text, 400)}\n", f"- {prose(text, 80)}\n")) for text in texts)


def _pillar(log: PillarLog) -> str:
    cells = (
        MARKS[log.verdict],
        f"{log.pillar}: {WORDS[log.verdict].lower()}",
        prose(log.summary, 200),
        prose(examined_words(log), 300),
        prose(finding_words(log)),
    )
    return f"| {' | '.join(cells)} |\n"


def _lane(lane: LaneLog) -> str:
    name = " ".join(part for part in (code(lane.id, 60), prose(lane.title, 120)) if part)
    note = f": {prose(lane.note, 200)}" if lane.note else ""
    work = encoded(work_words(lane.files, lane.added, lane.removed))
    cells = (STATE_MARKS.get(lane.state, "·"), name, f"{lane.state}{note}", work, prose(lane_words(lane), 160))
    return f"| {' | '.join(cells)} |\n"
