"""A report as a JSON document, in the form that `schemas/report.schema.json` describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from gatekeeper import __version__
from gatekeeper.formats.fix_text import fixes_document
from gatekeeper.formats.json_values import json_path, json_value
from gatekeeper.formats.plan_json import plan_document
from gatekeeper.formats.policy_text import changes_document, override_document, overrides_document
from gatekeeper.formats.python_source import touched_definitions
from gatekeeper.formats.terminal_text import name_bytes
from gatekeeper.model.change import FileChange
from gatekeeper.model.finding import Finding
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Verdict

SCHEMA = "gatekeeper.report/1"
"""The version of the document: fields may join it, but none leaves or changes its meaning without a new number."""


def report_document(report: Report) -> dict[str, Any]:
    """The report as values that any JSON encoder takes: no lone surrogates, no infinities, times in seconds."""
    outcomes = {outcome.job: outcome for outcome in report.outcomes}
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "exit": int(report.exit),
        "verdict": report.exit.name.lower(),
        "seconds": report.seconds,
        "target": {
            "kind": report.target.kind.value,
            "title": report.target.title,
            "base": report.target.base,
            "head": report.target.head,
            "base_tree": report.target.base_tree,
            "head_tree": report.target.head_tree,
        },
        "policy": {
            "source": report.policy_source,
            "changes": changes_document(report.policy_changes),
            "overrides": overrides_document(report.overrides),
        },
        "change": _change(report.change.files),
        "verdicts": [_verdict(verdict) for verdict in report.verdicts],
        "plan": {
            "jobs": [_job(job, outcomes.get(job.id)) for job in report.jobs],
            "change": plan_document(report.plan) if report.plan else None,
            "account": asdict(report.account) if report.account else None,
        },
        "metrics": asdict(report.metrics),
        "fixes": fixes_document(report.fixes) if report.fixes else None,
        "notes": list(report.notes),
        "troubles": list(report.troubles),
    }
    clean: dict[str, Any] = json_value(document)
    return clean


def _change(files: Sequence[FileChange]) -> dict[str, Any]:
    counts = {
        "files": len(files),
        "added_lines": sum(hunk.new_count for file in files for hunk in file.hunks),
        "removed_lines": sum(hunk.old_count for file in files for hunk in file.hunks),
    }
    return {"counts": counts, "files": [_file(file) for file in files]}


def _file(file: FileChange) -> dict[str, Any]:
    return {
        **json_path("path", file.path),
        "kind": file.kind.value,
        **(json_path("old_path", file.old_path) if file.old_path else {"old_path": None}),
        "added": [[span.start, span.end] for span in file.added],
        "definitions": [
            {"name": d.name, "kind": d.kind, "start": d.span.start, "end": d.span.end}
            for d in touched_definitions(file)
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "gate": verdict.gate,
        "project": verdict.project,
        "status": verdict.status.value,
        "advisory": verdict.advisory,
        "blocks": verdict.blocks,
        "summary": verdict.summary,
        "measured": verdict.measured,
        "required": verdict.required,
        "unit": verdict.unit,
        "findings": [_finding(finding) for finding in sorted(verdict.findings, key=lambda finding: finding.order)],
        "notes": list(verdict.notes),
        "hint": verdict.hint,
        "seconds": verdict.seconds,
        "reused": verdict.reused,
        "override": override_document(verdict.override),
        "waived": verdict.waived,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "gate": finding.gate,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        **json_path("path", finding.path),
        "line": finding.line,
        "end_line": finding.end_line,
        "column": finding.column,
        "detail": finding.detail,
        "blocks": finding.blocks,
        "fingerprint": _fingerprint(finding),
    }


def _fingerprint(finding: Finding) -> str:
    """The finding's own, also where a foreign text holds a surrogate that stands for no byte."""
    return replace(
        finding,
        gate=_named(finding.gate),
        rule=_named(finding.rule),
        path=_named(finding.path),
        message=_named(finding.message),
    ).fingerprint


def _named(text: str) -> str:
    return name_bytes(text).decode("utf-8", "surrogateescape")


def _job(job: Job, outcome: Outcome | None) -> dict[str, Any]:
    return {
        "id": job.id,
        "gate": job.gate,
        "label": job.label,
        "argv": list(job.argv),
        "needs": [{"job": need.job, "proof": need.proof} for need in job.needs],
        "estimate": job.estimate,
        "started": outcome.started if outcome else None,
        "seconds": outcome.seconds if outcome else None,
        "cpu_seconds": outcome.cpu_seconds if outcome else None,
        "exit_code": outcome.exit_code if outcome else None,
        "problem": outcome.problem if outcome else "",
    }
