"""What reports of other tools say, in records that do not care which tool or language it was."""

from __future__ import annotations

from gatekeeper.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of a checker about one place; `path` is relative to the repository, lines count from 1.

    `level` is the tool's own word: "error", "warning", "note", "none", or a letter of pylint (F, E, W, R, C, I).
    `obj` is the definition that the message is about, `confidence` how sure the tool is, both empty where unsaid.
    """

    path: str
    line: int | None
    rule: str
    message: str
    level: str
    column: int | None = None
    end_line: int | None = None
    obj: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test and how it ended: "passed", "failed", "error" or "skipped"."""

    __test__ = False  # pytest would take the name for a test class

    id: str
    outcome: str
    seconds: float = 0.0
    message: str = ""
    detail: str = ""
    path: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What tests ran of one file: line numbers of the head tree, and branches as (from line, to line).

    A negative or zero "to line" is an exit from the code, as coverage.py writes it.
    """

    path: str
    executed: frozenset[int]
    missing: frozenset[int]
    excluded: frozenset[int] = frozenset()
    executed_branches: frozenset[tuple[int, int]] = frozenset()
    missing_branches: frozenset[tuple[int, int]] = frozenset()
