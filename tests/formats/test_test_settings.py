"""What pytest and coverage read of a shared file is told apart from what they do not."""

from __future__ import annotations

import pytest

from gatekeeper.formats.test_settings import part_for_tests, same_for_tests


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("[metadata]\na = 1\n", "[metadata]\na = 2\n", True),
        ("[tool:pytest]\na = 1\n", "[tool:pytest]\na = 2\n", False),
        ("[coverage:run]\na = 1\n", "[coverage:run]\n", False),
        ("[DEFAULT]\na = 1\n", "[DEFAULT]\na = 2\n", False),
        ("a = 1\n[metadata]\n", "a = 2\n[metadata]\n", False),
        ("[pytest]\nx =\n    [one]\n    two\n", "[pytest]\nx =\n    [one]\n    three\n", False),
        ("[pytest]\nx = 1\n[one\ny = 1\n", "[pytest]\nx = 1\n[one\ny = 2\n", False),
        ("[pytest]\nx = 1\n[one] # two\ny = 1\n", "[pytest]\nx = 1\n[one] # two\ny = 2\n", True),
        ("[pytest]\nx = 1\n\n[one]\n", "[one]\n\n[pytest]\nx = 1\n", True),
        ("[one]\nx =\n  [pytest]\n  a\n", "[one]\nx =\n  [pytest]\n  b\n", False),
    ],
)
def test_sections(before: str, after: str, same: bool) -> None:
    assert same_for_tests("setup.cfg", before, after) is same
    assert same_for_tests("tox.ini", after, before) is same


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("[project]\nversion = '1'\n", "[project]\nversion = '2'\n", True),
        ("[tool.black]\na = 1\n", "", True),
        ("[tool.pytest.ini_options]\na = 1\n", "[tool.pytest.ini_options]\na = true\n", False),
        ("[tool.pytest_env]\na = 1\n", "[tool.pytest_env]\na = 2\n", False),
        ("[tool.coverage.run]\n", "", False),
        ("[tool.pytest]\n# one\n", "[tool.pytest]\n", True),
        ("tool = 1\n", "tool = 1\n", False),
        ("[", "[", False),
        ("x = " + "[" * 3000, "x = 1", False),
    ],
)
def test_tables(before: str, after: str, same: bool) -> None:
    assert same_for_tests("pyproject.toml", before, after) is same


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", "[project]\nversion = '1'\n", ()),
        ("pyproject.toml", "[tool.black]\nx = 1\n[tool.pytest.ini_options]\naddopts = '-q'\n", ("pytest {'ini_options': {'addopts': '-q'}}",)),
        ("pyproject.toml", "[tool", ("[tool",)),
        ("pyproject.toml", "tool = 1", ("tool = 1",)),
        ("setup.cfg", "[metadata]\nname = a\n[tool:pytest]\naddopts = -q\n", ("[tool:pytest]", "addopts = -q")),
    ],
)  # fmt: skip
def test_the_part_that_tests_go_by(name: str, text: str, expected: tuple[str, ...]) -> None:
    assert part_for_tests(name, text) == expected
