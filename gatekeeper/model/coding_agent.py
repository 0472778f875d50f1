"""Agents that change files: any program that works in a worktree, described as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Driver(StrEnum):
    """How an agent is spoken to: by its arguments alone, or by the Agent Client Protocol on its standard streams."""

    COMMAND = "command"
    ACP = "acp"


class Progress(StrEnum):
    """How the progress of an agent is read: from its output, or from a file that it rewrites at each step."""

    TEXT = "text"
    CODEX = "codex-jsonl"
    CLAUDE = "claude-stream-json"
    OPENCODE = "opencode-json"
    TRAJECTORY = "trajectory"


@dataclass(frozen=True, slots=True)
class CodingAgent:
    """A program that does workstreams.

    `argv` may hold `{prompt}`, `{prompt_file}`, `{worktree}`, `{base}`, `{scratch}` and `{report}`; there is no shell.
    `progress_file` is where a trajectory is written, with the same placeholders. `seconds_limit` is that of the wall
    clock, `idle_limit` how long it may show nothing. `environment` names the variables that it is given beside those
    that every program needs, `settings` are variables with their values. `litter` are patterns of what it leaves in
    the worktree and is no work. `template` names the shipped description that it comes from, empty for one's own.
    """

    name: str
    argv: tuple[str, ...]
    driver: Driver = Driver.COMMAND
    progress: Progress = Progress.TEXT
    progress_file: str = ""
    seconds_limit: float = 1800.0
    idle_limit: float = 300.0
    environment: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    litter: tuple[str, ...] = ()
    template: str = ""
