"""Work that is not written yet is planned like a change: lanes as declared, needs with their proof, three pillars."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.task_file import Goal, Task, read_task_file
from gatekeeper.model.errors import UsageError
from gatekeeper.model.plan import Kind, Phase, Pillar
from gatekeeper.model.rules import Level, Rules
from gatekeeper.planning.planner import Demand
from gatekeeper.planning.tasks import task_of, task_plan
from gatekeeper.planning.workstreams import QUALITY

RULES = Rules(
    ((Level.DIRECT, 1), (Level.ONE_AGENT, 3), (Level.TWO_TO_THREE_AGENTS, 8), (Level.FULL_DELEGATION, 16)),
    2, 1.0, 0.95, 0.9, 1.0, QUALITY, 3,
)  # fmt: skip
NAMES = ("src/api/users.py", "src/api/pages.py", "docs/users.md", "README.md")
FILE = """\
title: Add pagination to the users API
goals:
  - id: api
    goal: Page parameters on GET /users
    lane: ["src/api/**"]
    estimate: 20m
  - id: web
    goal: Buttons below the list of users
    lane: ["src/web/**"]
    needs: [api]
  - id: guide
    goal: Tell readers of the list
    lane: ["docs/**", README.md]
"""


def plan_of(text=FILE, **demand):
    task, problems = read_task_file(text.encode(), "plan.yml")
    assert not problems
    return task_plan(task, NAMES, Demand(RULES, **demand))


def streams(plan, pillar, phase=None):
    return [w for w in plan.workstreams if w.pillar is pillar and phase in (None, w.phase)]


def test_each_goal_is_a_primary_workstream():
    plan = plan_of()
    api, web, guide = streams(plan, Pillar.PRIMARY)
    assert (plan.title, plan.classification.kind) == ("Add pagination to the users API", Kind.FEATURE)
    assert (api.title, api.scope, api.needs) == ("Page parameters on GET /users", ("src/api/**",), ())
    assert (api.estimate, api.estimate_basis) == (1200, "declared in plan.yml")
    assert [(need.on, need.basis, need.proof) for need in web.needs] == [
        (api.id, "declared", "plan.yml:7 says that web needs api")
    ]
    assert guide.agent == "technical-writer"
    assert guide.scope == ("docs/**", "README.md")
    assert (plan.width_primary, plan.schedule.agents) == (2, 4)
    assert plan.delegation == "declared by plan.yml: 3 lanes, in which 4 files lie already"
    assert "no file lies yet in the lane of web" in plan.notes


def test_quality_starts_with_the_work_and_judges_each_lane():
    plan = plan_of()
    assert [w.needs for w in plan.workstreams if w.phase is Phase.PREPARE] == [(), (), ()]
    for pillar in QUALITY:
        judged = {w.scope for w in streams(plan, pillar, Phase.JUDGE)}
        code = {("src/api/**",), ("src/web/**",)}  # documents alone owe no tests
        assert judged == (code if pillar is Pillar.TESTS else {*code, ("docs/**", "README.md")})
    assert len(streams(plan, Pillar.VALIDATION)) == 1


def test_the_words_of_a_goal_choose_who_documents_it():
    docs = {w.scope: w for w in streams(plan_of(), Pillar.DOCS, Phase.JUDGE)}
    assert docs["src/api/**",].agent == "api-documenter"
    assert docs["src/api/**",].agent_reason == 'public API: the task speaks of "GET /users"'
    plain = FILE.replace("users API", "list of users").replace("GET /users", "the list")
    docs = {w.scope: w.agent for w in streams(plan_of(plain), Pillar.DOCS, Phase.JUDGE)}
    assert docs["src/web/**",] == "tutorial-engineer"
    assert docs["src/api/**",] == "technical-writer"


def test_a_type_that_is_declared_wins():
    assert plan_of(FILE.replace("goals:", "kind: refactor\ngoals:")).classification.kind is Kind.REFACTOR
    assert plan_of(declared="bugfix").classification.kind is Kind.BUGFIX


def test_a_sentence_alone_is_one_workstream():
    plan = task_plan(task_of("  Add\npagination "), NAMES, Demand(RULES))
    (primary,) = streams(plan, Pillar.PRIMARY)
    assert (plan.title, primary.scope) == ("Add pagination", ("**",))
    assert "no --files was given, so the lane is the whole repository and the work is one workstream" in plan.notes
    assert {w.pillar for w in plan.workstreams} >= set(QUALITY)


def test_each_pattern_is_a_lane():
    plan = task_plan(task_of("Add pagination", ("src/api/**", "docs/**")), NAMES, Demand(RULES))
    assert [(w.title, w.scope) for w in streams(plan, Pillar.PRIMARY)] == [
        ("Add pagination in src/api/**", ("src/api/**",)), ("Add pagination in docs/**", ("docs/**",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "scope"),
    [("src/api", "src/api/**"), ("src/new/", "src/new/**"), ("src/v1.2/", "src/v1.2/**"), ("README.md", "README.md"),
     ("Makefile", "Makefile"), ("src/*.py", "src/*.py")],
)  # fmt: skip
def test_a_folder_may_come_to_hold_code(pattern, scope):
    plan = task_plan(task_of("Do it", (pattern,)), (*NAMES, "Makefile"), Demand(RULES))
    assert streams(plan, Pillar.PRIMARY)[0].scope == (scope,)
    assert {w.pillar for w in plan.workstreams} >= (set(QUALITY) if "*" in scope else {Pillar.REVIEW})


@pytest.mark.parametrize(
    ("text", "globs", "words"),
    [
        (" ", (), "--task is empty"),
        ("x", ("src/**", "src/api"), "overlap: both take `src/api`"),
        ("x", ("a" * 201,), "200"),
    ],
)
def test_what_cannot_be_planned_is_refused(text, globs, words):
    with pytest.raises(UsageError, match=words):
        task_of(text, globs)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.integers(0, 9), max_size=3), min_size=1, max_size=9), st.integers(1, 6))
def test_any_goals_keep_their_needs_and_their_lanes(needs, agents):
    goals = tuple(
        Goal(f"g{n}", f"Goal {n}", (f"src/{n}/**",), tuple(f"g{m}" for m in sorted(before) if m < n))
        for n, before in enumerate(needs)
    )
    plan = task_plan(Task("Do it", "", goals, "plan.yml"), NAMES, Demand(RULES, agents=agents))
    times = {p.workstream: p for p in plan.schedule.placements}
    assert len(times) == len(plan.workstreams)
    for stream in plan.workstreams:
        for need in stream.needs:
            assert times[need.on].end <= times[stream.id].start + 1e-9
    scopes = [path for w in streams(plan, Pillar.PRIMARY) for path in w.scope]
    assert scopes == [f"src/{n}/**" for n in range(len(goals))]
    assert task_plan(Task("Do it", "", goals, "plan.yml"), NAMES, Demand(RULES, agents=agents)) == plan
