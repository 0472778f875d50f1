"""The score, by the worked examples of its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.gates.review.score import is_fatal, score, score_of, weight
from gatekeeper.model.reading import Diagnostic


def message(rule: str, level: str, confidence: str = "UNDEFINED") -> Diagnostic:
    return Diagnostic("a.py", 1, rule, "text", level, confidence=confidence)


@pytest.mark.parametrize(
    ("statements", "levels", "expected"),
    [
        (1, "C", 9.0),
        (1, "E", 5.0),
        (2, "WW", 8.0),
        (5, "WWW", 7.0),
        (8, "WWWW", 6.0),
        (17, "E", 7.05),
        (200, "E" * 10, 7.5),
        (16, "CW", 8.75),
        (0, "W", 9.0),
        (3, "", 10.0),
        (1, "EEE", 0.0),
        (50, "I", 10.0),
        (50, "F", 0.0),
    ],
)
def test_worked_examples(statements: int, levels: str, expected: float) -> None:
    assert score_of([message("some-rule", level) for level in levels], statements)[0] == expected


@pytest.mark.parametrize(
    ("rule", "level", "confidence", "expected"),
    [
        ("undefined-variable", "E", "UNDEFINED", 5),
        ("no-member", "E", "INFERENCE", 1),
        ("used-before-assignment", "E", "CONTROL_FLOW", 1),
        ("used-before-assignment", "E", "HIGH", 5),
        ("not-callable", "E", "UNDEFINED", 1),
        ("import-error", "E", "UNDEFINED", 1),
        ("line-too-long", "C", "UNDEFINED", 1),
        ("locally-disabled", "I", "UNDEFINED", 0),
    ],
)
def test_weights(rule: str, level: str, confidence: str, expected: int) -> None:
    assert weight(message(rule, level, confidence)) == expected


def test_fatal() -> None:
    assert is_fatal(message("syntax-error", "E"))
    assert not is_fatal(message("undefined-variable", "E"))


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_rounded_down_and_within_bounds(total: int, statements: int) -> None:
    exact = 10 - 10 * total / max(statements, 10)
    assert 0 <= score(total, statements) <= 10
    assert max(0, exact) - 0.0101 <= score(total, statements) <= max(0, exact) + 1e-9
