"""Tells the median of numbers without `statistics`, which brings fractions and decimals along: 5 ms of every commit."""

from __future__ import annotations

from collections.abc import Collection


def median(numbers: Collection[float]) -> float:
    """The middle one of the numbers, or the mean of the two in the middle. Raises ValueError where there is none."""
    if not numbers:
        raise ValueError("there is no median of no numbers")
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
