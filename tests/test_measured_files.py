"""The tests are told whose coverage will be read, where nothing is asked of the other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.engine.run import Assignment
from gatekeeper.gates.coverage import GATE as COVERAGE
from gatekeeper.run_wiring import _measured
from tests.gates.project_runs import file_change, request_for

CHANGES = [
    file_change("app/a.py", "x = 1\n"),
    file_change("app/gone.py", None, "x = 1\n"),
    file_change("README", "x\n"),
]


@pytest.mark.parametrize(
    ("settings", "is_told"),
    [
        ({}, True),
        ({"minimum": 90}, True),
        ({"total": 80}, False),
        ({"drop": "forbid"}, False),
        ({"drop": "allow"}, True),
    ],
)
def test_where_no_total_is_asked_for(tmp_path: Path, settings: dict[str, object], is_told: bool) -> None:
    both = ("tests", "coverage")
    reader = Assignment("coverage", COVERAGE, request_for(tmp_path, CHANGES, "coverage", both, **settings))  # type: ignore[arg-type]
    made = _measured(request_for(tmp_path, CHANGES, "tests", both), reader)
    assert made.measured == ((f"{tmp_path}/tree/app/a.py",) if is_told else None)
    assert "coverage" in made.selected


def test_where_there_is_nothing_to_read(tmp_path: Path) -> None:
    both = ("tests", "coverage")
    reader = Assignment("coverage", COVERAGE, request_for(tmp_path, CHANGES[2:], "coverage", both))  # type: ignore[arg-type]
    made = _measured(request_for(tmp_path, CHANGES[2:], "tests", both), reader)
    assert (made.measured, made.selected) == (None, frozenset({"tests"}))
