"""Tells what a change takes out of the measurement: added pragmas, and altered coverage configuration."""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import Any

from gatekeeper.model.change import Change, FileChange, Role

PRAGMA = re.compile(r"#\s*pragma[:\s]?\s*no\s*(cover|branch)", re.IGNORECASE)
CONFIGURATIONS = frozenset({".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml"})
TELLING = frozenset(
    {"omit", "include", "source", "source_pkgs", "source_dirs", "branch"}
    | {"exclude_lines", "exclude_also", "partial_branches", "partial_branches_always", "partial_also"}
)
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
        if PRAGMA.search(_line(file, line))
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
    before, after = _settings(base_name, file.base_text), _settings(name, file.text)
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _settings(name: str, text: str | None) -> dict[str, Any]:
    """The telling settings of a file, as {"run.omit": …}; a file that cannot be parsed has the one setting "text"."""
    if text is None or name not in CONFIGURATIONS:
        return {}
    try:
        sections = _toml(name, text) if name.endswith(".toml") else _ini(name, text)
    except (tomllib.TOMLDecodeError, configparser.Error, AttributeError):
        return {"text": text}
    return {
        f"{section}.{key}": value
        for section in ("run", "report")
        for key, value in sections.get(section, {}).items()
        if key in TELLING
    }


def _toml(name: str, text: str) -> dict[str, dict[str, Any]]:
    data = tomllib.loads(text)
    tool: dict[str, dict[str, Any]] = data.get("tool", {}).get("coverage", {})
    # A file of coverage's own may name its sections directly.
    return tool or ({key: data[key] for key in ("run", "report") if key in data} if name == ".coveragerc.toml" else {})


def _ini(name: str, text: str) -> dict[str, dict[str, Any]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    prefix = "" if name == ".coveragerc" else "coverage:"
    return {
        section: {key: value.split() for key, value in parser.items(prefix + section)}
        for section in ("run", "report")
        if parser.has_section(prefix + section)
    }
