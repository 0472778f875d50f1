"""The plan as a whole: what must hold for every change, and what odd changes come to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.errors import UsageError
from gatekeeper.model.plan import ChangePlan, Dependency, Kind, Phase, Pillar
from gatekeeper.planning.detectors import missing_pillars
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.planner import Demand, completed, make_plan
from gatekeeper.planning.workstreams import Brief
from tests.planning.sample import RULES, binary, change, changed, changes, deleted, ground, moved

PRIMARY = (Pillar.PRIMARY, Pillar.INTEGRATION)


def plan(given: Change, agents: int = 4, around: Ground | None = None, **demands: object) -> ChangePlan:
    """The plan of a change, in a tree that holds just its files unless told otherwise."""
    tree = around or ground(*(file.path for file in given.files))
    return make_plan(given, tree, Demand(RULES, agents, **demands))  # type: ignore[arg-type]


def streams(found: ChangePlan, *pillars: Pillar) -> list[str]:
    """The ids of the workstreams of these pillars."""
    return [w.id for w in found.workstreams if w.pillar in pillars]


@settings(deadline=None, max_examples=60)
@given(changes(), st.integers(1, 9))
def test_every_plan_holds_together(given_change: Change, agents: int) -> None:
    found = plan(given_change, agents)
    units = {unit.path: unit for unit in found.units}
    work = [w for w in found.workstreams if w.pillar in PRIMARY]
    lanes = [set(w.scope) for w in work]
    everything = set().union(*lanes) if lanes else set()
    assert sum(len(lane) for lane in lanes) == len(everything), "lanes overlap"
    assert {file.path for file in given_change.files} <= everything
    for unit in units.values():
        assert sum(set(unit.files) <= lane for lane in lanes) == 1, "a unit is in exactly one workstream"
        for need in unit.needs:
            assert need.on in units
            assert any({unit.path, need.on} <= lane for lane in lanes), "an edge joins two lanes"
    ends = {p.workstream: p for p in found.schedule.placements}
    assert set(ends) == {w.id for w in found.workstreams}
    for w in found.workstreams:
        assert all(ends[need.on].end <= ends[w.id].start + 1e-6 for need in w.needs), "a need is not respected"
        assert all(need.proof for need in w.needs)
        assert w.agent_reason
        assert w.estimate_basis
    assert len(streams(found, Pillar.PRIMARY)) <= agents
    assert missing_pillars(found.workstreams) == ()
    schedule = found.schedule
    assert schedule.lower_bound <= schedule.makespan + 1e-6
    assert schedule.makespan <= schedule.graham_bound + 1e-6
    assert found.width_primary <= found.width
    if found.workstreams:
        assert set(found.workstreams[-1].scope) == everything, "validation judges the whole"


@settings(deadline=None, max_examples=30)
@given(changes(), st.randoms())
def test_equal_input_gives_an_equal_plan(given_change: Change, random: object) -> None:
    names = [file.path for file in given_change.files]
    random.shuffle(names)  # type: ignore[attr-defined]
    assert repr(plan(given_change)) == repr(plan(given_change, around=ground(*names)))


def test_an_empty_change_has_nothing_to_do() -> None:
    found = plan(change())
    assert found.workstreams == ()
    assert "nothing changed" in found.notes[-1]
    assert (found.schedule.makespan, found.width) == (0, 0)


def test_binary_and_deleted_files_are_planned() -> None:
    found = plan(change(binary("logo.png"), deleted("src/app/old.py", "def f(): ...\n")))
    assert {path for w in found.workstreams if w.pillar is Pillar.PRIMARY for path in w.scope} == {
        "logo.png", "src/app/old.py"
    }  # fmt: skip
    assert any(note.startswith("logo.png: is binary") for note in found.notes)
    assert any(note.startswith("src/app/old.py: is deleted") for note in found.notes)


def test_an_import_cycle_is_one_lane() -> None:
    found = plan(
        change(
            changed("src/app/a.py", "from core import b\n" + "x = 1\n" * 200),
            changed("src/core/b.py", "from app import a\n" + "x = 1\n" * 200),
            changed("src/core/c.py", "y = 1\n"),
        )
    )
    both = [w for w in found.workstreams if {"src/app/a.py", "src/core/b.py"} <= set(w.scope)]
    assert streams(found, Pillar.PRIMARY)[0] in {w.id for w in both}
    assert any(note.startswith("import cycle, kept in one lane") for note in found.notes)


def test_a_syntax_error_is_planned_and_told() -> None:
    found = plan(change(changed("src/app/a.py", "def broken(:\n"), changed("src/app/b.py", "x = 1\n")))
    assert found.notes[-1].startswith("src/app/a.py: does not parse")
    assert {"src/app/a.py", "src/app/b.py"} == {unit.path for unit in found.units}


def test_five_thousand_files() -> None:
    files = [
        changed(f"src/p{n % 50}/m{n}.py", f"from p{n % 50} import m{max(n - 50, n % 50)}\nx = {n}\n")
        for n in range(5000)
    ]
    found = plan(change(*files), 8)
    assert len(streams(found, Pillar.PRIMARY)) == 8
    assert sum(len(w.scope) for w in found.workstreams if w.pillar is Pillar.PRIMARY) == 5000
    assert found.delegation.startswith("full delegation: 5,000 files, 50 independent pieces in 50 directories")


def test_one_piece_says_how_wide_it_is() -> None:
    found = plan(change(changed("src/app/a.py", "x = 1\n"), changed("tests/test_a.py", "from app import a\n")))
    assert found.notes[0] == "this change is one piece: width 1 for its primary work, 4 with quality"
    assert [w.id for w in found.workstreams] == [
        "primary", "prepare-review", "prepare-tests", "prepare-docs", "review", "tests", "docs", "validation"
    ]  # fmt: skip
    ready = {p.workstream for p in found.schedule.placements if p.start == 0}
    assert ready == {"primary", "prepare-review", "prepare-tests", "prepare-docs"}
    assert found.schedule.exact


def test_directories_without_an_edge_are_lanes_and_meet_in_the_integration() -> None:
    found = plan(
        change(
            changed("src/app/a.py", "x = 1\n"),
            changed("src/core/b.py", "x = 1\n"),
            changed("src/core/__init__.py", "from .b import x\n"),
            changed("pyproject.toml", "[project]\n", "[tool]\n"),
        )
    )
    assert streams(found, Pillar.PRIMARY) == ["primary-1", "primary-2"]
    joining = next(w for w in found.workstreams if w.pillar is Pillar.INTEGRATION)
    assert joining.scope == ("pyproject.toml", "src/core/__init__.py")
    assert [need.on for need in joining.needs] == ["primary-1", "primary-2"]
    judging = [w for w in found.workstreams if w.phase is Phase.JUDGE and w.pillar is Pillar.TESTS]
    assert [{n.on for n in w.needs} for w in judging] == [
        {"primary-1", "prepare-tests"}, {"primary-2", "prepare-tests"}
    ]  # fmt: skip


def test_shared_files_alone_are_primary_work() -> None:
    found = plan(change(changed("pyproject.toml", "[a]\n", "[b]\n"), changed("CHANGELOG.md", "x\n", "y\n")))
    assert [w.id for w in found.workstreams] == ["primary", "review", "docs", "tests", "validation"]
    assert found.workstreams[0].scope == ("CHANGELOG.md", "pyproject.toml")
    assert found.delegation == "direct: 2 files, 1 independent piece in 1 directory, 1 lane of primary work"


def test_tests_alone_owe_no_documentation() -> None:
    found = plan(change(changed("tests/test_a.py", "x = 1\n")))
    assert [w.id for w in found.workstreams] == [
        "primary", "prepare-review", "prepare-tests", "review", "tests", "validation"
    ]  # fmt: skip
    assert found.workstreams[0].agent == "test-automator"


def test_a_moved_file_brings_its_old_place_into_the_lane() -> None:
    found = plan(change(moved("src/app/new.py", "src/app/old.py", "x = 1\n")))
    assert found.workstreams[0].scope == ("src/app/new.py", "src/app/old.py")
    assert found.classification.kind is Kind.REFACTOR


def test_a_bug_fix_owes_a_regression_test_and_an_entry() -> None:
    found = plan(change(changed("src/app/a.py", "x = 1\n", "x = 2\n")), declared="fix", modes=("Some_Mode",))
    texts = {c.text for w in found.workstreams for c in w.criteria}
    assert "a regression test fails without the fix and passes with it" in texts
    assert "the changelog or the known issues name the bug" in texts
    assert {"score at least 7 of 10", "coverage of the changed lines at least 85 %", "all tests pass"} <= texts
    assert "no critical or high issue" in texts
    assert found.modes == ("Some_Mode",)


def test_a_hint_orders_nothing() -> None:
    hint = Dependency("src/core/b.py", "co-change", "changed together in 7 of 9 commits", hint=True)
    files = (changed("src/app/a.py", "x\n"), changed("src/core/b.py", "y\n"), changed("src/util/c.py", "z\n"))
    found = plan(change(*files), hints={"src/app/a.py": (hint,)})
    assert hint in found.units[0].needs
    assert len(streams(found, Pillar.PRIMARY)) == 3


@pytest.mark.parametrize("agents", [0, -1, 257])
def test_a_number_of_agents_that_makes_no_sense(agents: int) -> None:
    with pytest.raises(UsageError, match="cannot plan for"):
        plan(change(), agents)


def test_a_type_of_change_that_is_none() -> None:
    with pytest.raises(UsageError, match="'magic' is no type of change"):
        plan(change(), declared="magic")


def test_a_submodule_is_shared() -> None:
    found = plan(change(FileChange("vendor/x", ChangeKind.MODIFIED, mode="160000", old_mode="160000")))
    assert any("submodule" in note for note in found.notes)
    assert found.workstreams[0].scope == ("vendor/x",)


def test_a_plan_that_lacks_a_pillar_gets_it_and_says_so() -> None:
    plan = make_plan(change(changed("src/app/a.py", "x = 1\n")), ground("src/app/a.py"), Demand(RULES))
    brief = Brief(Kind.FEATURE, lambda pillar, scope: ("somebody", "for the test"))
    lacking = [w for w in plan.workstreams if w.id != "docs"]
    mended, notes = completed(lacking, brief)
    assert {w.pillar for w in mended} == {w.pillar for w in plan.workstreams}
    assert notes == ("missing pillar: no docs workstream judges src/app/a.py, so one was added",)
    assert completed(plan.workstreams, brief) == (plan.workstreams, ())
