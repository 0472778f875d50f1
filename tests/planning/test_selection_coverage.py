"""What tests cover is carried to the head, line by line, and what cannot be told is said to be unsure."""

from __future__ import annotations

import pytest

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Covered
from gatekeeper.planning.selection_coverage import OUTSIDE, carried, renewed
from tests.gates.project_runs import file_change

OLD = "# a module\nx = 1\n\n\ndef one():\n    a = 1\n    return a\n\n\ndef two():\n    return 2\n"
MOVED = OLD.replace("# a module\n", "# a module\n\n# of two\n").replace("def two", "# the second\ndef two")
ONE = OLD.replace("    a = 1\n", "    a = 2\n    a += 1\n")


def lines(*numbers: int) -> frozenset[tuple[int, ...]]:
    return frozenset((number,) for number in numbers)


def covered(**by: frozenset[tuple[int, ...]]) -> Covered:
    return Covered("s", False, {name.replace("outside", OUTSIDE): {"m.py": places} for name, places in by.items()})


def test_what_did_not_change_keeps_its_lines() -> None:
    known = covered(t=lines(1, 2))
    assert carried(known, [file_change("other.py", "x = 2\n", "x = 1\n")], ["t"]) == known


def test_lines_move_with_what_stands_above_them() -> None:
    found = carried(covered(t=lines(6, 7), u=lines(11)), [file_change("m.py", MOVED, OLD)], ["t"])
    assert found.by == {"t": {"m.py": lines(8, 9)}, OUTSIDE: {"m.py": lines(14)}}
    assert found.whole


def test_what_changed_is_forgotten() -> None:
    found = carried(covered(t=lines(11), u=lines(6, 7)), [file_change("m.py", ONE, OLD)], ["t"])
    assert found.by == {"t": {"m.py": lines(12)}}
    assert found.whole


def test_a_line_of_a_reused_test_that_is_gone_is_unsure() -> None:
    assert not carried(covered(t=lines(6)), [file_change("m.py", ONE, OLD)], ["t"]).whole
    gone = FileChange("m.py", ChangeKind.DELETED, base_text=OLD)
    assert not carried(covered(t=lines(6)), [gone], ["t"]).whole
    assert carried(covered(t=lines(6)), [gone], []).whole


def test_branches_move_at_both_ends() -> None:
    arcs = frozenset({(-5, 6), (6, 7), (7, -5), (-1, 2), (2, -1)})
    known = Covered("s", True, {"t": {"m.py": arcs}})
    found = carried(known, [file_change("m.py", MOVED, OLD)], ["t"])
    assert found.by["t"]["m.py"] == {(-7, 8), (8, 9), (9, -7), (-1, 4), (4, -1)}
    assert found.whole


def test_a_run_of_all_tests_knows_all() -> None:
    assert renewed(covered(t=lines(1)), covered(u=lines(2)), ()) == covered(u=lines(2))
    assert renewed(covered(t=lines(1)), None, ["t"]) is None


def test_a_run_adds_what_it_saw_to_what_is_known_of_the_rest() -> None:
    found = renewed(covered(t=lines(1, 2), outside=lines(2, 3, 4)), covered(u=lines(3), outside=lines(9)), ["t"])
    assert found == covered(t=lines(1, 2), u=lines(3), outside=lines(4, 9))


@pytest.mark.parametrize("now", [Covered("other", False, {}), Covered("s", True, {})])
def test_other_settings_forget_what_is_known(now: Covered) -> None:
    assert renewed(covered(t=lines(1)), now, ["t"]) is None
