"""The plan of the reference example (5, 3, 4, 3 and 2 minutes, four agents), for tests of every form of it."""

from __future__ import annotations

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

SCOPE = ("src/shop/users.py", "src/shop/pages.py")
STREAMS = (
    Workstream(
        id="w1",
        title="Page parameters on GET /users",
        pillar=Pillar.PRIMARY,
        phase=Phase.WORK,
        agent="implementer",
        agent_reason="does the primary work",
        scope=SCOPE,
        criteria=(Criterion("every call without the parameters answers as before"),),
        needs=(),
        estimate=300,
        estimate_basis="fallback for feature",
    ),
    Workstream(
        id="w2",
        title="Review of the users API",
        pillar=Pillar.REVIEW,
        phase=Phase.WORK,
        agent="code-reviewer",
        agent_reason="always reviews",
        scope=SCOPE,
        criteria=(Criterion("score ≥ 7", True, seen="9.50"), Criterion("no critical or high issue")),
        needs=(Dependency("w4", "co-change", "changed together in 4 of 5 commits", hint=True),),
        estimate=180,
        estimate_basis="median of 9 runs",
    ),
    Workstream(
        id="w3",
        title="Tests of the users API",
        pillar=Pillar.TESTS,
        phase=Phase.WORK,
        agent="test-automator",
        agent_reason="always tests",
        scope=("tests/test_users.py",),
        criteria=(Criterion("coverage ≥ 85 %"), Criterion("all tests pass", False, seen="1 failed")),
        needs=(),
        estimate=240,
        estimate_basis="median of 5 runs",
    ),
    Workstream(
        id="w4",
        title="Docs of the users API",
        pillar=Pillar.DOCS,
        phase=Phase.WORK,
        agent="api-documenter",
        agent_reason="the public API changes: shop.users.page",
        scope=("docs/users.md",),
        criteria=(Criterion("documentation complete"),),
        needs=(),
        estimate=180,
        estimate_basis="fallback for feature",
    ),
    Workstream(
        id="w5",
        title="Validation of the whole",
        pillar=Pillar.VALIDATION,
        phase=Phase.JUDGE,
        agent="gatekeeper",
        agent_reason="runs all gates on the exact tree",
        scope=(*SCOPE, "tests/test_users.py", "docs/users.md"),
        criteria=(Criterion("all gates pass"),),
        needs=tuple(
            Dependency(f"w{number}", "order of the template", "validation judges what all the others made")
            for number in range(1, 5)
        ),
        estimate=120,
        estimate_basis="fallback for feature",
    ),
)
SCHEDULE = Schedule(
    agents=4,
    placements=(
        Placement("w1", 0, 0, 300),
        Placement("w3", 1, 0, 240),
        Placement("w2", 2, 0, 180),
        Placement("w4", 3, 0, 180),
        Placement("w5", 0, 300, 420),
    ),
    work=1020,
    critical_path=420,
    lower_bound=420,
    graham_bound=570,
    makespan=420,
    speed_up=1020 / 420,
    possible=1020 / 420,
    rate=14 / 17,
    exact=True,
)
PLAN = ChangePlan(
    title="Add pagination to the users API",
    classification=Classification(
        Kind.FEATURE,
        (
            Evidence("branch prefix", "feature/pagination", Kind.FEATURE),
            Evidence("new public name", "shop.users.page", Kind.FEATURE),
        ),
    ),
    delegation="4 files: one agent (3 to 7 files)",
    units=(
        Unit("src/shop/users.py", ("src/shop/users.py", "tests/test_users.py", "docs/users.md"), ("users", "page")),
        Unit(
            "src/shop/pages.py",
            ("src/shop/pages.py",),
            (),
            (Dependency("src/shop/users.py", "import", "src/shop/pages.py:3 imports shop.users"),),
        ),
    ),
    workstreams=STREAMS,
    schedule=SCHEDULE,
    width_primary=1,
    width=4,
    modes=("Parallel_Orchestration",),
    notes=("This change is one component: the code has width 1.",),
    targets=Targets(1.0, 0.95, 0.9, 1.0, 3),
)
