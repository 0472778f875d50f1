"""Follows imports backwards: which files execute something else when a file does, directly or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gatekeeper.model.selection import TestMap


def importers_of(known: TestMap, changed: Iterable[str]) -> dict[str, str]:
    """Every file whose import leads to a changed one, the changed ones themselves included, each with that one."""
    origin = {path: path for path in changed}
    if not origin:
        return {}
    backwards = _backwards(known)
    waiting = list(origin)
    while waiting:
        path = waiting.pop()
        for importer in backwards.get(path, ()):
            if importer not in origin:
                origin[importer] = origin[path]
                waiting.append(importer)
    return origin


def _backwards(known: TestMap) -> Mapping[str, set[str]]:
    """Who imports each file: by what it says, and by what was seen."""
    found: dict[str, set[str]] = {}
    names: dict[str, list[str]] = {}
    for name, path in known.modules.items():
        names.setdefault(path, []).append(name)
    for path, file in known.loaded.items():
        for own in names.get(path, [""]):
            for target in _targets(known, path, own, file.names):
                found.setdefault(target, set()).add(path)
    for importer, imported in known.edges:
        if importer:
            found.setdefault(imported, set()).add(importer)
    return found


def _targets(known: TestMap, path: str, own: str, said: Iterable[str]) -> Iterator[str]:
    """The files that a module of this name executes: its packages, and all that it names with their packages."""
    package = own if path.endswith("/__init__.py") or path == "__init__.py" else own.rpartition(".")[0]
    for name in (own, *said):
        full = _absolute(name, package)
        while full:
            if full in known.modules and known.modules[full] != path:
                yield known.modules[full]
            full = full.rpartition(".")[0]


def _absolute(name: str, package: str) -> str:
    """The name without leading dots, as seen from a package."""
    level = len(name) - len(name.lstrip("."))
    if not level:
        return name
    parts = package.split(".") if package else []
    base = parts[: len(parts) - level + 1]
    return ".".join([*base, *([name[level:]] if name[level:] else [])])
