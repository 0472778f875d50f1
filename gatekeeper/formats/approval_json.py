"""The end of an orchestration as a JSON document, in the form that `schemas/orchestration.schema.json` describes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from gatekeeper import __version__
from gatekeeper.formats.json_values import json_paths, json_value
from gatekeeper.model.gate_log import Approval, PillarLog

SCHEMA = "gatekeeper.orchestration/1"


def approval_json(approval: Approval) -> str:
    """The document as ASCII, ending in a newline."""
    return json.dumps(approval_document(approval), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def approval_document(approval: Approval) -> dict[str, Any]:
    """The end as values that any JSON encoder takes; paths that are no UTF-8 also as their bytes."""
    document: dict[str, Any] = json_value(
        {
            "schema": SCHEMA,
            "version": __version__,
            **{name: getattr(approval, name) for name in ("run", "title", "base", "commit", "branch", "patch")},
            "ending": approval.ending.value,
            "applied": approval.applied,
            "seconds": approval.seconds,
            "iterations": approval.iterations,
            "iteration_limit": approval.limit,
            "integration_seconds": approval.integration,
            "lanes": [asdict(lane) for lane in approval.lanes],
            "pillars": [_pillar(log) for log in approval.pillars],
            "account": asdict(approval.account) if approval.account else None,
            "remaining": list(approval.remaining),
            "notes": list(approval.notes),
            "hint": approval.hint,
        }
    )
    return document


def _pillar(log: PillarLog) -> dict[str, Any]:
    return {
        "pillar": log.pillar.value,
        "verdict": log.verdict.value,
        "gates": list(log.gates),
        "seconds": log.seconds,
        "judgements": log.judgements,
        **json_paths("files", log.files),
        "findings": {severity.value: count for severity, count in log.findings},
        "findings_of_all_judgements": log.found,
        "tests_run": log.tests_run,
        **json_paths("documents", log.documents),
        "summary": log.summary,
    }
