"""Which fixers a project uses, and how they are started."""

from __future__ import annotations

import pytest

from gatekeeper.formats.fixers import Programs, configured, find_fixers
from gatekeeper.model.candidate import Environment

ENVIRONMENT = Environment("/venv/bin/python", "for tests", (3, 12), {"black": "25", "isort": "6"})
PROGRAMS = Programs(ENVIRONMENT, "/our own/ruff", "/our/python", "/our/gatekeeper")

FILES = [
    ({}, set()),
    ({"pyproject.toml": "[tool.ruff]\n"}, {"ruff-check"}),
    ({"pyproject.toml": "[tool.ruff.format]\n"}, {"ruff-check", "ruff-format"}),
    ({"ruff.toml": "line-length = 100\n"}, {"ruff-check"}),
    ({".ruff.toml": "[format]\n"}, {"ruff-check", "ruff-format"}),
    ({".pre-commit-config.yaml": "repos:\n- hooks:\n  - id: ruff-format\n"}, {"ruff-format"}),
    ({".pre-commit-config.yaml": "repos:\n- hooks:\n  - id: ruff\n"}, set()),
    ({"pyproject.toml": "[tool.black]\n[tool.isort]\n"}, {"black", "isort"}),
    ({".isort.cfg": ""}, {"isort"}),
    ({"setup.cfg": "[isort]\n"}, {"isort"}),
    ({"tox.ini": "[tool:isort]\n"}, {"isort"}),
    ({"setup.cfg": "# [isort]\n"}, set()),
    ({"pyproject.toml": "this is no TOML"}, set()),
    ({"pyproject.toml": "tool = 1\n"}, set()),
]


@pytest.mark.parametrize(("texts", "expected"), FILES)
def test_what_a_project_configures(texts, expected):
    assert configured([texts]) == expected
    assert configured([{}, texts]) == expected


def test_the_order_and_what_the_policy_adds_and_takes_away():
    texts = [{"pyproject.toml": "[tool.ruff.format]\n[tool.black]\n"}]
    wanted = {"end-of-file": True, "mine": {"run": "x {files}", "paths": ["a/*"], "timeout": 5}, "black": False}
    found = find_fixers(wanted, texts, PROGRAMS)
    assert [fixer.name for fixer in found] == ["ruff-check", "ruff-format", "mine", "end-of-file"]
    assert (found[2].run, found[2].paths, found[2].seconds_limit) == ("x {files}", ("a/*",), 5.0)


def test_how_they_are_started():
    found = find_fixers(dict.fromkeys(("ruff-check", "isort", "black", "trailing-whitespace"), True), [], PROGRAMS)
    check, isort, black, white = (fixer.run for fixer in found)
    assert check.startswith("'/our own/ruff' check --fix-only --no-unsafe-fixes")
    assert isort == "/venv/bin/isort --quiet --filter-files {files}"
    assert black == "/venv/bin/black --quiet {files}"
    assert white == "/our/python -I /our/gatekeeper/inspectors/tidy.py trailing-whitespace {files}"


def test_the_ruff_of_the_project_goes_before_ours():
    own = Environment("/venv/bin/python", "for tests", (3, 12), {"ruff": "0.1"})
    (fixer,) = find_fixers({"ruff-format": True}, [], Programs(own, "/ours", "/python", "/folder"))
    assert fixer.run.startswith("/venv/bin/ruff format ")


def test_what_is_not_installed_is_said():
    bare = Programs(Environment("/venv/bin/python", "for tests"), "/ruff", "/python", "/folder")
    (fixer,) = find_fixers({"black": True}, [], bare)
    assert fixer.problem == "black is not installed in /venv/bin/python"
    (fixer,) = find_fixers({"black": {"run": "black {files}"}}, [], bare)
    assert fixer.problem == ""
