"""Reads what `pre-commit run` and `prek run` print: which hooks ran, how each ended, and what a failed one said."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from gatekeeper.formats.terminal_text import cells, without_ansi

_HEADER = re.compile(r"(?P<name>.*?)\.{2,}(?P<empty>\(no files to check\))?(?P<status>Passed|Failed|Skipped)$")
_FACT = re.compile(r"- (?P<key>hook id|exit code|duration): (?P<value>.+)$")
_MODIFIED = "- files were modified by this hook"
_PLACE = re.compile(r"(?P<path>[^:]+):(?P<line>[1-9]\d{0,8})(?::(?P<column>\d{1,6}))?(?::\s*|\s+|$)(?P<message>.*)$")
_NOT_FOUND = re.compile(r"Executable `.+` not found")
_SHELL_CODES = frozenset({126, 127})  # a shell that cannot start what it was told to


@dataclass(frozen=True, slots=True)
class HookResult:
    """How one hook ended: "Passed", "Failed" or "Skipped" (`no_files`: since no file was for it).

    `id` and `lines`, what the hook printed, are known of a hook that failed, or that is set to be verbose.
    """

    name: str
    status: str
    no_files: bool = False
    id: str = ""
    exit_code: int = 0
    modified: bool = False
    lines: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the hook is against the change, or could not look at it."""
        return self.status == "Failed"

    @property
    def label(self) -> str:
        """The id of the hook, or its name where no id was printed."""
        return self.id or self.name

    @property
    def trouble(self) -> str:
        """Why the hook could not look, if it could not: its program is missing or was killed."""
        missing = next((line for line in self.lines if _NOT_FOUND.fullmatch(line.strip())), "")
        if missing:
            return missing.strip()
        if self.exit_code in _SHELL_CODES:
            return f"exit code {self.exit_code}: what it starts is missing or cannot be started"
        return f"it was killed by signal {-self.exit_code}" if self.exit_code < 0 else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a line of a hook's output names, and what it says of it."""

    path: str
    line: int
    column: int | None
    message: str


def read_hook_report(text: str) -> tuple[HookResult, ...]:
    """The hooks in the order in which they ran.

    All headlines are of one width. A line that only looks like one, in what a hook printed, most often is not.
    """
    found: list[HookResult] = []
    width = 0
    for raw in text.splitlines():
        line = without_ansi(raw).rstrip()
        header = _HEADER.match(line)
        if header and width in (0, cells(line)):
            width = cells(line)
            found.append(HookResult(header["name"], header["status"], bool(header["empty"])))
        elif found:
            found[-1] = _told(found[-1], line)
    return tuple(found)


def places_of(hook: HookResult, known: Collection[str]) -> Iterator[Place]:
    """The places in known files (paths relative to the repository) that the output of a hook names."""
    for line in hook.lines:
        match = _PLACE.match(line.strip())
        if match is None:
            continue
        path = posixpath.normpath(match["path"])
        if path in known:
            column = int(match["column"]) if match["column"] else None
            yield Place(path, int(match["line"]), column, match["message"].strip())


def _told(hook: HookResult, line: str) -> HookResult:
    """The hook with one more line of what stands below its headline."""
    if not hook.lines:
        fact = _FACT.match(line)
        if fact and fact["key"] == "hook id" and not hook.id:
            return replace(hook, id=fact["value"])
        if fact and fact["key"] == "exit code":
            code = fact["value"]
            return replace(hook, exit_code=int(code) if re.fullmatch(r"-?\d{1,9}", code) else 1)
        if line == _MODIFIED:
            return replace(hook, modified=True)
        if not line or fact:
            return hook
    return replace(hook, lines=(*hook.lines, line))
