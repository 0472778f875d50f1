"""Reads from a configuration of coverage the settings that decide what is counted."""

from __future__ import annotations

import configparser
import tomllib
from typing import Any

_TELLING = frozenset(
    {"omit", "include", "source", "source_pkgs", "source_dirs", "branch"}
    | {"exclude_lines", "exclude_also", "partial_branches", "partial_branches_always", "partial_also"}
)


def telling_settings(name: str, text: str | None) -> dict[str, Any]:
    """The telling settings of a file, as {"run.omit": …}; a file that cannot be parsed has the one setting "text"."""
    if text is None:
        return {}
    try:
        sections = _toml(name, text) if name.endswith(".toml") else _ini(name, text)
    except (tomllib.TOMLDecodeError, configparser.Error, AttributeError):
        return {"text": text}
    return {
        f"{section}.{key}": value
        for section in ("run", "report")
        for key, value in sections.get(section, {}).items()
        if key in _TELLING
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
