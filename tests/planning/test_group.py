"""Lanes: what stays together, how many there are, and how even they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.plan import Dependency, Unit
from gatekeeper.planning.group import Grouping, group, name_of
from tests.planning.sample import RULES


def unit(path: str, *needs: str, hint: bool = False) -> Unit:
    """A unit of one file."""
    return Unit(path, (path,), (), tuple(Dependency(on, "import", f"{path}:1 imports {on}", hint) for on in needs))


def grouped(units: list[Unit], agents: int = 4, lines: int = 200, files: int | None = None) -> Grouping:
    """The lanes of units that are all of one size."""
    return group(units, {u.path: lines for u in units}, files or len(units), agents, RULES)


def paths(found: Grouping) -> list[tuple[str, ...]]:
    """The paths of each lane."""
    return sorted(lane.paths for lane in found.lanes)


@pytest.mark.parametrize(
    ("files", "agents", "lanes"),
    [(1, 8, 1), (2, 8, 1), (3, 8, 1), (7, 8, 1), (8, 8, 3), (15, 8, 3), (16, 8, 8), (16, 4, 4), (16, 1, 1)],
)
def test_the_number_of_files_gives_the_number_of_lanes(files: int, agents: int, lanes: int) -> None:
    found = grouped([unit(f"src/m{n:02}.py") for n in range(files)], agents)
    assert len(found.lanes) == lanes
    assert found.components == files


def test_an_edge_keeps_units_together_and_a_hint_does_not() -> None:
    units = [unit("a/x.py", "b/y.py"), unit("b/y.py", "a/x.py"), unit("c/z.py"), unit("d/w.py", "c/z.py", hint=True)]
    found = grouped(units)
    assert paths(found) == [("a/x.py", "b/y.py"), ("c/z.py",), ("d/w.py",)]
    assert found.lanes[0].reason == "a/x.py:1 imports b/y.py, and 1 more such edges"


def test_two_files_are_not_split() -> None:
    assert len(grouped([unit("a/x.py"), unit("b/y.py")]).lanes) == 1


def test_directories_are_lanes_from_three_files_on() -> None:
    found = grouped([unit("a/x.py"), unit("a/y.py"), unit("b/z.py")])
    assert paths(found) == [("a/x.py", "a/y.py"), ("b/z.py",)]
    assert found.delegation == "one agent: 3 files, 3 independent pieces in 2 directories, 2 lanes of primary work"


def test_documents_count_as_one_directory() -> None:
    found = grouped([unit("README.md"), unit("docs/a.md"), unit("docs/api/b.md"), unit("src/a.py")])
    assert paths(found) == [("README.md", "docs/a.md", "docs/api/b.md"), ("src/a.py",)]


def test_what_is_small_is_not_split() -> None:
    assert len(grouped([unit(f"src/m{n}.py") for n in range(20)], lines=2).lanes) == 1


def test_there_are_no_more_lanes_than_agents() -> None:
    assert len(grouped([unit(f"d{n}/m.py") for n in range(9)], 2).lanes) == 2


def test_lanes_are_even() -> None:
    weights = {f"src/m{n:02}.py": size for n, size in enumerate((900, 500, 400, 300, 300, 100, *[10] * 10))}
    found = group([unit(path) for path in weights], weights, 16, 3, RULES)
    loads = [sum(weights[path] for path in lane.paths) for lane in found.lanes]
    assert max(loads) - min(loads) <= 100


def test_nothing_has_no_lane() -> None:
    assert grouped([]).lanes == ()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), unique=True, max_size=25), st.integers(1, 6))
def test_every_unit_is_in_one_lane(places: list[tuple[str, int]], agents: int) -> None:
    units = [unit(f"{folder}/m{number}.py") for folder, number in places]
    found = grouped(units, agents)
    assert sorted(u.path for lane in found.lanes for u in lane.units) == sorted(u.path for u in units)
    assert found == grouped(units[::-1], agents)


def test_a_name_for_several_files() -> None:
    assert name_of(["b.py"]) == "b.py"
    assert name_of(["src/b.py", "src/a.py"]) == "src (2 files)"
    assert name_of(["src/b.py", "lib/a.py", "c.py"]) == "c.py and 2 more"
    assert name_of(["b.py", "a.py"]) == "a.py and 1 more"
