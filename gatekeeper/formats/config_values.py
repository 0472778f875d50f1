"""Checks what a schema cannot say of a configuration file, and brings its values into the form that gates read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.formats.command_line import wants_files, words_of
from gatekeeper.formats.config_errors import dotted, listed, shown
from gatekeeper.formats.config_schema import Complaint, schema_at
from gatekeeper.formats.located import Place
from gatekeeper.model.defaults import REPOSITORY

ROOT_ONLY = frozenset({*REPOSITORY, "base", "jobs", "allow_skip"})
"""Keys that mean the whole run, so that only the root of the repository may set them."""

_LISTS = {"source_roots": False, "borrow": True, "projects": True, "protected": True}
"""The lists of paths beside the gates, and whether they hold glob patterns."""


def value_complaints(data: dict[str, Any], root: str) -> Iterator[Complaint]:
    """What is wrong with the values of a file in the folder `root`; the data fits the schema."""
    for key in data:
        if root and key in ROOT_ONLY:
            yield (key,), f"`{key}` is for the whole repository; set it in the configuration at its root"
    for key, holds_patterns in _LISTS.items():
        yield from _paths((key,), data.get(key) or (), root, holds_patterns)
    for index, agent in enumerate(data.get("agents") or ()):
        inner = (agent or {}).get("paths") or ()
        yield from _paths(("agents", index, "paths"), inner, root, holds_patterns=True)
    for name, options in (data.get("fix") or {}).items():
        yield from _fixer_complaints(("fix", name), options, root)
    for name, options in (data.get("gates") or {}).items():
        if isinstance(options, dict):
            yield from _gate_complaints(("gates", name), options, root)


def _gate_complaints(place: Place, options: dict[str, Any], root: str) -> Iterator[Complaint]:
    yield from _paths((*place, "paths"), options.get("paths") or (), root, holds_patterns=True)
    openapi = options.get("openapi") or {}
    reads = options.get("reads")
    files = {("changelog",): options.get("changelog"), ("openapi", "file"): openapi.get("file")}
    files |= {("reads", name): file for name, file in reads.items()} if isinstance(reads, dict) else {}
    for inner, path in files.items():
        if path is not None:
            yield from _path((*place, *inner), path, root)
    for inner, command in ((("run",), options.get("run")), (("openapi", "command"), openapi.get("command"))):
        if command is not None and (trouble := _command_trouble(command)):
            yield (*place, *inner), f"`{dotted((*place, *inner))}`: {trouble}"
    if options.get("config"):  # one for the whole repository, as the hooks are
        yield from _path((*place, "config"), options["config"], "")
    if "exempt" in options and (trouble := _regex_trouble(options["exempt"])):
        yield (*place, "exempt"), f"`{dotted((*place, 'exempt'))}` is no regular expression: {trouble}"


def _fixer_complaints(place: Place, options: Any, root: str) -> Iterator[Complaint]:
    from gatekeeper.model.fix import BUILT_IN  # noqa: PLC0415 - few configurations name fixers

    name = dotted(place)
    run = options.get("run") if isinstance(options, dict) else None
    if run is None and options and place[1] not in BUILT_IN:
        yield place, f"`{name}` needs `run`; fixers that need none are {listed(BUILT_IN)}"
    if run is not None and (trouble := _command_trouble(run)):
        yield (*place, "run"), f"`{name}.run`: {trouble}"
    elif run is not None and not wants_files(run):
        yield (*place, "run"), f"`{name}.run` must hold `{{files}}`: a fixer works on the changed files alone"
    if isinstance(options, dict):
        yield from _paths((*place, "paths"), options.get("paths") or (), root, holds_patterns=True)


def _paths(place: Place, paths: Any, root: str, holds_patterns: bool) -> Iterator[Complaint]:
    for index, path in enumerate(paths):
        where = (*place, index)
        if path is None:
            continue  # complained of already
        if holds_patterns and ".." in path.split("/"):
            yield where, f"`{dotted(where)}` must not hold `..`: a pattern matches below the project only"
        else:
            yield from _path(where, path.removeprefix("!") if holds_patterns else path, root)


def _path(place: Place, path: str, root: str) -> Iterator[Complaint]:
    name = dotted(place)
    if "\\" in path and "/" not in path:
        yield place, f"`{name}` must have `/` between folders, not `\\`"
    elif path.startswith(("/", "~")):
        yield place, f"`{name}` must be relative to the project, not {shown(path)}"
    elif posixpath.normpath(posixpath.join(root, path)).split("/")[0] == "..":
        yield place, f"`{name}` must not leave the repository: {shown(path)}"


def _command_trouble(command: str) -> str:
    try:
        words_of(command)
    except ValueError as trouble:
        return str(trouble)
    return ""


def _regex_trouble(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as trouble:
        return str(trouble)
    return ""


def settled(value: Any, place: Place) -> Any:
    """A value in the form that gates read: tuples for lists, whole numbers without a fraction, "off" for false."""
    if isinstance(value, list | tuple):
        return tuple(value)
    node = schema_at(place)
    if value is False and "off" in node.get("enum", ()):
        return "off"
    if isinstance(value, float) and "integer" in node.get("type", ()):
        return int(value)
    return value


def relocated(python: str, written_in: str, project: str) -> str:
    """The setting `python`, written in one folder, as seen from the folder of a project at or below it.

    A bare name is looked up on PATH and an absolute path is what it is; only a relative path names a place.
    """
    if "/" not in python or python.startswith(("/", "~")) or written_in == project:
        return python
    below = project[len(written_in) :].strip("/")
    return "../" * (below.count("/") + 1) + python.removeprefix("./")
