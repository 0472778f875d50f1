"""A plan as a JSON document, in the form that `schemas/plan.schema.json` describes, and as a matrix for GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from gatekeeper import __version__
from gatekeeper.formats.json_values import json_path, json_paths, json_value
from gatekeeper.formats.plan_mermaid import plain_label
from gatekeeper.formats.plan_words import hard
from gatekeeper.model.plan import ChangePlan, Dependency, Schedule, Unit, Workstream

SCHEMA = "gatekeeper.plan/1"
"""The version of the document: fields may join it, but none leaves or changes its meaning without a new number."""

MOST_JOBS = 256
"""As many jobs a matrix of GitHub Actions may have."""

LONGEST_MATRIX = 1_000_000
"""Characters; all outputs of a job of GitHub Actions together may have 1 MB."""


def plan_document(plan: ChangePlan) -> dict[str, Any]:
    """The plan as values that any JSON encoder takes: no lone surrogates, no infinities, times in seconds."""
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "title": plan.title,
        "kind": plan.classification.kind.value,
        "evidence": [
            {"signal": e.signal, "shows": e.shows, "for_kind": e.for_kind.value if e.for_kind else None}
            for e in plan.classification.evidence
        ],
        "delegation": plan.delegation,
        "width": {"code": plan.width_primary, "with_quality": plan.width},
        "modes": list(plan.modes),
        "units": [_unit(unit) for unit in plan.units],
        "workstreams": [_workstream(stream) for stream in plan.workstreams],
        "schedule": _schedule(plan.schedule),
        "targets": asdict(plan.targets) if plan.targets else None,
        "notes": list(plan.notes),
    }
    clean: dict[str, Any] = json_value(document)
    return clean


def plan_json(plan: ChangePlan) -> str:
    """The document as text, ending in a newline; the same plan always gives the same bytes."""
    return json.dumps(plan_document(plan), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plan_matrix(plan: ChangePlan) -> str:
    """The workstreams as a matrix for `strategy.matrix` of GitHub Actions, on one line of ASCII without its end.

    `name` holds letters, digits and ` ._/-` only. `scope` holds the paths as they are: a workflow has to take them from
    the environment and never from an expression within a script. The jobs of a matrix start together, so `needs` tells
    what to wait for and makes nobody wait.
    """
    include = [
        {
            "id": plain_label(stream.id) or f"w{number}",
            "name": plain_label(stream.title) or f"w{number}",
            "agent": plain_label(stream.agent),
            "scope": list(stream.scope),
            "needs": [plain_label(need.on) for need in hard(stream.needs)],
        }
        for number, stream in enumerate(plan.workstreams, 1)
    ]
    return json.dumps(json_value({"include": include}), separators=(",", ":"))


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        **json_path("path", unit.path),
        **json_paths("files", unit.files),
        "definitions": list(unit.definitions),
        "needs": _needs(unit.needs),
    }


def _workstream(stream: Workstream) -> dict[str, Any]:
    return {
        "id": stream.id,
        "title": stream.title,
        "pillar": stream.pillar.value,
        "phase": stream.phase.value,
        "agent": {"name": stream.agent, "reason": stream.agent_reason},
        **json_paths("scope", stream.scope),
        "criteria": [
            {"text": criterion.text, "met": criterion.met, "seen": criterion.seen} for criterion in stream.criteria
        ],
        "needs": _needs(stream.needs),
        "estimate": {"seconds": stream.estimate, "basis": stream.estimate_basis},
    }


def _needs(needs: Iterable[Dependency]) -> list[dict[str, Any]]:
    return [{**json_path("on", n.on), "basis": n.basis, "proof": n.proof, "hint": n.hint} for n in needs]


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {
        "agents": schedule.agents,
        "placements": [
            {"workstream": p.workstream, "lane": p.lane, "start": p.start, "end": p.end} for p in schedule.placements
        ],
        "work": schedule.work,
        "critical_path": schedule.critical_path,
        "lower_bound": schedule.lower_bound,
        "graham_bound": schedule.graham_bound,
        "makespan": schedule.makespan,
        "speed_up": schedule.speed_up,
        "possible": schedule.possible,
        "rate": schedule.rate,
        "exact": schedule.exact,
    }
