"""Reads the standard reports of other tools by the name of their format."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.formats.checkstyle import read_checkstyle
from gatekeeper.formats.cobertura import read_cobertura
from gatekeeper.formats.junit import read_junit
from gatekeeper.formats.lcov import read_lcov
from gatekeeper.formats.sarif import read_sarif
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic, FileCoverage, TestCase

__all__ = [
    "COVERAGE_FORMATS",
    "DIAGNOSTIC_FORMATS",
    "TEST_FORMATS",
    "UnreadableReport",
    "read_coverage",
    "read_diagnostics",
    "read_tests",
]

MOST_CHARACTERS = 50_000_000
"""A larger report is taken for an accident: it would not be read within the memory that a hook may use."""

_DIAGNOSTICS: dict[str, Callable[[str, str], tuple[Diagnostic, ...]]] = {
    "sarif": read_sarif,
    "checkstyle": read_checkstyle,
}
_TESTS: dict[str, Callable[[str], tuple[TestCase, ...]]] = {"junit": read_junit}
_COVERAGE: dict[str, Callable[[str, str], tuple[FileCoverage, ...]]] = {
    "cobertura": read_cobertura,
    "lcov": read_lcov,
}

DIAGNOSTIC_FORMATS = frozenset(_DIAGNOSTICS)
TEST_FORMATS = frozenset(_TESTS)
COVERAGE_FORMATS = frozenset(_COVERAGE)


def read_diagnostics(format: str, text: str, root: str) -> tuple[Diagnostic, ...]:
    """The messages of a "sarif" or "checkstyle" report.

    `root` is the absolute folder in which the tool ran. Paths come out relative to it, with slashes; a path outside of
    it stays absolute. Raises UnreadableReport, and KeyError for an unknown format.
    """
    return _DIAGNOSTICS[format](_checked(format, text), root)


def read_tests(format: str, text: str) -> tuple[TestCase, ...]:
    """The tests of a "junit" report. Raises UnreadableReport, and KeyError for an unknown format."""
    return _TESTS[format](_checked(format, text))


def read_coverage(format: str, text: str, root: str) -> tuple[FileCoverage, ...]:
    """What a "cobertura" or "lcov" report says of each file, with paths as in `read_diagnostics`.

    Raises UnreadableReport, and KeyError for an unknown format.
    """
    return _COVERAGE[format](_checked(format, text), root)


def _checked(format: str, text: str) -> str:
    if not text.strip():
        raise UnreadableReport(f"the {format} report is empty")
    if len(text) > MOST_CHARACTERS:
        raise UnreadableReport(f"the {format} report is larger than {MOST_CHARACTERS // 1_000_000} MB")
    return text.removeprefix("\ufeff")
