"""The severity table."""

from __future__ import annotations

import json

import pytest

from gatekeeper.gates.review.severities import (
    BANDIT,
    BLOCKING_IN_ASYNC,
    MEDIUM_RULES,
    SAME_THING,
    level_severity,
    pylint_severity,
    ruff_severity,
)
from gatekeeper.model.reading import Diagnostic
from tests.gates.review.runs import RUFF, run_quietly


def message(rule: str, level: str = "W", confidence: str = "HIGH", text: str = "m") -> Diagnostic:
    return Diagnostic("a.py", 1, rule, text, level, confidence=confidence)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("S602", "critical"),
        ("S324", "critical"),
        ("S501", "critical"),
        ("S202", "critical"),
        ("S506", "critical"),
        ("S201", "critical"),
        ("S507", "high"),
        ("S102", "high"),
        ("S301", "high"),
        ("S608", "medium"),
        ("S104", "medium"),
        ("S101", "low"),
        ("S603", "low"),
        ("B006", "medium"),
        ("B007", "low"),
        ("ASYNC251", "high"),
        ("ASYNC110", "medium"),
        ("PERF401", "low"),
        ("S999", "low"),
    ],
)
def test_ruff(rule: str, expected: str) -> None:
    assert ruff_severity(message(rule)) == expected


def test_a_shell_with_a_literal_command_is_low() -> None:
    assert ruff_severity(message("S602", text="`subprocess` call with `shell=True` seems safe, but …")) == "low"


@pytest.mark.parametrize(
    ("rule", "level", "confidence", "is_ours", "expected"),
    [
        ("syntax-error", "E", "UNDEFINED", True, "critical"),
        ("undefined-variable", "E", "UNDEFINED", True, "high"),
        ("used-before-assignment", "E", "CONTROL_FLOW", True, "medium"),
        ("no-name-in-module", "E", "UNDEFINED", True, "high"),
        ("no-name-in-module", "E", "UNDEFINED", False, "medium"),
        ("invalid-bool-returned", "E", "UNDEFINED", True, "high"),
        ("no-member", "E", "INFERENCE", True, "medium"),
        ("no-self-argument", "E", "UNDEFINED", True, "medium"),
        ("bare-except", "W", "UNDEFINED", True, "medium"),
        ("unused-import", "W", "UNDEFINED", True, "low"),
        ("line-too-long", "C", "UNDEFINED", True, "low"),
    ],
)
def test_pylint(rule: str, level: str, confidence: str, is_ours: bool, expected: str) -> None:
    assert pylint_severity(message(rule, level, confidence), is_ours) == expected


def test_other_tools() -> None:
    assert [level_severity(message("r", level)) for level in ("error", "warning", "note")] == ["high", "medium", "low"]


def test_every_rule_of_the_tables_is_known_to_ruff() -> None:
    known = {rule["code"] for rule in json.loads(run_quietly(RUFF, "rule", "--all", "--output-format", "json").stdout)}
    assert {*BANDIT, *MEDIUM_RULES, *BLOCKING_IN_ASYNC, *SAME_THING} <= known
