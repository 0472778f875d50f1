"""Estimates how long a workstream takes: by the history of the repository, or else by a table that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gatekeeper.formats.median import median
from gatekeeper.model.plan import Kind, Phase, Pillar

History = Mapping[str, Sequence[float]]
"""The seconds that workstreams took, by `history_key`."""

LEAST_RUNS = 3
"""A median of fewer runs is no basis."""

SMALL_LINES = 50
LARGE_LINES = 400
"""Up to the first number of changed lines a workstream is small, from the second on large, else medium."""

FALLBACK: Mapping[tuple[Pillar, Phase], float] = MappingProxyType(
    {
        (Pillar.PRIMARY, Phase.WORK): 300,
        (Pillar.REVIEW, Phase.PREPARE): 60,
        (Pillar.REVIEW, Phase.JUDGE): 120,
        (Pillar.TESTS, Phase.PREPARE): 120,
        (Pillar.TESTS, Phase.JUDGE): 120,
        (Pillar.DOCS, Phase.PREPARE): 60,
        (Pillar.DOCS, Phase.JUDGE): 120,
        (Pillar.INTEGRATION, Phase.WORK): 60,
        (Pillar.VALIDATION, Phase.JUDGE): 120,
    }
)
"""Seconds for a workstream of medium size where there is no history: 5 minutes of implementation, 3 of review, 4 of
tests, 3 of docs (each split into what the base allows beforehand and the judging), 2 of validation."""

_FACTOR = MappingProxyType({"small": 0.5, "medium": 1.0, "large": 2.0})


def size_of(lines: int) -> str:
    """The size of a workstream by its changed lines: "small", "medium" or "large"."""
    return "small" if lines <= SMALL_LINES else "large" if lines >= LARGE_LINES else "medium"


def history_key(kind: Kind, pillar: Pillar, phase: Phase, size: str) -> str:
    """The key under which the seconds of a workstream are kept: "bugfix/tests/judge/small"."""
    return f"{kind}/{pillar}/{phase}/{size}"


def estimate(kind: Kind, pillar: Pillar, phase: Phase, lines: int, history: History) -> tuple[float, str]:
    """Seconds, and where they come from.

    The median of the same kind and size, else of the same size whatever the kind, else the table, which the size
    halves or doubles. At least three runs make a median. What is no positive number in the history is not counted.
    """
    size = size_of(lines)
    own = _counted(history.get(history_key(kind, pillar, phase, size), ()))
    if len(own) >= LEAST_RUNS:
        return median(own), f"median of {len(own)} runs ({kind}, {size})"
    alike = [s for other in Kind for s in _counted(history.get(history_key(other, pillar, phase, size), ()))]
    if len(alike) >= LEAST_RUNS:
        return median(alike), f"median of {len(alike)} runs of any kind ({size}), since {kind} has {len(own)}"
    seconds = FALLBACK.get((pillar, phase), 60.0) * _FACTOR[size]
    return seconds, f"fallback table ({size}), since history has {len(alike)} such run{'s' * (len(alike) != 1)}"


def _counted(seconds: Sequence[float]) -> list[float]:
    return [each for each in seconds if 0 < each < float("inf")]
