"""Writes down how far an orchestration has come, and reads it back to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from gatekeeper.formats.plan_json import plan_document
from gatekeeper.formats.plan_reader import read_plan
from gatekeeper.model.errors import UsageError
from gatekeeper.model.orchestration import Landed, Progress, Work
from gatekeeper.model.plan import ChangePlan, Measure, Pillar

SCHEMA = "gatekeeper.orchestration-state/1"
_REMEDY = "start anew with `gatekeeper orchestrate`; what it had committed lies under refs/gatekeeper/orchestrations/"


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept of an orchestration.

    `base` is the commit that it works on and is judged against, `given` the commit that was there already, equal to
    the base where nothing was. `agent` is the one that the command line named for whoever has none, `agents` how many
    work at a time. `branch` is the name that was wished for. `ending` is a word of `Ending`, empty while it runs.
    """

    plan: ChangePlan
    base: str
    given: str
    agents: int
    agent: str = ""
    branch: str = ""
    progress: Progress = field(default_factory=Progress)
    ending: str = ""
    passes: int = 0


def kept_document(kept: Kept) -> dict[str, Any]:
    """The document, of plain values."""
    return {
        "schema": SCHEMA,
        "title": kept.plan.title,
        "ending": kept.ending,
        "base": kept.base,
        "given": kept.given,
        "agents": kept.agents,
        "agent": kept.agent,
        "branch": kept.branch,
        "passes": kept.passes,
        "progress": {
            "head": kept.progress.head,
            "iteration": kept.progress.iteration,
            "landed": [_landed(each) for each in kept.progress.landed],
        },
        "plan": plan_document(kept.plan),
        # a plan for others says in words alone what it measures
        "measures": [[[c.measure, c.least] for c in stream.criteria] for stream in kept.plan.workstreams],
    }


def read_kept(document: Mapping[str, Any]) -> Kept:
    """What a document keeps. Raises `UsageError` for one that was not written by this version's like."""
    if document.get("schema") != SCHEMA:
        raise UsageError("what is kept of this orchestration was written by another version of Gatekeeper", _REMEDY)
    try:
        progress = document["progress"]
        return Kept(
            plan=_measured(read_plan(document["plan"]), document["measures"]),
            base=str(document["base"]),
            given=str(document["given"]),
            agents=int(document["agents"]),
            agent=str(document["agent"]),
            branch=str(document["branch"]),
            progress=Progress(
                str(progress["head"]), tuple(map(_read_landed, progress["landed"])), int(progress["iteration"])
            ),
            ending=str(document["ending"]),
            passes=int(document["passes"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as damage:
        raise UsageError(f"what is kept of this orchestration is damaged: {damage!r}", _REMEDY) from damage


def _measured(plan: ChangePlan, measures: Any) -> ChangePlan:
    streams = [
        replace(
            stream,
            criteria=tuple(
                replace(criterion, measure=Measure(measure) if measure else None, least=least)
                for criterion, (measure, least) in zip(stream.criteria, held, strict=True)
            ),
        )
        for stream, held in zip(plan.workstreams, measures, strict=True)
    ]
    return replace(plan, workstreams=tuple(streams))


def _landed(landed: Landed) -> dict[str, Any]:
    work = {name: value for name, value in asdict(landed.work).items() if name not in ("findings", "criteria")}
    return {**{each.name: getattr(landed, each.name) for each in fields(landed)}, "work": work}


def _read_landed(entry: Mapping[str, Any]) -> Landed:
    work = dict(entry["work"])
    texts = {name: tuple(work.pop(name)) for name in ("lane", "conflict")}
    done = Work(**{**work, **texts, "pillar": Pillar(work["pillar"])})
    return Landed(**{**entry, "work": done, "files": tuple(entry["files"])})
