"""The names of the files in which pylint, coverage and pytest look for their settings."""

from __future__ import annotations

from collections.abc import Mapping

TOOL_FILES: Mapping[str, str | None] = {
    **dict.fromkeys(("pyproject.toml", "setup.cfg", "tox.ini")),
    **dict.fromkeys((".coveragerc", ".coveragerc.toml"), "coverage"),
    **dict.fromkeys(("pylintrc", ".pylintrc", "pylintrc.toml", ".pylintrc.toml"), "pylint"),
    **dict.fromkeys(("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"), "pytest"),
}
"""The tool that owns a file; None where several share it."""
