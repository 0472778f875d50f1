"""The arithmetic of the benchmarks: spreads, ratios, and the bound that no order of starting the same work can beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several figures, with the least and the largest of them."""

    middle: float
    least: float
    most: float

    def text(self, digits: int = 2) -> str:
        """The median, and the range where there is one."""
        if self.least == self.most:
            return f"{self.middle:.{digits}f}"
        return f"{self.middle:.{digits}f} ({self.least:.{digits}f}-{self.most:.{digits}f})"


def spread(figures: Sequence[float]) -> Spread:
    """The spread of at least one figure; raises ValueError for none."""
    if not figures:
        raise ValueError("there is no figure to take the median of")
    return Spread(median(figures), min(figures), max(figures))


def bound(chains: Sequence[float], cpu_seconds: float, cores: int) -> float:
    """The least wall seconds in which this work can be done.

    `chains` are the wall seconds of each chain of steps that have to follow one another; chains may run side by side.
    No run is shorter than its longest chain, nor than its CPU seconds shared out over all cores.
    """
    if cores < 1:
        raise ValueError("a machine has at least one core")
    return max(max(chains, default=0.0), cpu_seconds / cores)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """How our figures relate to theirs, round by round: what was measured at the same time is compared."""
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} rounds cannot be compared with {len(theirs)}")
    return spread([our / their for our, their in zip(ours, theirs, strict=True)])


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """The names in an order that changes from round to round, so that none is always first or always after another."""
    order = list(names) if turn % 2 == 0 else list(reversed(names))
    start = (turn // 2) % max(len(order), 1)
    return order[start:] + order[:start]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows as a Markdown table whose columns stand below one another."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [_line(head, widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
    return "\n".join(lines + [_line(row, widths) for row in rows])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
