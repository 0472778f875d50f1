"""What hints at files that belong together, and that it orders nothing."""

from __future__ import annotations

from gatekeeper.formats.codeowners import read_codeowners
from gatekeeper.planning.hints import LARGE_COMMIT, co_changes, joined, shared_owners
from gatekeeper.planning.planner import Demand, make_plan
from tests.planning.sample import RULES, change, changed, ground

A, B, C = "src/app/a.py", "src/core/b.py", "src/web/c.py"


def test_files_that_changed_together_often_enough() -> None:
    commits = [{A, B}, {A, B, "else.py"}, {A}, {A}, {B, A}, {C, A}, {C, A}]
    assert {path: [hint.proof for hint in hints] for path, hints in co_changes({A, B, C}, commits).items()} == {
        B: [f"{A} and {B} changed together in 3 of the 3 commits of {B}"]
    }
    assert co_changes({A, B}, [{A, B}, {A, B}, *[{A}] * 9, *[{B}] * 9]) == {}
    assert co_changes({A, B}, [{A, B}] * 3 + [{A}] * 4 + [{B}] * 4) == {}


def test_a_large_commit_says_nothing_of_two_files() -> None:
    large = {A, B, *(f"{number}.py" for number in range(LARGE_COMMIT))}
    assert co_changes({A, B}, [large] * 9) == {}


def test_owners_hint_only_where_they_tell_paths_apart() -> None:
    lines = read_codeowners("* @all\nsrc/app/ @team\nsrc/core/ @team\n")
    hints = shared_owners({A, B, C}, lines, "CODEOWNERS")
    assert {path: [hint.proof for hint in found] for path, found in hints.items()} == {
        B: [f"{A} and {B} are both owned by @team (CODEOWNERS:3)"]
    }
    assert shared_owners({A, B}, lines, "CODEOWNERS") == {}
    assert shared_owners({A, B}, (), "") == {}


def test_hints_stand_at_the_workstreams_and_change_neither_lanes_nor_schedule() -> None:
    files = change(*(changed(path, "x = 1\n" * 200) for path in (A, B, C)))
    hints = joined(
        co_changes({A, B, C}, [{A, B}] * 4), shared_owners({A, B, C}, read_codeowners("src/[aw]* @x\n"), "CODEOWNERS")
    )
    plain, with_hints = (make_plan(files, ground(A, B, C), Demand(RULES, hints=each)) for each in ({}, hints))
    assert plain.schedule == with_hints.schedule
    assert [w.scope for w in plain.workstreams] == [w.scope for w in with_hints.workstreams]
    told = {w.id: [(n.on, n.basis) for n in w.needs if n.hint] for w in with_hints.workstreams}
    by_path = {path: w.id for w in with_hints.workstreams if w.pillar == "primary" for path in w.scope}
    assert (by_path[A], "co-change") in told[by_path[B]]
    assert {basis for hints in told.values() for _, basis in hints} == {"co-change", "CODEOWNERS"}
    assert not any(need.hint for w in plain.workstreams for need in w.needs)
