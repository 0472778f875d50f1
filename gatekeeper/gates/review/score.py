"""Weighs what a change introduces, and turns weight and statements into a score of 0 to 10."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.model.reading import Diagnostic

FLOOR = 10
"""A change counts as having at least so many statements: half of all commits have fewer."""

_INFERRED = frozenset({"INFERENCE", "INFERENCE_FAILURE", "CONTROL_FLOW"})
_RESTS_ON_INFERENCE = frozenset(
    {
        "not-callable",
        "unsubscriptable-object",
        "not-an-iterable",
        "not-a-mapping",
        "unsupported-assignment-operation",
        "unsupported-binary-operation",
        "unsupported-delete-operation",
        "unsupported-membership-test",
        "assignment-from-none",
        "assignment-from-no-return",
        "possibly-used-before-assignment",
        "misplaced-bare-raise",
        "import-error",
        # the code runs; the name is meant where a decorator makes a class method or a hook of it
        "no-self-argument",
    }
)


def is_inferred(message: Diagnostic) -> bool:
    """Whether a pylint error rests on type inference or on a mere name, and so is wrong more often than others."""
    return message.confidence in _INFERRED or message.rule in _RESTS_ON_INFERENCE


def weight(message: Diagnostic) -> int:
    """What one pylint message weighs: 5 for an error, 1 for an inferred one and for the rest, 0 for information."""
    if message.level == "I":
        return 0
    return 5 if message.level in ("E", "F") and not is_inferred(message) else 1


def is_fatal(message: Diagnostic) -> bool:
    """Whether the message makes the score 0: the file cannot be read as Python."""
    return message.level == "F" or message.rule == "syntax-error"


def score(total: int, statements: int) -> float:
    """max(0, 10 - 10 * W / max(S, 10)), rounded down to two decimals without a detour over binary fractions."""
    size = max(statements, FLOOR)
    return max(0, 1000 * (size - total) // size) / 100


def score_of(messages: Iterable[Diagnostic], statements: int) -> tuple[float, int]:
    """The score of introduced pylint messages, and their weight."""
    heard = tuple(messages)
    total = sum(map(weight, heard))
    return (0.0 if any(map(is_fatal, heard)) else score(total, statements)), total
