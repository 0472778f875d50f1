"""Tells from a project's configuration whether its test run executes the samples of its documentation."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.inspectors.sources import read_text

_SETTINGS = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "conftest.py")
_HINTS = ("--doctest-glob", "--doctest-modules", "doctest_glob")


def doctest_habit(tree: str, root: str) -> str:
    """How the samples are run, such as "--doctest-modules in pyproject.toml", or "" where nothing says so."""
    for name in _SETTINGS:
        text = read_text(Path(tree, root, name)) or ""
        for hint in (*_HINTS, "sybil"):
            if hint in text:
                return f"{hint} in {name}"
    return ""
