"""Reads a plan and its account back from documents that keep to their schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from gatekeeper.model.account import Account, Alarm, Efficiency, Fault, FirstTime, Waited
from gatekeeper.model.plan import (
    ChangePlan,
    Classification,
    Criterion,
    Dependency,
    Evidence,
    Kind,
    Phase,
    Pillar,
    Placement,
    Schedule,
    Targets,
    Unit,
    Workstream,
)

_Entry = Mapping[str, Any]
_BOUNDS = ("work", "critical_path", "lower_bound", "graham_bound", "makespan", "speed_up", "possible", "rate")
_FIGURES = (
    *("makespan", "work", "bound", "speed_up", "possible", "launch_spread", "rate", "achievable_rate"),
    *("avoidable_idle", "idle_share", "utilisation", "bottleneck", "graham_bound"),
)


def read_plan(document: _Entry) -> ChangePlan:
    """The plan of a document that keeps to `plan.schema.json`. Paths are as the document shows them."""
    width = document["width"]
    return ChangePlan(
        title=document["title"],
        classification=Classification(Kind(document["kind"]), tuple(map(_evidence, document["evidence"]))),
        delegation=document["delegation"],
        units=tuple(map(_unit, document["units"])),
        workstreams=tuple(map(_workstream, document["workstreams"])),
        schedule=_schedule(document["schedule"]),
        width_primary=width["code"],
        width=width["with_quality"],
        modes=tuple(document["modes"]),
        notes=tuple(document["notes"]),
        targets=_targets(document.get("targets") or {}),
    )


def read_account(document: _Entry) -> Account:
    """The account of a document that keeps to `report.schema.json`. Raises ValueError for an unknown fault."""
    done, first = document["efficiency"], document.get("first_time")
    efficiency = Efficiency(
        slots=int(_number(done, "slots")),
        most_at_once=int(_number(done, "most_at_once")),
        **{name: _number(done, name) for name in _FIGURES},
        waited=tuple(Waited(each["id"], float(each["seconds"])) for each in done["waited"]),
    )
    return Account(
        efficiency=efficiency,
        alarms=tuple(
            Alarm(Fault(each["fault"]), each["saw"], each["remedy"], tuple(each["about"]))
            for each in document["alarms"]
        ),
        gate_coverage=float(document["gate_coverage"]),
        unexamined=tuple(document["unexamined"]),
        first_time=FirstTime(**{each.name: first.get(each.name) or 0 for each in fields(FirstTime)}) if first else None,
    )


def _number(entry: _Entry, name: str) -> float:
    return float(entry[name] or 0)


def _evidence(entry: _Entry) -> Evidence:
    kind = entry["for_kind"]
    return Evidence(entry["signal"], entry["shows"], Kind(kind) if kind else None)


def _needs(entries: Sequence[_Entry]) -> tuple[Dependency, ...]:
    return tuple(Dependency(each["on"], each["basis"], each["proof"], each["hint"]) for each in entries)


def _unit(entry: _Entry) -> Unit:
    return Unit(entry["path"], tuple(entry["files"]), tuple(entry["definitions"]), _needs(entry["needs"]))


def _workstream(entry: _Entry) -> Workstream:
    return Workstream(
        id=entry["id"],
        title=entry["title"],
        pillar=Pillar(entry["pillar"]),
        phase=Phase(entry["phase"]),
        agent=entry["agent"]["name"],
        agent_reason=entry["agent"]["reason"],
        scope=tuple(entry["scope"]),
        criteria=tuple(Criterion(each["text"], each["met"], seen=each.get("seen", "")) for each in entry["criteria"]),
        needs=_needs(entry["needs"]),
        estimate=_number(entry["estimate"], "seconds"),
        estimate_basis=entry["estimate"]["basis"],
    )


def _schedule(entry: _Entry) -> Schedule:
    return Schedule(
        agents=int(entry["agents"]),
        placements=tuple(
            Placement(each["workstream"], each["lane"], _number(each, "start"), _number(each, "end"))
            for each in entry["placements"]
        ),
        **{name: _number(entry, name) for name in _BOUNDS},
        exact=entry["exact"],
    )


def _targets(entry: _Entry) -> Targets | None:
    """The aims of a run; None where one of them is missing."""
    names = [each.name for each in fields(Targets)]
    return Targets(**{name: entry[name] for name in names}) if all(name in entry for name in names) else None
