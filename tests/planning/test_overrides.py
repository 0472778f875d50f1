"""The strictest demand holds, whoever makes it, and nothing is loosened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.edges.config import read_policy
from gatekeeper.edges.modes import built_in_library
from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.mode import ActiveMode, Mode, ModeWish, Priority
from gatekeeper.model.mode_library import Library
from gatekeeper.model.override import OVERRIDES
from gatekeeper.model.plan import Classification, Kind, Pillar
from gatekeeper.model.rules import Level, RuleFile
from gatekeeper.planning.modes import prepare_modes
from gatekeeper.planning.overrides import lay_over
from gatekeeper.planning.rules import rules_of

RULES = rules_of(built_in_library())
SOURCE = ".gatekeeper/modes/x.md"


def policy(text="", **further):
    files = {".gatekeeper.yml": text.encode()} | {name: inner.encode() for name, inner in further.items()}
    return read_policy(files.get, tuple(files), source="here", flags={}, environment={})


def active(name, priority=Priority.MEDIUM, **overrides):
    return ActiveMode(Mode(name, priority=priority, overrides=overrides, source=SOURCE), ("--mode",))


def setting(laid, gate, key, project=0):
    return laid.projects[project].gate(gate).settings[key]


def test_a_mode_tightens_and_its_name_is_the_origin():
    laid, notes = lay_over(policy("gates: {coverage: {minimum: 60}}"), [active("Strict", test_coverage_min=85)], RULES)
    held = setting(laid, "coverage", "minimum")
    assert (held.value, held.origin) == (85, f"mode Strict ({SOURCE})")
    assert notes == (f"gates.coverage.minimum is 85 instead of 60 (.gatekeeper.yml:1): mode Strict ({SOURCE})",)


def test_a_mode_never_loosens():
    strict = policy("gates: {review: {minimum: 9, block: low}, coverage: {minimum: 95, total: 90, drop: forbid}}")
    mild = active("Mild", quality_score_min=1, test_coverage_min=1, total_coverage_min=1, coverage_drop="allow",
                  block="critical", max_fix_iterations=50)  # fmt: skip
    assert lay_over(strict, [mild], RULES) == (strict, ())


def test_every_key_does_something():
    mode = active("All", quality_score_min=9.5, test_coverage_min=91, total_coverage_min=50, coverage_drop="forbid",
                  block="low", max_fix_iterations=1)  # fmt: skip
    assert set(mode.mode.overrides) == set(OVERRIDES)
    laid, notes = lay_over(policy(), [mode], RULES)
    assert len(notes) == len(OVERRIDES)
    for override in OVERRIDES.values():
        root = laid.projects[0]
        held = root.gate(override.gate).settings if override.gate else root.settings
        assert held[override.setting].value == mode.mode.overrides[override.key]
        assert held[override.setting].origin == f"mode All ({SOURCE})"
    assert laid.projects[0].gate("review").block == "low"


def test_of_several_modes_the_strictest_wins_and_of_equal_ones_the_higher_priority():
    modes = [
        active("a", test_coverage_min=90, quality_score_min=9),
        active("b", test_coverage_min=95, quality_score_min=8),
        active("c", Priority.HIGH, test_coverage_min=95),
    ]
    laid, _ = lay_over(policy(), modes, RULES)
    assert setting(laid, "coverage", "minimum").origin == f"mode c ({SOURCE})"
    assert setting(laid, "review", "minimum").origin == f"mode a ({SOURCE})"


def test_every_project_is_held_to_it_and_the_run_once():
    parts = policy("jobs: 2", **{"pk/.gatekeeper.yml": "gates: {coverage: {minimum: 10}, docs: off, review: off}"})
    laid, notes = lay_over(parts, [active("a", test_coverage_min=90, quality_score_min=8, max_fix_iterations=2)], RULES)
    assert [setting(laid, "coverage", "minimum", number).value for number in (0, 1)] == [90, 90]
    assert laid.projects[0].value("max_fix_iterations") == 2
    assert laid.projects[1].value("max_fix_iterations") is None
    assert any(note.startswith("gates.coverage.minimum in pk is 90 instead of 10") for note in notes)
    assert [note for note in notes if note.endswith("the gate is switched off")]


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "quality_score_min": st.integers(0, 10) | st.floats(0, 10),
        "test_coverage_min": st.integers(0, 100),
        "total_coverage_min": st.integers(0, 100),
        "coverage_drop": st.sampled_from(["allow", "forbid"]),
        "block": st.sampled_from(["critical", "high", "medium", "low"]),
        "max_fix_iterations": st.integers(1, 100),
    },
)


@given(st.lists(VALUES, max_size=4), VALUES, st.randoms())
def test_the_outcome_is_the_strictest_of_all_in_any_order(many, held, random):
    before = policy()
    before, _ = lay_over(before, [active("ground", **held)], RULES)
    modes = [active(f"m{number}", **overrides) for number, overrides in enumerate(many)]
    laid, _ = lay_over(before, modes, RULES)
    random.shuffle(modes)
    assert lay_over(before, modes, RULES)[0] == laid
    for key, override in OVERRIDES.items():
        place = laid.projects[0].gate(override.gate).settings if override.gate else laid.projects[0].settings
        old = before.projects[0].gate(override.gate).settings if override.gate else before.projects[0].settings
        ground = [RULES.max_fix_iterations] if key == "max_fix_iterations" else []
        wanted = [o[key] for o in many if key in o]
        candidates = [*wanted, *ground, *([old[override.setting].value] if override.setting in old else [])]
        strictest = max(map(override.strictness, [c for c in candidates if c is not None]), default=None)
        value = place[override.setting].value if override.setting in place else next(iter(ground), None)
        assert (None if value is None else override.strictness(value)) == strictest


def test_the_shipped_rules():
    steps = {1: "direct", 2: "direct", 3: "one agent", 7: "one agent", 8: "two to three agents"}
    steps |= {15: "two to three agents", 16: "full delegation", 5000: "full delegation", 0: "direct"}
    assert {files: RULES.level(files).words for files in steps} == steps
    assert [level.most_agents for level in Level] == [0, 1, 3, None]
    assert RULES.pillars == (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS)
    assert (RULES.workstream_per_directory_from, RULES.max_fix_iterations, RULES.launch_seconds_max) == (2, 3, 1)
    assert (RULES.parallelisation_rate_min, RULES.utilisation_min, RULES.gate_coverage_min) == (0.95, 0.9, 1.0)


@pytest.mark.parametrize("dependency", ["own", "rule:own", "own.md"])
def test_rules_of_the_repository_hold_where_an_active_mode_needs_them(dependency):
    own = RuleFile(
        "own",
        {"delegation": ((Level.DIRECT, 1), (Level.ONE_AGENT, 6)), "max_fix_iterations": 9, "utilisation_min": 95},
        source=".gatekeeper/rules/own.md",
    )
    library = Library((), (*built_in_library().rules, own))
    assert rules_of(library) == RULES
    rules = rules_of(library, [ActiveMode(Mode("m", dependencies=(dependency,)), ())])
    assert rules.level(5) is Level.DIRECT
    assert rules.level(500) is Level.ONE_AGENT
    assert (rules.max_fix_iterations, rules.utilisation_min) == (3, 0.95)


def test_a_change_brings_the_built_in_mode_to_bear():
    files = tuple(FileChange(f"{n}.py", ChangeKind.MODIFIED) for n in range(7))
    mild = policy("gates: {coverage: {minimum: 60}}")
    kind = Classification(Kind.CHORE, ())
    prepared = prepare_modes(built_in_library(), Change("a", "b", files), kind, mild, ModeWish())
    assert [one.reasons for one in prepared.active] == [("multi_file_operations: 7 files > 3",)]
    assert setting(prepared.policy, "coverage", "minimum").origin == "mode Parallel_Orchestration (built in)"
    assert prepared.rules == RULES
    assert [note.split()[0] for note in prepared.notes] == ["mode", "gates.coverage.minimum"]
    off = prepare_modes(built_in_library(), Change("a", "b", files), kind, mild, ModeWish((), frozenset({"*"})))
    assert (off.policy, off.active, off.notes) == (mild, (), ())
