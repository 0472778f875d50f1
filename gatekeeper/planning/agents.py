"""Chooses who does a workstream: the roster is data, and each choice comes with its reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from gatekeeper.formats.globs import matches
from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.model.change import Change, FileChange, Role
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.plan import Pillar
from gatekeeper.planning.api import ApiDelta
from gatekeeper.planning.decompose import is_shared


class When(StrEnum):
    """What has to have changed for an agent to be the one for its pillar."""

    PUBLIC_API = "public API"
    USER_FACING = "user-facing text, command line or interface"
    PATHS = "its paths"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Speciality:
    """An agent of the roster: for which pillar, and when; `paths` (globs: one is enough) and `roles`
    (of all files) limit it, empty means any.
    """

    agent: str
    pillar: Pillar
    when: When = When.ALWAYS
    reason: str = ""
    paths: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()


ROSTER: tuple[Speciality, ...] = (
    Speciality("code-reviewer", Pillar.REVIEW, reason="reviews every change"),
    Speciality("test-automator", Pillar.TESTS, reason="tests every change"),
    Speciality("api-documenter", Pillar.DOCS, When.PUBLIC_API),
    Speciality("tutorial-engineer", Pillar.DOCS, When.USER_FACING),
    Speciality("technical-writer", Pillar.DOCS, reason="its paths are documentation alone", roles=(Role.DOCS,)),
    Speciality("technical-writer", Pillar.DOCS, reason="neither public API nor user-facing text: logic to explain"),
    Speciality("technical-writer", Pillar.PRIMARY, reason="its lane is documentation alone", roles=(Role.DOCS,)),
    Speciality("test-automator", Pillar.PRIMARY, reason="its lane is tests alone", roles=(Role.TEST,)),
    Speciality("implementer", Pillar.PRIMARY, reason="does the work of its lane"),
    Speciality("integrator", Pillar.INTEGRATION, reason="owns the files that several lanes meet in"),
    Speciality("validator", Pillar.VALIDATION, reason="runs every gate on the whole"),
)
"""The built-in agents. For each pillar the first one that fits is taken, so that the general one comes last."""

_WHEN = {"always": When.ALWAYS, "public-api": When.PUBLIC_API, "user-facing": When.USER_FACING}


def roster_of(agents: Iterable[Mapping[str, Any]]) -> tuple[Speciality, ...]:
    """The agents that users describe in the configuration (`agents`), in its order; the schema has checked them."""
    return tuple(
        Speciality(
            agent["name"], Pillar(agent["pillar"]), _WHEN[agent.get("when", "always")],
            agent.get("reason", ""), tuple(agent.get("paths") or ()),
        )
        for agent in agents
    )  # fmt: skip


_OPENAPI = lazy_pattern(r"(^|/)(openapi|swagger)[^/]*\.(ya?ml|json)$", re.IGNORECASE)
_INTERFACE = lazy_pattern(
    r"(^|/)(cli|cli/.+|commands?|commands/.+|__main__|templates/.+|locales?/.+|i18n/.+)(\.\w+)?$|"
    r"\.(html?|jinja2?|j2|po|pot|tsx|jsx|vue|svelte|css)$"
)
_COMMAND_LINE = lazy_pattern(r"\.add_argument\(|\.add_parser\(|@(\w+\.)?(command|option|argument|group)\(|typer\.\w+\(")
_USER_TEXT = lazy_pattern(r"(^|/)(readme|tutorials?|quickstart|getting[-_]?started|usage|guides?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Selector:
    """Knows the change and the roster; the agents that users added stand in `roster` before the built-in ones."""

    change: Change
    api: ApiDelta
    roster: Sequence[Speciality] = ROSTER

    def choose(self, pillar: Pillar, scope: Collection[str]) -> tuple[str, str]:
        """The agent of a pillar for the paths of `scope`, and why that one."""
        wanted = set(scope)
        files = [file for file in self.change.files if file.path in wanted]
        # a lock file or a changelog that a lane takes along does not tell what the lane is
        telling = [file for file in files if not is_shared(file)] or files
        for each in self.roster:
            fits = not each.roles or all(file.role in each.roles for file in telling)
            if each.pillar is pillar and fits:
                reason = self._reason(each, files)
                if reason:
                    return each.agent, reason
        return pillar.value, "no agent of the roster is there for this"

    def _reason(self, each: Speciality, files: Sequence[FileChange]) -> str:
        """Why an agent fits, or empty when it does not."""
        if each.paths:
            files = [file for file in files if matches(file.path, each.paths)]
            if not files:
                return ""
        if each.when is When.PUBLIC_API:
            return public_api(files, self.api)
        if each.when is When.USER_FACING:
            return user_facing(files)
        return each.reason or (f"{files[0].path} is among its paths" if each.paths else "stands in the roster")


def public_api(files: Sequence[FileChange], api: ApiDelta) -> str:
    """What of the public API these files change, in words; empty for nothing."""
    paths = {file.path for file in files}
    words: Mapping[str, tuple[tuple[str, int, str], ...]] = {
        "new": api.added, "removed": api.removed, "another signature of": api.altered
    }  # fmt: skip
    for what, entries in words.items():
        mine = [entry for entry in entries if entry[0] in paths]
        if mine:
            path, line, name = mine[0]
            more = f", and {len(mine) - 1} more" if len(mine) > 1 else ""
            place = path if what == "removed" else f"{path}:{line}"
            return f"public API: {what} {name} in {place}{more}"
    for file in files:
        if _OPENAPI().search(file.path):
            return f"public API: {file.path} is an OpenAPI document"
        if file.role is Role.SOURCE and file.path.endswith(".py"):
            from gatekeeper.formats.routes import routes  # noqa: PLC0415 - only where Python changed

            before, after = ({r.meaning: r.title for r in routes(text)} for text in (file.base_text, file.text))
            differing = [after.get(meaning) or before[meaning] for meaning in sorted(before.keys() ^ after.keys())]
            if differing:
                return f"public API: {file.path} changes the route {differing[0]}"
    return ""


def user_facing(files: Sequence[FileChange]) -> str:
    """What these files change that users read or type, in words; empty for nothing."""
    for file in files:
        if file.role is Role.SOURCE and _INTERFACE().search(file.path):
            return f"user-facing: {file.path} is part of the command line or interface"
        if file.role is not Role.TEST and _USER_TEXT().search(PurePosixPath(file.path).as_posix()):
            return f"user-facing: {file.path} is text for users"
        if file.role is Role.SOURCE and file.text:
            lines = file.text.split("\n")
            for number in sorted(file.added_lines):
                if number <= len(lines) and (found := _COMMAND_LINE().search(lines[number - 1])):
                    return f"user-facing: {file.path}:{number} has {found[0].rstrip('(')}"
    return ""
