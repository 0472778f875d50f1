"""An orchestration that goes on, as GitHub-flavoured Markdown; it changes when a state changes, and only then."""

from __future__ import annotations

from gatekeeper.formats.approval_markdown import STATE_MARKS
from gatekeeper.formats.closing import counted
from gatekeeper.formats.comment_budget import Row, Section, fitted
from gatekeeper.formats.lanes_board import LaneRow, LanesBoard
from gatekeeper.formats.lanes_text import attempt_words, iteration_words, work_words
from gatekeeper.formats.markdown_text import code, prose
from gatekeeper.model.orchestration import State

BUDGET = 60_000
"""Bytes of UTF-8; a comment on GitHub holds 65,536 characters."""

_HEAD = "\n| | Workstream | | Work | Agent |\n|---|---|---|---|---|\n"
_BAD = (State.BLOCKED, State.FAILED)


def lanes_markdown(board: LanesBoard, budget: int = BUDGET) -> str:
    """The state of the lanes and of the whole, of at most `budget` bytes (at least 2,000), ending in a newline."""
    over = sum(row.is_over for row in board.rows.values())
    told = [f"{over} of {counted(len(board.rows), 'workstream')} done"]
    told += [f"{iteration_words(board.iteration)} of mending"] if board.iteration else []
    title = f"{prose(board.began.title)}\n" if board.began.title.strip() else ""
    run = f"run {code(board.began.run, 60)} on {code(board.began.base[:12])}"
    rows = tuple(Row(2 if row.state in _BAD else 3, (_row(row),)) for row in board.rows.values())
    sections = [
        Section(0, f"**At work: {prose('; '.join(told))}**\n\n{title}"),
        Section(1, _whole(board)),
        Section(2, _HEAD, rows, noun="workstream"),
        Section(4, f"\n<sub>{run}</sub>\n"),
    ]
    return fitted(sections, budget, "in the log of this job")


def _whole(board: LanesBoard) -> str:
    """The last joining and the last judgement of the whole, as far as there were any."""
    lines = []
    if board.integrated:
        bad = counted(len(board.integrated.conflicts), "path")
        conflict = f", {bad} in conflict" if board.integrated.conflicts else ""
        joined = counted(len(board.integrated.lanes), "workstream")
        lines.append(f"joined {joined}{conflict}: {code(board.integrated.commit[:12])}")
    if board.judged:
        findings = f", {counted(board.judged.findings, 'finding')}" if board.judged.findings else ""
        lines.append(f"the whole was judged: {prose(board.judged.exit.replace('_', ' '), 40)}{findings}")
        lines += [prose(verdict, 200) for verdict in board.judged.verdicts[:20]]
    return "".join(["\n", *(f"- {line}\n" for line in lines)]) if lines else ""


def _row(row: LaneRow) -> str:
    name = " ".join(part for part in (code(row.lane.id, 60), prose(row.lane.title, 120)) if part)
    cells = (
        STATE_MARKS.get(row.state, "·"),
        name,
        f"{row.state}{f': {prose(row.note, 200)}' if row.note else ''}",
        prose(work_words(row.files, row.added, row.removed)),
        prose(f"{row.agent or row.lane.agent}{attempt_words(row.attempt)}", 80),
    )
    return f"| {' | '.join(cells)} |\n"
