"""Reads the policy of a run from the configuration files of a tree, the environment and the flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from gatekeeper.edges.configuration_memory import recall, remember
from gatekeeper.formats.config_errors import Problem
from gatekeeper.formats.config_layers import ConfigFile
from gatekeeper.formats.config_policy import build_policy, override_problems
from gatekeeper.formats.config_schema import complaints
from gatekeeper.formats.config_text import read_toml_bytes, read_yaml_bytes
from gatekeeper.formats.config_values import value_complaints
from gatekeeper.formats.located import Located, Place, UnreadableDocumentError
from gatekeeper.model.errors import UsageError
from gatekeeper.model.policy import Policy, Setting

Reader = Callable[[str], bytes | None]
"""The content of a file by its path relative to the repository, or None where it cannot be read."""

YAML_NAME = ".gatekeeper.yml"
TOML_NAME = "pyproject.toml"
WRONG_NAME = ".gatekeeper.yaml"
NAMES = frozenset({YAML_NAME, TOML_NAME, WRONG_NAME})
"""The names of files that `read_policy` wants to know about."""

# A threshold cannot be set here: a line in somebody's shell profile must not lower a bar without anybody seeing it.
_VARIABLES = {
    "GATEKEEPER_JOBS": "jobs",
    "GATEKEEPER_FAIL_FAST": "fail_fast",
    "GATEKEEPER_PYTHON": "python",
    "GATEKEEPER_BASE": "base",
}
_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def read_policy(
    read: Reader,
    names: Sequence[str],
    *,
    source: str,
    flags: Mapping[str, Setting],
    environment: Mapping[str, str],
    folders: Sequence[str] = (),
) -> Policy:
    """The policy that a tree holds, with the environment laid over it and the flags over that.

    `names` are the paths of the tree; only those of configuration files are read. `source` says in words which tree it
    is. `flags` are values by dotted key (`gates.tests.retries`). `folders` are the folders of the tree, in which the
    patterns of `projects` are looked up. Raises `UsageError` with everything that is wrong, one line for each mistake.
    """
    files, problems, complete = _read_files(read, names)
    overrides = _from_environment(environment) | {key: flag for key, flag in flags.items() if flag.value is not None}
    problems += override_problems(overrides)
    policy, found = build_policy(files, overrides, folders, source)
    if complete:  # or else what is missing in the whole may well stand in the file that could not be read
        problems += found
    if problems:
        raise _refusal(problems, source)
    return policy


def _read_files(read: Reader, names: Sequence[str]) -> tuple[list[ConfigFile], list[Problem], bool]:
    """The configuration files, what is wrong with them, and whether all of them could be read."""
    files: dict[str, ConfigFile] = {}
    problems: list[Problem] = []
    complete = True
    for path in sorted(names, key=_depth_first):
        try:
            file = _read_file(read, path, problems)
        except UnreadableDocumentError as trouble:
            problems.append(Problem(path, trouble.line, trouble.message))
            complete = False
            continue
        if file is not None and file.root in files:
            problems.append(_rivalry(file, files[file.root]))
        elif file is not None:
            files[file.root] = file
    return list(files.values()), problems, complete


def _depth_first(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _read_file(read: Reader, path: str, problems: list[Problem]) -> ConfigFile | None:
    """The configuration in one file, or None where it is none; adds what is wrong to the problems."""
    root, _, name = path.rpartition("/")
    if name not in NAMES:
        return None
    if name == WRONG_NAME:
        raise UnreadableDocumentError(f"this file is not read; rename it to `{YAML_NAME}`")
    content = read(path)
    if content is None:
        if name == TOML_NAME:
            return None  # a link or a submodule of this name is none of ours
        raise UnreadableDocumentError("this file cannot be read; it must be a regular file of at most 256 kB")
    known = recall(name, content)
    if known is not None:
        return _checked(path, root, known, problems, is_sound=True)
    located = read_toml_bytes(content) if name == TOML_NAME else read_yaml_bytes(content)
    if located is None:
        return None
    is_sound = not located.problems and not complaints({} if located.data is None else located.data)
    if is_sound:
        remember(name, content, located)
    return _checked(path, root, located, problems, is_sound)


def _checked(path: str, root: str, located: Located, problems: list[Problem], is_sound: bool) -> ConfigFile:
    """The file without what is wrong with it, which is added to the problems; a sound one fits the schema."""
    problems += [Problem(path, line, message) for line, message in located.problems]
    data: Any = {} if located.data is None else located.data
    doubtful: set[str] = set()
    values = partial(value_complaints, root=root)
    for check in (values,) if is_sound else (complaints, values):
        for place, message in list(check(data)):
            problems.append(Problem(path, located.line_of(place), message))
            data = _without(data, place)
            doubtful |= {str(name) for name in place[1:2] if place[0] == "gates"}
    return ConfigFile(path, root, data, located, frozenset(doubtful))


def _without(data: Any, place: Place) -> Any:
    """The data without the value at a place; in a list None stays behind, so that the other items keep their index."""
    if not place:
        return {}
    if isinstance(data, list):
        return [None if at == place[0] else item for at, item in enumerate(data)]
    inner = data.get(place[0])
    if len(place) > 1 and isinstance(inner, dict | list):
        return {**data, place[0]: _without(inner, place[1:])}
    return {name: value for name, value in data.items() if name != place[0]}


def _rivalry(file: ConfigFile, rival: ConfigFile) -> Problem:
    first, second = sorted((file, rival), key=lambda one: one.path.endswith(TOML_NAME))
    return Problem(
        second.path,
        second.located.line_of(()),
        f"`[tool.gatekeeper]` stands here, and `{first.path}` configures the same folder; keep one of them",
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, Setting]:
    """The settings of the environment by key; a value that cannot be understood stays a text, to be refused later."""
    settings = {}
    for variable, key in _VARIABLES.items():
        text = environment.get(variable, "").strip()
        value: Any = text
        if key == "jobs" and text.isascii() and text.isdigit() and len(text) < 10:
            value = int(text)
        elif key == "fail_fast":
            value = _WORDS.get(text.lower(), text)
        if text:
            settings[key] = Setting(value, f"environment {variable}")
    return settings


def _refusal(problems: Sequence[Problem], source: str) -> UsageError:
    ordered = sorted(dict.fromkeys(problems), key=lambda p: (_depth_first(p.where), p.line or 0))
    count = "1 mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
    lines = [f"the configuration in {source} has {count}", *map(str, ordered)]
    return UsageError("\n".join(lines), "docs/configuration.md and `gatekeeper config --schema` describe every key")
