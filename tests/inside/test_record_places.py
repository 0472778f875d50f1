"""Where pytest looks for tests is told by its patterns, unless files were named to it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gatekeeper.inside.record_places import patterns


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tests"], ["test_*.py"]),
        (["/home/me/app.pyproject/tests"], ["test_*.py"]),
        (["checks.py"], []),
        (["tests", "checks.py::test_a"], []),
        (["checks.py::test_a[a/b]"], []),
    ],
)
def test_patterns(words: list[str], told: list[str]) -> None:
    config = SimpleNamespace(args=words, getini={"python_files": ["test_*.py"]}.__getitem__)
    assert patterns(config) == told
