"""The arithmetic of the benchmarks, and that every one of them says how it is used."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCH = Path(__file__).resolve().parents[2] / "bench"


def load(name: str) -> ModuleType:
    """A module of bench/, which is a folder of scripts and no package."""
    spec = spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


figures = load("figures")


@pytest.mark.parametrize(
    ("chains", "cpu", "cores", "expected"),
    [
        ([3.0, 5.0, 0.2], 8.0, 2, 5.0),  # the longest chain decides
        ([3.0, 3.5, 0.2], 8.0, 2, 4.0),  # the work on two cores decides
        ([3.0, 3.5, 0.2], 8.0, 1, 8.0),
        ([], 0.0, 4, 0.0),
    ],
)
def test_bound(chains: list[float], cpu: float, cores: int, expected: float) -> None:
    assert figures.bound(chains, cpu, cores) == expected


def test_bound_needs_a_core() -> None:
    with pytest.raises(ValueError, match="core"):
        figures.bound([1.0], 1.0, 0)


def test_ratios_are_taken_round_by_round() -> None:
    # the second round ran on a machine that was twice as slow for both: the ratio does not see it
    found = figures.ratios([5.0, 10.0, 6.0], [10.0, 20.0, 10.0])
    assert (found.middle, found.least, found.most) == (0.5, 0.5, 0.6)


def test_ratios_need_as_many_rounds() -> None:
    with pytest.raises(ValueError, match="2 rounds"):
        figures.ratios([1.0, 2.0], [1.0])


def test_a_spread_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no figure"):
        figures.spread([])


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([1.0], "1.00"), ([1.0, 3.0, 2.0], "2.00 (1.00-3.00)"), ([1.0, 2.0], "1.50 (1.00-2.00)")],
)
def test_spread_as_text(numbers: list[float], text: str) -> None:
    assert figures.spread(numbers).text() == text


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=9))
def test_a_median_lies_in_its_range(numbers: list[float]) -> None:
    found = figures.spread(numbers)
    assert found.least <= found.middle <= found.most


def test_everybody_is_first_as_often() -> None:
    names = ["a", "b", "c", "d"]
    turns = [figures.rotated(names, turn) for turn in range(8)]
    assert all(sorted(order) == names for order in turns)
    assert sorted(order[0] for order in turns) == sorted(names * 2)
    assert turns[0] != turns[1]


def test_table_is_markdown() -> None:
    assert figures.table(["a", "long"], [["1", "2"]]) == "| a | long |\n|---|------|\n| 1 | 2    |"


@pytest.mark.parametrize("script", ["serial", "sleep", "startup", "summary"])
def test_help(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(BENCH / f"{script}.py"), "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")
