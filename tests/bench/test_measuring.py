"""What the benchmarks measure, and how they compare verdicts."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
BURN = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("clock")


@pytest.fixture
def verdicts(clock: ModuleType) -> ModuleType:
    return import_module("verdicts")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the benchmarks read /proc")
def test_work_of_grandchildren_is_counted(clock: ModuleType, tmp_path: Path) -> None:
    argv = ["sh", "-c", '"$0" -c "$1"; echo said; exit 3', sys.executable, BURN]
    cost = clock.timed(argv, tmp_path, os.environ)
    assert cost.cpu >= 0.2
    assert cost.wall >= 0.2
    assert (cost.exit_code, cost.output) == (3, "said\n")
    assert 0 < cost.peak_mb < 20  # that of the shell, not of the interpreter that it starts
    assert 0 <= cost.others <= 1


@pytest.mark.parametrize(
    ("gate", "code", "verdict", "agrees", "reason"),
    [
        ("review", 0, {"status": "passed"}, True, ""),
        ("coverage", 0, {"status": "skipped"}, True, ""),
        ("docs", 1, {"status": "passed"}, False, "old debt"),
        ("docs", 0, {"status": "failed", "findings": [{"rule": "D1", "blocks": True}]}, False, "introduces D1"),
        ("coverage", 1, {"status": "passed", "summary": "90 of 100"}, False, "measured differently: 90 of 100"),
        ("tests", 0, {"status": "error", "summary": "no report"}, False, "could not look: no report"),
        ("tests", 1, {"status": "failed"}, True, ""),
    ],
)
def test_agreement(
    verdicts: ModuleType, clock: ModuleType, gate: str, code: int, verdict: dict[str, object], agrees: bool, reason: str
) -> None:
    names = {"review": "pylint", "tests": "pytest", "coverage": "diff-cover", "docs": "interrogate"}
    steps = {name: clock.Cost(1.0, 1.0, code if name == names[gate] else 0, 0.0, "") for name in names.values()}
    report = {"verdicts": [{"gate": name, "status": "passed", "findings": []} | verdict for name in [gate]]}
    found = next(one for one in verdicts.compare(steps, report) if one.gate == gate)
    assert found.agrees is agrees
    assert reason in found.reason
    assert bool(found.reason) is not agrees
