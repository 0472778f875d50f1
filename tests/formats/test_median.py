"""The median is that of the standard library."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.median import median


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_it_is_that_of_the_standard_library(numbers: list[float]) -> None:
    assert median(numbers) == statistics.median(numbers)


def test_no_numbers_have_none() -> None:
    with pytest.raises(ValueError, match="no median"):
        median(())
