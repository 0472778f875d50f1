"""A rule nobody enforces is not shipped: each fact of the rule files changes what a plan or a run says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gatekeeper
from gatekeeper.edges.modes import built_in_library
from gatekeeper.formats.front_matter import read_front_matter
from gatekeeper.formats.plan_text import plan_text
from gatekeeper.formats.rule_file import FACTS
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.account import Fault
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.plan import ChangePlan, Pillar
from gatekeeper.model.rules import Level, Rules
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.account import Done, account
from gatekeeper.planning.planner import Demand, make_plan
from gatekeeper.planning.rules import rules_of
from tests.planning.sample import change, changed, ground

RULES = rules_of(built_in_library())
FOLDER = Path(gatekeeper.__file__).parent / "rules"
PATHS = tuple(f"src/{folder}/{name}.py" for folder in "abcd" for name in "xyz")
CHANGE = change(*(changed(path, "x = 1\n" * 60) for path in PATHS))
PASSED = tuple(Verdict(gate, Status.PASSED, "") for gate in ("review", "tests", "docs"))


def plan_by(rules: Rules, files: int = len(PATHS)) -> ChangePlan:
    """The plan of a change of so many files in four folders."""
    return make_plan(replace(CHANGE, files=CHANGE.files[:files]), ground(*PATHS), Demand(rules))


def lanes(rules: Rules) -> int:
    """How many primary workstreams there are."""
    return sum(w.pillar is Pillar.PRIMARY for w in plan_by(rules).workstreams)


def targets_missed(rules: Rules, starts: dict[str, float], verdicts: tuple[Verdict, ...] = PASSED) -> list[str]:
    """The facts that a run of three jobs of 10 seconds (c needs a) complains of."""
    needs = {"c": (Need("a", "because"),)}
    jobs = [Job(name, name, name, (), "/", 60, needs=needs.get(name, ())) for name in "abc"]
    outcomes = {name: Outcome(name, 0, started=at, seconds=10.0) for name, at in starts.items()}
    alarms = account(plan_by(rules), Done(jobs, outcomes, verdicts, 4, 8)).alarms
    return [alarm.saw.split(":")[0] for alarm in alarms if alarm.fault is Fault.TARGET]


SIDE_BY_SIDE = {"a": 0.0, "b": 0.0, "c": 10.0}
LATE = {"a": 0.0, "b": 4.0, "c": 10.0}
IN_LINE = {"a": 0.0, "b": 20.0, "c": 10.0}


def _delegation() -> bool:
    direct = replace(RULES, delegation=((Level.DIRECT, 1),))
    return (plan_by(RULES).delegation, plan_by(direct).delegation) == (
        "two to three agents: 12 files, 12 independent pieces in 4 directories, 4 lanes of primary work",
        "direct: 12 files, 12 independent pieces in 4 directories, 1 lane of primary work",
    )


def _per_directory() -> bool:
    return (lanes(RULES), lanes(replace(RULES, workstream_per_directory_from=5))) == (4, 3)


def _pillars() -> bool:
    fewer = replace(RULES, pillars=(Pillar.REVIEW,))
    return {w.pillar for w in plan_by(RULES).workstreams} - {w.pillar for w in plan_by(fewer).workstreams} == {
        Pillar.TESTS, Pillar.DOCS
    }  # fmt: skip


def _with(fact: str, value: float) -> Rules:
    changes: dict[str, Any] = {fact: value}
    return replace(RULES, **changes)


def _missed(fact: str, lax: float, starts: dict[str, float], verdicts: tuple[Verdict, ...] = PASSED) -> bool:
    """Whether a run misses a target as shipped, and keeps the same target where it is lax."""
    seen = targets_missed(RULES, starts, verdicts)
    return fact in seen and fact not in targets_missed(_with(fact, lax), starts, verdicts)


def _fix_loop() -> bool:
    texts = [plan_text(plan_by(replace(RULES, max_fix_iterations=n)), TextStyle(200)) for n in (1, 3)]
    return all(words in text for words, text in zip(("at most once", "at most 3 times"), texts, strict=True))


PROOFS: dict[str, Callable[[], bool]] = {
    "delegation": _delegation,
    "workstream_per_directory_from": _per_directory,
    "pillars": _pillars,
    "launch_seconds_max": lambda: _missed("launch_seconds_max", 60, LATE),
    "parallelisation_rate_min": lambda: _missed("parallelisation_rate_min", 0, IN_LINE),
    "utilisation_min": lambda: _missed("utilisation_min", 0, IN_LINE),
    "gate_coverage_min": lambda: _missed("gate_coverage_min", 0.5, SIDE_BY_SIDE, PASSED[:2]),
    "max_fix_iterations": _fix_loop,
}


def shipped() -> set[str]:
    """Every fact that stands in a rule file which comes with Gatekeeper."""
    facts = (read_front_matter(file.read_bytes()).located.data for file in FOLDER.glob("*.md"))
    return {key for each in facts for key in each} - {"name"}


def test_the_files_hold_every_fact_that_there_is_and_no_other() -> None:
    assert shipped() == set(FACTS) == set(PROOFS)


@pytest.mark.parametrize("fact", sorted(shipped()))
def test_each_fact_is_enforced(fact: str) -> None:
    assert PROOFS[fact]()


def test_a_run_that_does_all_it_can_misses_nothing() -> None:
    assert targets_missed(RULES, SIDE_BY_SIDE) == []


def test_a_miss_says_what_was_seen_against_what_was_aimed_at() -> None:
    plan = plan_by(RULES)
    jobs = [Job(name, name, name, (), "/", 60) for name in "ab"]
    outcomes = {"a": Outcome("a", 0, started=0, seconds=10), "b": Outcome("b", 0, started=10, seconds=10)}
    held = account(plan, Done(jobs, outcomes, PASSED[:2], 4, 8))
    assert [alarm.saw for alarm in held.alarms if alarm.fault is Fault.TARGET] == [
        "launch_seconds_max: what was ready started within 10.0 s, aimed at 1 s",
        "parallelisation_rate_min: 0 % of the work ran beside other work, which is 0 % of the 100 % that can be "
        "achieved, aimed at 95 %",
        "utilisation_min: 66 % of the time that agents could use, aimed at 90 %",
        "gate_coverage_min: 66 % of what the files owe was examined, aimed at 100 %",
    ]


def test_a_moment_is_no_miss() -> None:
    """Of a run of half a second nothing is lost that anybody would notice."""
    jobs = [Job(name, name, name, (), "/", 60) for name in "ab"]
    outcomes = {"a": Outcome("a", 0, started=0, seconds=0.2), "b": Outcome("b", 0, started=0.2, seconds=0.2)}
    assert not [
        a for a in account(plan_by(RULES), Done(jobs, outcomes, PASSED, 4, 8)).alarms if a.fault is Fault.TARGET
    ]
