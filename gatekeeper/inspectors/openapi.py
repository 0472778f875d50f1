"""Finds the committed OpenAPI description of a project and compares the routes of the two trees."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gatekeeper.formats.routes import Route, routes
from gatekeeper.inspectors.sources import read_text
from gatekeeper.model.change import Role, role_of
from gatekeeper.model.frozen import dataclass

_NAMES = frozenset(f"{stem}.{ending}" for stem in ("openapi", "swagger") for ending in ("json", "yaml", "yml"))
_SKIPPED = frozenset({"node_modules", "venv", "env", "site-packages", "__pycache__", "build", "dist"})
_MOST_FOLDERS = 5_000


@dataclass(frozen=True, slots=True)
class RouteChange:
    """One route that is new, gone or altered: in words, and where it stands (or stood)."""

    title: str
    what: str
    path: str
    line: int | None


def spec_paths(tree: str, root: str, exact: frozenset[str], base: str) -> tuple[str, ...]:
    """The paths of the OpenAPI files in a project that are committed: in the base, or among the paths of `exact`."""
    found = []
    for count, (place, folders, files) in enumerate(os.walk(Path(tree, root))):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        if count > _MOST_FOLDERS:
            break
        for name in sorted(name for name in files if name.lower() in _NAMES):
            path = (Path(place).relative_to(tree) / name).as_posix()
            committed = path in exact or os.path.lexists(f"{base}/{path}")
            if committed and role_of(path) not in (Role.TEST, Role.EXAMPLE):
                found.append(path)
    return tuple(found)


def spec_text(tree: str, path: str) -> str:
    """The text of a committed OpenAPI file, "" where it cannot be read."""
    return read_text(Path(tree, path)) or ""


def route_changes(files: Iterable[tuple[str, str | None, str | None]]) -> tuple[RouteChange, ...]:
    """How the routes of the changed files, given as (path, base text, head text), differ; a moved route does not."""
    before: list[tuple[str, Route]] = []
    after: list[tuple[str, Route]] = []
    for path, base_text, text in files:
        before += [(path, route) for route in routes(base_text)]
        after += [(path, route) for route in routes(text)]
    old, new = {route.meaning for _, route in before}, {route.meaning for _, route in after}
    old_titles, new_titles = {route.title for _, route in before}, {route.title for _, route in after}
    found = [
        RouteChange(route.title, "changed" if route.title in old_titles else "added", path, route.line)
        for path, route in after
        if route.meaning not in old
    ]
    found += [
        RouteChange(route.title, "removed", path, None)
        for path, route in before
        if route.meaning not in new and route.title not in new_titles
    ]
    return tuple(found)
