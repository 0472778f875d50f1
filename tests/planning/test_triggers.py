"""Each trigger, measured on a change, with what it shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.plan import Classification, Evidence, Kind
from gatekeeper.model.trigger import Trigger
from gatekeeper.planning.triggers import measure_triggers
from tests.strategies import file_changes

CHORE = Classification(Kind.CHORE, ())


def measured(*files, kind=CHORE):
    return {m.trigger: m for m in measure_triggers(Change("a", "b", files), kind)}


def new(path, lines, kind=ChangeKind.ADDED):
    return FileChange(path, kind, text=lines)


@pytest.mark.parametrize(
    ("count", "fired", "shows"),
    [(0, False, "0 files ≤ 3"), (1, False, "1 file ≤ 3"), (3, False, "3 files ≤ 3"), (4, True, "4 files > 3")],
)
def test_many_files(count, fired, shows):
    found = measured(*(new(f"{n}.py", "") for n in range(count)))[Trigger.MULTI_FILE_OPERATIONS]
    assert (found.fired, found.evidence) == (fired, f"multi_file_operations: {shows}")


@pytest.mark.parametrize(
    ("files", "fired", "shows"),
    [
        ([new("a.py", "x = 1\n" * 50)], True, "50 lines of code in 1 new file ≥ 50"),
        ([new("a.py", "x = 1\n" * 49)], False, "49 lines of code in 1 new file < 50"),
        (
            [new("a.py", "x = 1\n" * 25), new("tests/b.py", "y = 1\n" * 25)],
            True,
            "50 lines of code in 2 new files ≥ 50",
        ),
        ([new("a.py", "# x\n\n" * 90 + "x = 1\n")], False, "1 line of code in 1 new file < 50"),
        ([new("a.ts", "// x\n" * 90)], False, "0 lines of code in 0 new files < 50"),
        ([new("a.c", "#include <a>\n" * 60)], True, "60 lines of code in 1 new file ≥ 50"),
        ([new("docs/conf.py", "x = 1\n" * 60)], True, "60 lines of code in 1 new file ≥ 50"),
        ([new("a.md", "x\n" * 90), new("tests/data.json", "1\n" * 90)], False, "0 lines of code in 0 new files < 50"),
        ([new("a.py", "x = 1\n" * 60, ChangeKind.MODIFIED)], False, "0 lines of code in 0 new files < 50"),
        ([new("a.py", None)], False, "0 lines of code in 0 new files < 50"),
    ],
)
def test_generated_code(files, fired, shows):
    found = measured(*files)[Trigger.CODE_GENERATION]
    assert (found.fired, found.evidence) == (fired, f"code_generation: {shows}")


def test_an_empty_change_fires_nothing():
    assert not any(m.fired for m in measured(kind=Classification(Kind.FEATURE, ())).values())


def test_the_kind_of_the_change():
    kind = Classification(Kind.BUGFIX, (Evidence("branch prefix", "fix/x", Kind.BUGFIX),))
    found = measured(new("a.py", ""), kind=kind)
    assert found[Trigger.BUG_FIX].fired
    assert found[Trigger.BUG_FIX].evidence == "bug_fix: the change is a bugfix (branch prefix: fix/x)"
    assert not found[Trigger.FEATURE_REQUEST].fired
    assert found[Trigger.FEATURE_REQUEST].evidence.startswith("feature_request: the change is a bugfix, not a feature")


def test_a_kind_is_told_as_a_person_would():
    found = measured(new("a.py", ""), kind=Classification(Kind.TESTS, ()))
    assert found[Trigger.BUG_FIX].evidence == "bug_fix: the change is a test change, not a bugfix"


@given(st.lists(file_changes(), max_size=6))
def test_every_trigger_is_measured_on_any_change(files):
    found = measure_triggers(Change("a", "b", tuple(files)), CHORE)
    assert [m.trigger for m in found] == list(Trigger)
    assert all(m.evidence.startswith(f"{m.trigger}: ") for m in found)
