"""Tells from a project's configuration how it keeps its documentation: who runs its samples, where its news stand."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.formats.changelog import is_changelog
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


def keeps_changelog(tree: str, root: str) -> bool:
    """Whether a tree has a changelog: at its top, in the project, or one folder below."""
    places = dict.fromkeys((Path(tree), Path(tree, root)))
    below = (path for place in places for pattern in ("*", "*/*") for path in place.glob(pattern))
    return any(path.is_file() and is_changelog(path.relative_to(tree).as_posix()) for path in below)


def news_folder(tree: str, root: str) -> str:
    """The folder in which towncrier keeps news entries, relative to the project; "" where it has no settings."""
    import tomllib  # noqa: PLC0415 - only for a change that breaks callers

    for name in ("towncrier.toml", "pyproject.toml"):
        try:
            settings = tomllib.loads(read_text(Path(tree, root, name)) or "")
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        for key in ("tool", "towncrier"):
            settings = settings.get(key, {}) if isinstance(settings, dict) else {}
        folder = settings.get("directory") if isinstance(settings, dict) else None
        if isinstance(folder, str):
            return folder
    return ""
