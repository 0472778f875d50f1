"""Renders the one comment that a pull request gets, from the JSON report of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.formats.comment_budget import Section, fitted
from gatekeeper.formats.comment_links import run_link
from gatekeeper.formats.comment_parts import (
    COMMENT,
    failed_gates,
    gate_table,
    headline,
    notes_section,
    passed_gates,
    plan_section,
    policy_section,
    volatile,
)
from gatekeeper.formats.durations import duration
from gatekeeper.formats.markdown_text import code, prose
from gatekeeper.formats.report_reader import ReadReport, read_report
from gatekeeper.model.comment_context import CommentContext

BUDGET = 60_000
"""Bytes of UTF-8. GitHub takes 65,536 characters, however it counts them."""

_VOLATILE = re.compile(r"<!--v-->.*?<!--/v-->", re.DOTALL)
_DURATION = re.compile(r"\b[0-9]+(?:(?:\.|&#46;)[0-9]+)? ?(?:ms|s|min|h)\b")
_RUN = re.compile(r"\A(<!-- gatekeeper:v1 id=\S+) run=\S+")


def render_comment(report: Mapping[str, Any], context: CommentContext, budget: int = BUDGET) -> str:
    """The body of the comment, of at most `budget` bytes, ending in a newline; the marker stands on line 1.

    `report` is the document that `gatekeeper run --format json` writes. The same report and context give the same
    bytes. Raises UnreadableReport for a document that is no report.
    """
    read = read_report(report)
    sections: list[Section] = [
        Section(0, f"{context.marker}\n{headline(read.report)}"),
        *gate_table(read.report),
        *policy_section(read.report, COMMENT),
        *failed_gates(read.report, context, COMMENT),
        *passed_gates(read.report, context, COMMENT),
        *plan_section(read.report, COMMENT),
        *notes_section((*read.report.notes, *read.report.troubles)),
    ]
    return with_footer(sections, read, context, budget, "in the job summary")


def stable_part(body: str) -> str:
    """A body without what differs between two runs with the same result: the run, its link, and all times.

    Two bodies whose stable parts are equal say the same of the same commit.
    """
    text = _VOLATILE.sub("", _RUN.sub(r"\1", body.replace("\r\n", "\n").strip()))
    return _DURATION.sub("~", text)


def with_footer(
    sections: Sequence[Section], read: ReadReport, context: CommentContext | None, budget: int, elsewhere: str
) -> str:
    """The sections, fitted into the budget, and the line that says what was judged by what.

    `elsewhere` says where what has no room can be read.
    """
    link = run_link(context)
    target = read.report.target
    commit = context.head_sha if context else target.head or target.head_tree
    judged = [code(commit[:12])] if commit[:7] not in target.title else []
    parts = [
        f"Judged {' · '.join([*judged, prose(target.title, 120)])}",
        f"policy: {prose(read.report.policy_source, 120)}" if read.report.policy_source else "",
        volatile(", ".join(filter(None, (duration(read.report.seconds), f"[run]({link})" if link else "")))),
        f"Gatekeeper {prose(read.version, 40)}",
    ]
    footer = f"\n<sub>{' · '.join(part for part in parts if part)}</sub>\n"
    return fitted(sections, budget - len(footer.encode("utf-8")), elsewhere) + footer
