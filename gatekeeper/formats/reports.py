"""Reads the standard reports of other tools by the name of their format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

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

DIAGNOSTIC_FORMATS = frozenset({"sarif", "checkstyle"})
TEST_FORMATS = frozenset({"junit"})
COVERAGE_FORMATS = frozenset({"cobertura", "lcov"})


def read_diagnostics(format: str, text: str, root: str) -> tuple[Diagnostic, ...]:
    """The messages of a "sarif" or "checkstyle" report.

    `root` is the absolute folder in which the tool ran. Paths come out relative to it, with slashes; a path outside of
    it stays absolute. Raises UnreadableReport, and KeyError for an unknown format.
    """
    found: tuple[Diagnostic, ...] = _reader(DIAGNOSTIC_FORMATS, format)(_checked(format, text), root)
    return found


def read_tests(format: str, text: str) -> tuple[TestCase, ...]:
    """The tests of a "junit" report. Raises UnreadableReport, and KeyError for an unknown format."""
    found: tuple[TestCase, ...] = _reader(TEST_FORMATS, format)(_checked(format, text))
    return found


def read_coverage(format: str, text: str, root: str) -> tuple[FileCoverage, ...]:
    """What a "cobertura" or "lcov" report says of each file, with paths as in `read_diagnostics`.

    Raises UnreadableReport, and KeyError for an unknown format.
    """
    found: tuple[FileCoverage, ...] = _reader(COVERAGE_FORMATS, format)(_checked(format, text), root)
    return found


def _reader(known: frozenset[str], format: str) -> Callable[..., Any]:
    """The reader of a format, from the module of its name; most runs read no report, and XML is slow to import."""
    if format not in known:
        raise KeyError(format)
    reader: Callable[..., Any] = getattr(import_module(f"gatekeeper.formats.{format}"), f"read_{format}")
    return reader


def _checked(format: str, text: str) -> str:
    if not text.strip():
        raise UnreadableReport(f"the {format} report is empty")
    if len(text) > MOST_CHARACTERS:
        raise UnreadableReport(f"the {format} report is larger than {MOST_CHARACTERS // 1_000_000} MB")
    return text.removeprefix("\ufeff")
