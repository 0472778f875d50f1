"""An audit as text for people, as Markdown, and as a JSON document."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from gatekeeper import __version__
from gatekeeper.formats.closing import counted, listed
from gatekeeper.formats.json_values import json_value
from gatekeeper.formats.markdown_text import code, prose
from gatekeeper.formats.terminal_text import fit, phrase, without_surrogates, wrap
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.audit import Audit, Finding, Standing
from gatekeeper.model.record import RunRecord
from gatekeeper.model.verdict import Status

SCHEMA = "gatekeeper.audit/1"
"""The version of the document: fields may join it, but none leaves or changes its meaning without a new number."""

NOT_HERE = (
    "No verdict is recorded in this repository. If others have recorded some: "
    "git fetch origin refs/notes/gatekeeper:refs/notes/gatekeeper"
)
_WORD = max(len(standing.value) for standing in Standing)


def audit_text(audit: Audit, style: TextStyle) -> str:
    """Two lines for each commit, the oldest first, and the gate coverage; ends in a newline."""
    lines = []
    for finding in audit.findings:
        mark = "✓" if finding.standing.counts else "✗"
        head = f"  {mark} {finding.standing.value:<{_WORD}}  {finding.commit.id[:9]}  "
        lines.append(head + fit(_title(finding), max(20, style.width - len(head))))
        indent = " " * (_WORD + 6)
        lines += [indent + line for line in wrap(explained(finding), max(20, style.width - len(indent)))]
    lines += [*([""] if lines else []), *wrap(summary(audit), style.width)]
    return "".join(f"{style.signs(line).rstrip()}\n" for line in lines)


def audit_markdown(audit: Audit) -> str:
    """The summary and a table with a row for each commit, for a comment or a file."""
    lines = [f"**{summary(audit)}**", ""]  # holds our own words alone
    if audit.findings:
        lines += ["| | Commit | | |", "|---|---|---|---|"]
    for finding in audit.findings:
        mark = "✓" if finding.standing.counts else "✗"
        cells = (
            f"{mark} {finding.standing.value}", code(finding.commit.id[:9]), prose(_title(finding), 100),
            prose(explained(finding), 400),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"Range `{audit.base[:9]}..{audit.head[:9]}`. Gatekeeper {__version__}."]) + "\n"


def audit_document(audit: Audit) -> dict[str, Any]:
    """The audit as values that any JSON encoder takes, in the form of `schemas/audit.schema.json`."""
    document: dict[str, Any] = json_value(
        {
            "schema": SCHEMA,
            "version": __version__,
            "base": audit.base,
            "head": audit.head,
            "commits": len(audit.findings),
            "covered": audit.covered,
            "share": audit.share,
            "counts": {standing.value: _count(audit, standing) for standing in Standing},
            "findings": [_finding(finding) for finding in audit.findings],
        }
    )
    return document


def summary(audit: Audit) -> str:
    """The gate coverage, and how many commits stand how."""
    total = len(audit.findings)
    if not total:
        return "There is no commit in the range."
    counts = Counter(finding.standing for finding in audit.findings)
    told = ", ".join(f"{counts[standing]} {standing}" for standing in Standing if counts[standing])
    # rounded down: what is not all of them never looks as if it were
    share = f"{100 * audit.covered // total} %"
    return f"Gate coverage {audit.covered} of {counted(total, 'commit')} ({share}): {told}."


def explained(finding: Finding) -> str:
    """What is known of a commit, in one sentence."""
    run = finding.run
    told = [finding.detail] if finding.detail else []
    if run is not None:
        bad = [f"{phrase(g.name)} {_said(g.status)}" for g in run.gates if g.status in (Status.FAILED, Status.ERROR)]
        waived = [f"{phrase(gate.name)} was skipped: {phrase(gate.reason)}" for gate in run.waived]
        told += [*([listed(bad)] if bad else []), *waived, _when(run)]
    return "; ".join(told)


def _said(status: Status) -> str:
    return "failed" if status is Status.FAILED else "could not be checked"


def _when(run: RunRecord) -> str:
    """When a run was made and by which version; a note may hold any number."""
    try:
        moment = f"{datetime.fromtimestamp(run.when, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        moment = "at an unknown time"
    return f"run {moment}, Gatekeeper {phrase(run.version) or 'unknown'}"


def _title(finding: Finding) -> str:
    merge = "merge: " if len(finding.commit.parents) > 1 else ""
    return merge + phrase(finding.commit.subject)


def _count(audit: Audit, standing: Standing) -> int:
    return sum(finding.standing is standing for finding in audit.findings)


def _finding(finding: Finding) -> dict[str, Any]:
    commit = finding.commit
    return {
        "commit": commit.id,
        "tree": commit.tree,
        "parents": list(commit.parents),
        "subject": commit.subject,
        "standing": finding.standing.value,
        "counts": finding.standing.counts,
        "detail": finding.detail,
        "run": _run(finding.run) if finding.run else None,
    }


def _run(run: RunRecord) -> dict[str, Any]:
    return {
        "when": run.when,
        "exit": run.exit,
        "kind": run.kind,
        "head_tree": run.head_tree,
        "base_tree": run.base_tree,
        "policy": run.policy,
        "version": run.version,
        "gates": {without_surrogates(gate.name): gate.status.value for gate in run.gates},
        "skipped": {without_surrogates(gate.name): gate.reason for gate in run.waived},
    }
