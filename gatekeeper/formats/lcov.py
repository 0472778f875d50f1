"""Reads LCOV tracefiles, the coverage report of JavaScript, C and Rust tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gatekeeper.formats.places import placed
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import FileCoverage


@dataclass(slots=True)
class _Record:
    """What has been read of one file: hits of each line, and whether each branch (line, block, branch) was taken."""

    lines: dict[int, bool] = field(default_factory=dict)
    branches: dict[tuple[int, str], bool] = field(default_factory=dict)


def read_lcov(text: str, root: str) -> tuple[FileCoverage, ...]:
    """The coverage of each file; several records of a file (one for each test) are merged.

    LCOV does not say where a branch leads, so the branches of a line lead to 0, -1, -2 … in their order. Raises
    UnreadableReport where a record is cut off, a number is none, or no file is named.
    """
    records: dict[str, _Record] = {}
    current: _Record | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.removesuffix("\r")
        key, _, value = line.partition(":")
        if key == "SF":
            if current is not None:
                raise UnreadableReport(f"the lcov report has a record without an end before line {number}")
            current = records.setdefault(placed(value, root), _Record())
        elif line == "end_of_record":
            current = None
        elif key in _READERS:
            _read_into(current, key, value, number)
    if current is not None:
        raise UnreadableReport("the lcov report is cut off: its last record has no end")
    if not records:
        raise UnreadableReport("the lcov report names no file")
    return tuple(_coverage(path, record) for path, record in records.items())


def _read_into(record: _Record | None, key: str, value: str, number: int) -> None:
    if record is None:
        raise UnreadableReport(f"the lcov report has {key} outside of a record in line {number}")
    try:
        _READERS[key](record, value.split(","))
    except (ValueError, IndexError, OverflowError):
        raise UnreadableReport(f"the lcov report cannot be read in line {number}: {key}:{value[:80]}") from None


def _read_line(record: _Record, values: list[str]) -> None:
    """`DA:<line>,<hits>[,<checksum>]`."""
    line, hits = int(values[0]), float(values[1])  # some tools write large counts as 1e+06
    record.lines[line] = record.lines.get(line, False) or hits > 0


def _read_branch(record: _Record, values: list[str]) -> None:
    """`BRDA:<line>,<block>,<branch>,<taken>`; the branch may hold commas, and "-" says that the line never ran."""
    key = (int(values[0]), ",".join(values[1:-1]))
    taken = values[3:] and values[-1] != "-" and float(values[-1]) > 0
    if not values[3:]:
        raise ValueError("too short")
    record.branches[key] = record.branches.get(key, False) or bool(taken)


_READERS: dict[str, Callable[[_Record, list[str]], None]] = {"DA": _read_line, "BRDA": _read_branch}


def _coverage(path: str, record: _Record) -> FileCoverage:
    seen: dict[int, int] = {}
    branches: dict[bool, set[tuple[int, int]]] = {True: set(), False: set()}
    for (line, _), taken in record.branches.items():
        branches[taken].add((line, seen.setdefault(line, 0)))
        seen[line] -= 1
    return FileCoverage(
        path=path,
        executed=frozenset(line for line, ran in record.lines.items() if ran),
        missing=frozenset(line for line, ran in record.lines.items() if not ran),
        executed_branches=frozenset(branches[True]),
        missing_branches=frozenset(branches[False]),
    )
