"""Estimates: the history where there is enough of it, and a table that says so where there is not."""

from __future__ import annotations

import pytest

from gatekeeper.model.plan import Kind, Phase, Pillar
from gatekeeper.planning.estimate import FALLBACK, estimate, history_key, size_of

OWN = history_key(Kind.BUGFIX, Pillar.TESTS, Phase.JUDGE, "small")
OTHER = history_key(Kind.FEATURE, Pillar.TESTS, Phase.JUDGE, "small")


@pytest.mark.parametrize(
    ("history", "seconds", "basis"),
    [
        ({OWN: (10, 40, 20)}, 20, "median of 3 runs (bugfix, small)"),
        ({OWN: (10, 40), OTHER: (100,)}, 40, "median of 3 runs of any kind (small), since bugfix has 2"),
        ({OWN: (10, 40)}, 60, "fallback table (small), since history has 2 such runs"),
        ({OWN: (10, 0, -5, float("inf"), float("nan"))}, 60, "fallback table (small), since history has 1 such run"),
        ({}, 60, "fallback table (small), since history has 0 such runs"),
    ],
)
def test_where_an_estimate_comes_from(history: dict[str, tuple[float, ...]], seconds: float, basis: str) -> None:
    assert estimate(Kind.BUGFIX, Pillar.TESTS, Phase.JUDGE, 9, history) == (seconds, basis)


def test_the_table_is_halved_and_doubled_by_size() -> None:
    sizes = [estimate(Kind.FEATURE, Pillar.PRIMARY, Phase.WORK, lines, {})[0] for lines in (50, 51, 399, 400)]
    assert sizes == [150, 300, 300, 600]
    assert [size_of(n) for n in (0, 50, 51, 400)] == ["small", "small", "medium", "large"]


def test_the_table_adds_up_to_the_reference_example() -> None:
    minutes = {
        pillar: sum(seconds for (each, _), seconds in FALLBACK.items() if each is pillar) / 60 for pillar in Pillar
    }
    assert [minutes[p] for p in (Pillar.PRIMARY, Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS, Pillar.VALIDATION)] == [
        5, 3, 4, 3, 2
    ]  # fmt: skip
