"""Finds what the `dependencies` of a mode mean: other modes, or rule files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.model.mode import Mode
from gatekeeper.model.mode_library import Library
from gatekeeper.model.settlement import Obstacle

_RULES = ("-rules", ".md")
_PREFIX = "rule:"


def rule_name(dependency: str) -> str:
    """The name of the rule file that a dependency means if it means one: `rule:x`, `x.md` and `x` are all `x`."""
    return dependency.removeprefix(_PREFIX).removesuffix(".md").strip()


def is_rule(dependency: str, library: Library) -> bool:
    """Whether a dependency means a rule file: it says so, it ends as one does, or there is one and no such mode."""
    if dependency.startswith(_PREFIX) or dependency.endswith(_RULES):
        return True
    return library.mode(dependency) is None and dependency in library.rule_names


def mode_dependencies(mode: Mode, library: Library) -> list[Mode]:
    """The modes that a mode needs, as far as they are there."""
    wanted = (name for name in mode.dependencies if not is_rule(name, library))
    return [found for found in map(library.mode, wanted) if found is not None]


def missing(mode: Mode, library: Library) -> Iterator[Obstacle]:
    """The dependencies of a mode that are not there."""
    for name in mode.dependencies:
        if is_rule(name, library):
            wanted = rule_name(name)
            if wanted not in library.rule_names:
                yield _missing(mode, name, f"the rule file {wanted}", f".gatekeeper/rules/{wanted}.md")
        elif library.mode(name) is None:
            yield _missing(mode, name, f"the mode {name}", f".gatekeeper/modes/{name}.md")


def closure(modes: Sequence[Mode], library: Library) -> set[str]:
    """The names of modes and of all that they need, directly or not."""
    found: set[str] = set()
    waiting = list(modes)
    while waiting:
        mode = waiting.pop()
        if mode.name not in found:
            found.add(mode.name)
            waiting += mode_dependencies(mode, library)
    return found


def _missing(mode: Mode, name: str, what: str, place: str) -> Obstacle:
    remedy = f"add {place}, or take `{name}` out of `dependencies` in {mode.source}"
    return Obstacle((mode.name,), f"the mode {mode.name} needs {what}, which is not there", remedy)
