"""Tells what a change takes out of the measurement: added pragmas, and altered coverage configuration."""

from __future__ import annotations

import re

from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.model.change import Change, FileChange, Role

PRAGMA = lazy_pattern(r"#\s*pragma[:\s]?\s*no\s*(cover|branch)", re.IGNORECASE)
CONFIGURATIONS = frozenset({".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml"})
MOST_NAMED = 5


def exclusion_notes(change: Change, held: bool = False) -> tuple[str, ...]:
    """What a reader should know about lines that the change takes out of the figures.

    `held` says that the settings of the base were used.
    """
    places = [
        f"{file.path}:{line}"
        for file in change.files
        if file.is_python and file.role is Role.SOURCE  # lines of tests are never in the figures
        for line in sorted(file.added_lines)
        if PRAGMA().search(_line(file, line))
    ]
    notes = []
    if places:
        more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        lines = "line" if len(places) == 1 else "lines"
        notes.append(f"the change excludes {len(places)} more {lines}: {', '.join(places[:MOST_NAMED])}{more}")
    for file in change.files:
        altered = _altered(file)
        if altered:
            until = "; the settings of the base were used" if held else ""
            notes.append(f"the change alters what coverage counts: {file.path} ({', '.join(altered)}){until}")
    return tuple(notes)


def _line(file: FileChange, number: int) -> str:
    lines = (file.text or "").split("\n")
    return lines[number - 1] if number <= len(lines) else ""


def _altered(file: FileChange) -> list[str]:
    """The names of the settings in a configuration file that decide what is measured and now differ."""
    name = file.path.rpartition("/")[2]
    base_name = (file.old_path or file.path).rpartition("/")[2]
    if name not in CONFIGURATIONS and base_name not in CONFIGURATIONS:
        return []
    from gatekeeper.gates.coverage.settings import telling_settings  # noqa: PLC0415 - few changes alter any

    before = telling_settings(base_name, file.base_text) if base_name in CONFIGURATIONS else {}
    after = telling_settings(name, file.text) if name in CONFIGURATIONS else {}
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
