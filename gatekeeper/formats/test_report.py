"""Reads the report that `inside/run_tests.py` writes about a run of pytest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatekeeper.formats.json_parts import read_parts
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.reading import TestCase


@dataclass(frozen=True, slots=True)
class WrongOrigin:
    """A package of the project that was imported from another place than the tree under judgement."""

    package: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a run of pytest saw.

    `exit_status` is what pytest returned. `collected` counts the tests that were to run, `unseen` names some of those
    without an outcome, `deselected` counts those that the project's settings left out. `stopped` is why pytest ended
    early. `measured` is the folder of the coverage data, `measure_problem` why there is none although it was asked for.
    `held_settings` are those of pytest in which the base held against the change, `unread_settings` why that could not
    be settled. `reused` counts the tests that were left out since their outcome is known; `not_reused` says why
    none was, although some were known. `ended_at_first` says that pytest ended at the first failure as it was told to,
    `reordered` that files of tests changed places for that.
    """

    __test__ = False  # pytest would take the name for a test class

    exit_status: int
    collected: int
    tests: tuple[TestCase, ...]
    collection_errors: tuple[TestCase, ...] = ()
    unseen: tuple[str, ...] = ()
    deselected: int = 0
    warnings: int = 0
    workers: int = 0
    seconds: float = 0.0
    stopped: str = ""
    rootdir: str = ""
    wrong_origins: tuple[WrongOrigin, ...] = ()
    measured: str = ""
    measure_problem: str = ""
    held_settings: tuple[str, ...] = ()
    unread_settings: str = ""
    reused: int = 0
    not_reused: str = ""
    ended_at_first: bool = False
    reordered: bool = False

    @property
    def failures(self) -> tuple[TestCase, ...]:
        """The tests that did not end well."""
        return tuple(test for test in self.tests if test.outcome not in ("passed", "skipped"))

    def count(self, outcome: str) -> int:
        """How many tests ended this way."""
        return sum(test.outcome == outcome for test in self.tests)


def read_test_report(text: str, nonce: str) -> TestReport:
    """The report in this text, which must carry this nonce; raises UnreadableReport where it cannot be trusted."""
    try:
        data = read_parts(text, {"tests": _cases()})
        if data.get("nonce") != nonce:
            raise UnreadableReport("the report of the tests is not of this run")
        return TestReport(
            exit_status=int(data["exit_status"]),
            collected=int(data["collected"]),
            tests=tuple(data["tests"]),
            collection_errors=tuple(map(_cases(), data["collection_errors"])),
            unseen=tuple(map(str, data["unseen"])),
            deselected=int(data["deselected"]),
            warnings=int(data["warnings"]),
            workers=int(data["workers"]),
            seconds=float(data["seconds"]),
            stopped=str(data["stopped"]),
            rootdir=str(data["rootdir"]),
            wrong_origins=tuple(
                WrongOrigin(str(item["package"]), str(item["expected"]), str(item["found"]))
                for item in data["wrong_origins"]
            ),
            measured=str(data["measured"]),
            measure_problem=str(data["measure_problem"]),
            held_settings=tuple(map(str, data.get("held_settings", ()))),
            unread_settings=str(data.get("unread_settings", "")),
            reused=int(data.get("reused", 0)),
            not_reused=str(data.get("not_reused", "")),
            ended_at_first=bool(data.get("ended_at_first", False)),
            reordered=bool(data.get("reordered", False)),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        if isinstance(error, UnreadableReport):
            raise
        raise UnreadableReport(f"the report of the tests cannot be read ({type(error).__name__}: {error})") from error


def _cases() -> Callable[[dict[str, Any]], TestCase]:
    """What makes a test of each item; thousands of them share the words that they have in common."""
    shared: dict[str, str] = {}

    def case(item: dict[str, Any]) -> TestCase:
        line, path, outcome = item["line"], str(item["path"]), str(item["outcome"])
        return TestCase(
            id=str(item["id"]),
            # A test that was started and never finished its call has no outcome: it did not pass.
            outcome=shared.setdefault(outcome, outcome) or "error",
            seconds=float(item["seconds"]),
            message=str(item["message"]),
            detail=str(item["detail"]),
            path=shared.setdefault(path, path),
            line=None if line is None else int(line),
        )

    return case
