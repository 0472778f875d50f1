"""What is kept of an orchestration comes back as it was, and damage is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.formats.orchestration_state import Kept, kept_document, read_kept
from gatekeeper.formats.task_file import Goal, Task
from gatekeeper.model.errors import UsageError
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.orchestration import Landed, Progress, Work
from gatekeeper.model.plan import Pillar
from gatekeeper.model.rules import Level, Rules
from gatekeeper.planning.planner import Demand
from gatekeeper.planning.tasks import task_plan

RULES = Rules(
    tuple((level, number) for level, number in zip(Level, (1, 3, 8, 16), strict=True)), 2, 10, 0.8, 0.9, 1,
    (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS), 3,
)  # fmt: skip


def example() -> Kept:
    plan = task_plan(Task("Add things", "", (Goal("a", "do a", ("a/**",)),), "plan.yml"), (), Demand(RULES))
    finding = Finding("tests", "failed", "it fails", Severity.HIGH)
    work = Work("primary", "do a", Pillar.PRIMARY, "implementer", ("a/**",), "0" * 40, 2, "hung", ("x",), (finding,))
    landed = Landed(work, "1" * 40, ("a/x.py",), 3, 1, note="odd")
    return Kept(plan, "0" * 40, "0" * 40, 8, "codex", "topic", Progress("2" * 40, (landed,), 1), "", 1)


def through_json(document: dict[str, Any]) -> dict[str, Any]:
    back = json.loads(json.dumps(document))
    assert isinstance(back, dict)
    return back


def test_all_comes_back() -> None:
    kept = example()
    back = read_kept(through_json(kept_document(kept)))
    assert back.plan.workstreams == kept.plan.workstreams
    assert back.progress.landed[0].work.findings == (), "findings are found again"
    assert back.progress.head == kept.progress.head
    assert (back.progress.landed[0].commit, back.progress.landed[0].work.lane) == ("1" * 40, ("a/**",))
    assert (back.agent, back.branch, back.agents, back.passes) == ("codex", "topic", 8, 1)


@pytest.mark.parametrize("place", ["plan", "progress", "base", "schema"])
def test_what_is_missing_is_told(place: str) -> None:
    document = through_json(kept_document(example()))
    del document[place]
    with pytest.raises(UsageError, match="what is kept of this orchestration"):
        read_kept(document)


def test_landed_work_of_a_strange_shape_is_damage() -> None:
    document = through_json(kept_document(example()))
    document["progress"]["landed"][0]["work"]["pillar"] = "roof"
    with pytest.raises(UsageError, match="damaged"):
        read_kept(document)
