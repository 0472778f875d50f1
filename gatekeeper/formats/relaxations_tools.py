"""Finds what a change relaxes in the configuration of coverage, pylint and pytest."""

from __future__ import annotations

import configparser
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.formats.policy_merge import shown
from gatekeeper.formats.tool_files import TOOL_FILES
from gatekeeper.inside.base_settings import DEFAULTS, harmless
from gatekeeper.model.change import Change
from gatekeeper.model.direction import Direction, Strictness
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_FEWER, _MORE, _LIMITING = (Strictness(d) for d in (Direction.FEWER, Direction.MORE, Direction.LIMITING))
_HIGHER, _LOWER, _BASE = (Strictness(d) for d in (Direction.HIGHER, Direction.LOWER, Direction.BASE))
_IF_TRUE, _IF_FALSE = (Strictness(Direction.LATER, words) for words in ((None, False, True), (True, False, None)))

_COVERAGE = {
    **dict.fromkeys(("run.omit", "report.omit", "report.exclude_lines", "report.exclude_also"), _FEWER),
    **dict.fromkeys(("report.partial_branches", "report.partial_also", "report.partial_branches_always"), _FEWER),
    **dict.fromkeys(("run.source", "run.source_pkgs", "run.source_dirs", "run.include", "report.include"), _LIMITING),
    "run.branch": _IF_TRUE,
    "run.plugins": _FEWER,
    "report.fail_under": _HIGHER,
    **dict.fromkeys(("report.skip_covered", "report.skip_empty", "report.ignore_errors"), _IF_FALSE),
}
_PYLINT = {
    **dict.fromkeys(("disable", "ignore", "ignore-patterns", "ignore-paths", "ignored-modules"), _FEWER),
    **dict.fromkeys(("ignored-classes", "generated-members", "good-names"), _FEWER),
    **dict.fromkeys(("enable", "load-plugins"), _MORE),
    "fail-under": _HIGHER,
    "init-hook": _BASE,
    "errors-only": _IF_FALSE,
}
_PYTEST = {
    "addopts": _BASE,
    "testpaths": _LIMITING,
    **dict.fromkeys(("python_files", "python_classes", "python_functions"), _MORE),
    "norecursedirs": _FEWER,
    "xfail_strict": _IF_TRUE,
}
_TABLES: Mapping[str, Mapping[str, Strictness]] = {"coverage": _COVERAGE, "pylint": _PYLINT, "pytest": _PYTEST}
_LISTED = (Direction.FEWER, Direction.MORE, Direction.LIMITING)
_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class _Value:
    """A setting of a tool, and the file in which it stands."""

    value: Any
    path: str
    line: int | None


_Settings = dict[tuple[str, str, str], _Value]  # folder, tool, key


def tool_relaxations(change: Change, held: bool) -> Iterator[PolicyChange]:
    """A relaxation for each setting that got milder; `held` says that the gates went by those of the base."""
    before: _Settings = {}
    after: _Settings = {}
    for file in change.files:
        before.update(_settings((file.old_path or file.path) if file.base_path else "", file.base_text))
        after.update(_settings(file.path if file.exists else "", file.text))
    for place in dict.fromkeys((*before, *after)):
        _, tool, key = place
        old, new = before.get(place), after.get(place)
        if not _relaxes(tool, key, old, new):
            continue
        spot = new or old
        if spot is not None:
            words = [shown(one.value if one else None) for one in (old, new)]
            line = new.line if new else None
            yield PolicyChange(Relaxed.TOOL, spot.path, line, f"{tool} {key}", words[0], words[1], held)


def _relaxes(tool: str, key: str, old: _Value | None, new: _Value | None) -> bool:
    one, other = old.value if old else None, new.value if new else None
    if key == _UNREADABLE:
        return one != other
    if tool == "pytest" and key == "addopts":
        return not harmless(_words(one), _words(other))
    if tool == "pytest" and key in DEFAULTS:
        one, other = (tuple(DEFAULTS[key]) if value is None else value for value in (one, other))
    return _strictness(tool, key).combine(one, other).relaxed


def _words(value: Any) -> list[str]:
    return list(value or ())


def _strictness(tool: str, key: str) -> Strictness:
    return _TABLES[tool].get(key, _LOWER)  # the many `max-…` of pylint


def _settings(path: str, text: str | None) -> _Settings:
    """The settings of one file that can be relaxed; empty for a file that configures none of the tools."""
    folder, _, name = path.rpartition("/")
    if text is None or name not in TOOL_FILES:
        return {}
    try:
        tables = _toml(name, text) if name.endswith(".toml") else _ini(name, text)
    except (tomllib.TOMLDecodeError, configparser.Error, RecursionError, AttributeError):
        tool = TOOL_FILES[name] or "coverage"
        return {(folder, tool, _UNREADABLE): _Value(text, path, None)}
    found: _Settings = {}
    for tool, options in tables.items():
        for key, value in options.items():
            named = key.replace("_", "-") if tool == "pylint" else key
            if named in _TABLES[tool] or (tool == "pylint" and named.startswith("max-")):
                found[folder, tool, named] = _Value(_plain(tool, named, value), path, _line(text, key))
    return found


def _toml(name: str, text: str) -> dict[str, dict[str, Any]]:
    data = tomllib.loads(text)
    tables = data.get("tool", {})
    pytest = tables.get("pytest", {})
    coverage = tables.get("coverage", data if name == ".coveragerc.toml" else {})
    return {
        "coverage": _flat(coverage, ("run", "report")),
        "pylint": _leaves(tables.get("pylint", data if "pylintrc" in name else {})),
        "pytest": {**pytest, **pytest.get("ini_options", {}), **(data.get("pytest", {}) if "pytest." in name else {})},
    }


def _ini(name: str, text: str) -> dict[str, dict[str, Any]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    sections: dict[str, dict[str, Any]] = {section: dict(parser.items(section)) for section in parser.sections()}
    own = TOOL_FILES.get(name)
    prefix = "" if own == "coverage" else "coverage:"
    coverage = {part: sections.get(prefix + part, {}) for part in ("run", "report")}
    pylint = {name: table for name, table in sections.items() if own == "pylint" or name.lower().startswith("pylint")}
    pytest = sections.get("tool:pytest" if name == "setup.cfg" else "pytest", {})
    return {
        "coverage": _flat(coverage, ("run", "report")) if own in (None, "coverage") else {},
        "pylint": _leaves(pylint) if own in (None, "pylint") else {},
        "pytest": pytest if own in (None, "pytest") else {},
    }


def _flat(tables: Mapping[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    return {f"{part}.{key}": value for part in parts for key, value in tables.get(part, {}).items()}


def _leaves(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The options of all tables: pylint does not care in which of them one stands."""
    found: dict[str, Any] = {}
    for key, value in tables.items():
        found.update(_leaves(value) if isinstance(value, dict) else {key: value})
    return found


def _plain(tool: str, key: str, value: Any) -> Any:
    """A value as its direction compares it: a tuple of words, a number, a boolean."""
    strictness = _strictness(tool, key)
    if strictness.direction in _LISTED or key == "addopts":
        return _items(tool, value)
    if strictness.words:
        return str(value).strip().lower() in ("1", "true", "yes", "on", "y", "t")
    if strictness.direction is Direction.BASE:
        return str(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _items(tool: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    text = str(value or "")
    if tool == "pytest":
        try:
            return tuple(shlex.split(text))
        except ValueError:
            return (text,)
    return tuple(word.strip() for word in re.split(r"[,\n]", text) if word.strip())


def _line(text: str, key: str) -> int | None:
    """The line on which a setting stands, by the last part of its name."""
    last = re.escape(key.rpartition(".")[2]).replace("_", "[-_]").replace(r"\-", "[-_]")
    found = re.search(rf"^[^#\n=:]*?\b{last}[\"']?\s*[=:]", text, re.MULTILINE | re.IGNORECASE)
    return text.count("\n", 0, found.start()) + 1 if found else None
