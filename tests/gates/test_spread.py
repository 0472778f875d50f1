"""Tests run in several processes where somebody says so, and with `auto` where that is known to save time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.gates.tests import GATE
from gatekeeper.gates.tests.spread import spread_notes, spread_of
from gatekeeper.model.policy import Setting
from gatekeeper.model.selection import Selection
from gatekeeper.ports import Request
from tests.gates.project_runs import file_change, request_for

ALL = "those known to have to run take {} s one after another"


def asked(
    tmp_path: Path, processes: object, selection: Selection | None, cores: int = 4, xdist: bool = True
) -> Request:
    tools = {"pytest": "9.0.0", **({"pytest-xdist": "3.8.0"} if xdist else {})}
    request = request_for(tmp_path, [file_change("app.py", "x = 1\n")], tools=tools)
    policy = replace(request.policy, settings={**request.policy.settings, "processes": Setting(processes, "file")})
    return replace(request, policy=policy, selection=selection, cores=cores)


@pytest.mark.parametrize(
    ("processes", "seconds", "cores", "xdist", "expected", "reason"),
    [
        (1, 600.0, 4, True, 1, ""),
        (3, None, 4, True, 3, ""),
        (3, 0.1, 1, True, 3, ""),
        (3, 600.0, 4, False, 1, "in one process: `processes` needs pytest-xdist in the project's environment"),
        ("auto", 600.0, 4, False, 1, "in one process: `processes` needs pytest-xdist in the project's environment"),
        ("auto", None, 4, True, 1, "in one process: it was not known how long they take"),
        ("auto", 6.0, 4, True, 1, f"in one process: {ALL.format(6)}, and 4 processes would not save enough"),
        ("auto", 7.0, 4, True, 4, f"in 4 processes: {ALL.format(7)}"),
        ("auto", 600.0, 1, True, 1, "in one process: there is one core"),
        ("auto", 9.0, 2, True, 1, f"in one process: {ALL.format(9)}, and 2 processes would not save enough"),
        ("auto", 11.0, 2, True, 2, f"in 2 processes: {ALL.format(11)}"),
    ],
)
def test_processes_are_started_where_they_pay(
    tmp_path: Path, processes: object, seconds: float | None, cores: int, xdist: bool, expected: int, reason: str
) -> None:
    request = asked(tmp_path, processes, Selection(seconds=seconds), cores, xdist)
    assert spread_of(request).processes == expected
    assert spread_notes(request) == ((f"the tests ran {reason}",) if reason else ())
    told = json.loads(GATE.plan(request, {})[0].stdin)
    assert told["spread"] == ([f"--numprocesses={expected}"] if expected > 1 else [])


def test_nothing_is_known_where_tests_are_not_selected(tmp_path: Path) -> None:
    assert spread_of(asked(tmp_path, "auto", None)).processes == 1


def test_nothing_is_told_of_tests_that_were_not_started(tmp_path: Path) -> None:
    known = Selection(answers={"tests.pytest": {}}, seconds=0.0)
    assert spread_notes(asked(tmp_path, "auto", known)) == ()
