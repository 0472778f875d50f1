"""Tells which fixers a project uses: those that it configures for itself, and those that its policy names."""

from __future__ import annotations

import posixpath
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatekeeper.model.candidate import Environment
from gatekeeper.model.fix import BUILT_IN, Fixer

CONFIG_NAMES = (
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    ".isort.cfg",
    "setup.cfg",
    "tox.ini",
    ".pre-commit-config.yaml",
)
"""The names of the files that tell which fixers a project uses."""

_PYTHON = ("*.py", "*.pyi")
_PATHS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(BUILT_IN[:4], _PYTHON),
    "trailing-whitespace": ("!*.md", "!*.patch", "!*.diff"),  # white space has a meaning there
    "end-of-file": (),
}
_RUFF = {
    "ruff-check": ("check", "--fix-only", "--no-unsafe-fixes", "--no-cache", "--quiet", "--force-exclude"),
    "ruff-format": ("format", "--no-cache", "--quiet", "--force-exclude"),
}
_INSTALLED = {"isort": ("--quiet", "--filter-files"), "black": ("--quiet",)}
_ISORT_SECTION = re.compile(r"^\[(?:tool:)?isort\]", re.MULTILINE)
_RUFF_FORMAT_HOOK = re.compile(r"^\s*-?\s*id:\s*['\"]?ruff-format\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs lie: the interpreter of the project, ruff, our own interpreter and our own package."""

    environment: Environment
    ruff: str
    own_python: str
    folder: str


def find_fixers(
    wanted: Mapping[str, Any], folders: Sequence[Mapping[str, str]], programs: Programs
) -> tuple[Fixer, ...]:
    """The fixers in the order in which they run.

    `wanted` is the setting `fix`, checked already. `folders` are the texts of configuration files by their name, for
    the folder of the project and each one above it, the nearest first.
    """
    used = configured(folders)
    made = []
    own = [name for name in wanted if name not in BUILT_IN]
    for name in (*BUILT_IN[:4], *own, *BUILT_IN[4:]):
        setting = wanted.get(name, name in used)
        if not setting:
            continue
        options = setting if isinstance(setting, Mapping) else {}
        run = str(options.get("run") or "")
        built, problem = (run, "") if run else _command(name, programs)
        paths = tuple(options.get("paths") or _PATHS.get(name, ()))
        made.append(Fixer(name, built, paths, float(options.get("timeout") or 300), problem))
    return tuple(made)


def configured(folders: Sequence[Mapping[str, str]]) -> frozenset[str]:
    """The fixers that the project configures for itself; `ruff format` only where it says that it formats with it."""
    used: set[str] = set()
    for texts in folders:
        tools = _table(texts.get("pyproject.toml", "")).get("tool", {})
        tools = tools if isinstance(tools, dict) else {}
        hooks = bool(_RUFF_FORMAT_HOOK.search(texts.get(".pre-commit-config.yaml", "")))
        for ruff in (_table(texts.get(name, "")) if name in texts else None for name in (".ruff.toml", "ruff.toml")):
            used |= _ruff_uses(ruff)
        used |= _ruff_uses(tools.get("ruff")) | ({"ruff-format"} if hooks else set())
        if "black" in tools:
            used.add("black")
        sections = any(_ISORT_SECTION.search(texts.get(name, "")) for name in ("setup.cfg", "tox.ini"))
        if "isort" in tools or ".isort.cfg" in texts or sections:
            used.add("isort")
    return frozenset(used)


def _ruff_uses(settings: Any) -> set[str]:
    if not isinstance(settings, dict):
        return set()
    return {"ruff-check", "ruff-format"} if "format" in settings else {"ruff-check"}


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}  # the tool itself says what is wrong with its configuration


def _command(name: str, programs: Programs) -> tuple[str, str]:
    """The command line of a built-in fixer, and what is wrong with it."""
    beside = posixpath.dirname(programs.environment.python)
    if name in _RUFF:
        # that of the project, since two versions may not agree
        ruff = f"{beside}/ruff" if programs.environment.has("ruff") else programs.ruff
        return _line((ruff, *_RUFF[name])), ""
    if name in _INSTALLED:
        missing = "" if programs.environment.has(name) else f"{name} is not installed in {programs.environment.python}"
        return _line((f"{beside}/{name}", *_INSTALLED[name])), missing
    return _line((programs.own_python, "-I", f"{programs.folder}/inspectors/tidy.py", name)), ""


def _line(words: Sequence[str]) -> str:
    return f"{shlex.join(words)} {{files}}"
