"""Renders the summary of a job of GitHub Actions: all that the comment has no room for, and the measured times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.formats.comment import with_footer
from gatekeeper.formats.comment_budget import Row, Section
from gatekeeper.formats.comment_parts import (
    SUMMARY,
    failed_gates,
    gate_table,
    headline,
    notes_section,
    passed_gates,
    plan_section,
    policy_section,
)
from gatekeeper.formats.durations import duration
from gatekeeper.formats.markdown_text import code, prose
from gatekeeper.formats.report_reader import read_report
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.job import Outcome
from gatekeeper.model.report import Report

BUDGET = 900_000
"""Bytes of UTF-8. GitHub takes 1 MiB a step, and refuses the whole summary above it."""

_TIMES = 9
_COLUMNS = 40


def render_summary(report: Mapping[str, Any], context: CommentContext | None = None, budget: int = BUDGET) -> str:
    """The summary, of at most `budget` bytes, ending in a newline; without a context its findings are no links.

    Raises UnreadableReport for a document that is no report.
    """
    read = read_report(report)
    sections = [
        Section(0, headline(read.report)),
        *gate_table(read.report),
        *policy_section(read.report, SUMMARY),
        *failed_gates(read.report, context, SUMMARY),
        *passed_gates(read.report, context, SUMMARY),
        *plan_section(read.report, SUMMARY),
        *_times(read.report),
        *notes_section((*read.report.notes, *read.report.troubles)),
    ]
    return with_footer(sections, read, context, budget, "in the JSON report")


def _times(report: Report) -> list[Section]:
    """When each job of a gate started, how long it took, and both as a bar."""
    if not report.outcomes:
        return []
    labels = {job.id: job.label for job in report.jobs}
    end = max(outcome.started + outcome.seconds for outcome in report.outcomes) or 1.0
    rows = tuple(
        Row(_TIMES, (_time_row(outcome, labels.get(outcome.job, ""), end),))
        for outcome in sorted(report.outcomes, key=lambda outcome: outcome.started)
    )
    head = "\n<details>\n<summary>Measured times</summary>\n\n| Job | | Started | Took | |\n|---|---|---:|---:|---|\n"
    return [Section(_TIMES, head, rows, "\n</details>\n", noun="job")]


def _time_row(outcome: Outcome, label: str, end: float) -> str:
    first = min(int(outcome.started / end * _COLUMNS), _COLUMNS - 1)
    length = max(1, min(round(outcome.seconds / end * _COLUMNS), _COLUMNS - first))
    bar = "░" * first + "█" * length + "░" * (_COLUMNS - first - length)
    cells = (code(outcome.job, 80), prose(label, 120), duration(outcome.started), duration(outcome.seconds), bar)
    return f"| {' | '.join(cells)} |\n"
