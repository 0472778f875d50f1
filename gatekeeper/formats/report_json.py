"""A report as a JSON document, in the form that `schemas/report.schema.json` describes."""

from __future__ import annotations

import math
from base64 import b64encode
from dataclasses import asdict, replace
from typing import Any

from gatekeeper import __version__
from gatekeeper.formats.terminal_text import name_bytes, without_surrogates
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
        "policy": {"source": report.policy_source},
        "change": {
            "counts": {
                "files": len(report.change.files),
                "added_lines": sum(hunk.new_count for file in report.change.files for hunk in file.hunks),
                "removed_lines": sum(hunk.old_count for file in report.change.files for hunk in file.hunks),
            },
            "files": [_file(file) for file in report.change.files],
        },
        "verdicts": [_verdict(verdict) for verdict in report.verdicts],
        "plan": {"jobs": [_job(job, outcomes.get(job.id)) for job in report.jobs]},
        "metrics": asdict(report.metrics),
        "notes": list(report.notes),
        "troubles": list(report.troubles),
    }
    clean: dict[str, Any] = _clean(document)
    return clean


def _file(file: FileChange) -> dict[str, Any]:
    return {
        **_path("path", file.path),
        "kind": file.kind.value,
        **_path("old_path", file.old_path),
        "added": [[span.start, span.end] for span in file.added],
        "definitions": [
            {"name": d.name, "kind": d.kind, "start": d.span.start, "end": d.span.end} for d in file.definitions
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
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "gate": finding.gate,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        **_path("path", finding.path),
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


def _path(key: str, path: str | None) -> dict[str, str | None]:
    """The path under its key, and where it is no UTF-8 its exact bytes in Base64 under `<key>_bytes`."""
    if path is None or without_surrogates(path) == path:
        return {key: path}
    raw = name_bytes(path)
    return {key: raw.decode("utf-8", "replace"), f"{key}_bytes": b64encode(raw).decode("ascii")}


def _clean(value: Any) -> Any:
    """The value with U+FFFD for lone surrogates and null for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
