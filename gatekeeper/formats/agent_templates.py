"""Reads descriptions of coding agents: the shipped ones, and those of the setting `agents`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from gatekeeper.agent_templates import template_bytes, template_names
from gatekeeper.formats.command_line import words_of
from gatekeeper.formats.config_errors import dotted, listed, meant, shown
from gatekeeper.formats.placeholders import check_placeholders
from gatekeeper.formats.task_file import read_seconds
from gatekeeper.model.coding_agent import CodingAgent, Driver, Progress
from gatekeeper.model.errors import UsageError

PLACEHOLDERS = ("prompt", "prompt_file", "worktree", "base", "scratch", "report")
"""What an argument, a variable or the place of a trajectory may ask for in braces."""
CHECK_PLACEHOLDERS = (*PLACEHOLDERS, "url")
"""The same in the part `check`, with the address of the scripted model."""

_AGENT_KEYS = ("driver", "progress", "progress_file", "time_limit", "idle_limit", "env", "set", "litter", "check")
_GUIDE = "docs/agents.md describes every key"


@dataclass(frozen=True, slots=True)
class AgentCheck:
    """How an agent is tried against the scripted model.

    `argv` replaces that of the agent unless it is empty, `settings` come on top of its own, and `files` (paths below
    the scratch folder, and texts) are written first. All of them may hold `CHECK_PLACEHOLDERS`.
    """

    argv: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A coding agent with what is known about it beside its work; `version` is a command line, `install` a hint."""

    agent: CodingAgent
    version: tuple[str, ...] = ()
    install: str = ""
    check: AgentCheck | None = None


def coding_agents(roster: Iterable[Mapping[str, Any]] | None) -> dict[str, CodingAgent]:
    """The agents of the setting `agents` that have a program, by name; the others are names only.

    The schema has checked the types. Raises UsageError with the place of what is wrong.
    """
    return {name: described.agent for name, described in described_agents(roster).items()}


def described_agents(roster: Iterable[Mapping[str, Any]] | None) -> dict[str, Described]:
    """The same with what is known of each beside its work."""
    found: dict[str, Described] = {}
    for number, entry in enumerate(roster or ()):
        place = ("agents", number)
        described = _described(entry, place)
        if described is None:
            continue
        name = described.agent.name
        if found.get(name, described) != described:
            raise UsageError(f"`{dotted(place)}` describes the agent {shown(name)} in another way than before", _GUIDE)
        found[name] = described
    return found


def template(name: str) -> CodingAgent:
    """The shipped description of this name. Raises UsageError for an unknown one."""
    return described_template(name).agent


@cache
def described_template(name: str) -> Described:
    """The same with what is known of it beside its work."""
    if name not in template_names():
        message = f"there is no shipped description of an agent named {shown(name).removeprefix('the text ')}"
        raise UsageError(f"{message}; {meant(name, template_names())}", "gatekeeper agents lists all of them")
    import yaml  # noqa: PLC0415 - slow to import, and few commands have agents

    data = yaml.safe_load(template_bytes(name))
    bare = Described(CodingAgent(name, (), template=name), _argv(data.get("version", ()), (name,)), data["install"])
    return _refined(bare, data, (f"the template {name}",))


def _described(entry: Mapping[str, Any], place: tuple[str | int, ...]) -> Described | None:
    use, run = entry.get("use"), entry.get("run")
    if use is None and run is None:
        astray = [key for key in _AGENT_KEYS if key in entry]
        if astray:
            message = f"`{dotted((*place, astray[0]))}` says nothing, since the agent has no program"
            raise UsageError(message, f"add `use` ({listed(template_names())}) or `run`, a command line")
        return None
    if use is not None and run is not None:
        raise UsageError(f"`{dotted(place)}` has both `use` and `run`", "keep one: a template or a command line")
    if use is None:
        return _refined(Described(CodingAgent(entry["name"], ())), entry, place)
    known = described_template(use)
    renamed = replace(known, agent=replace(known.agent, name=entry["name"]))
    return _refined(renamed, entry, place)


def _refined(known: Described, entry: Mapping[str, Any], place: tuple[str | int, ...]) -> Described:
    """What is known, with the keys of `entry` over it; lists and variables are added to those that are there."""
    agent = known.agent
    argv = _argv(entry["run"], (*place, "run")) if "run" in entry else agent.argv
    refined = replace(
        agent,
        argv=argv,
        driver=Driver(entry.get("driver", agent.driver)),
        progress=Progress(entry.get("progress", agent.progress)),
        progress_file=entry.get("progress_file", agent.progress_file),
        seconds_limit=_seconds(entry, "time_limit", agent.seconds_limit, place),
        idle_limit=_seconds(entry, "idle_limit", agent.idle_limit, place),
        environment=tuple(dict.fromkeys((*agent.environment, *(entry.get("env") or ())))),
        settings=tuple({**dict(agent.settings), **(entry.get("set") or {})}.items()),
        litter=tuple(dict.fromkeys((*agent.litter, *(entry.get("litter") or ())))),
    )
    _check_words(refined, place)
    check = known.check if entry.get("check") is None else _check(entry["check"], (*place, "check"))
    return Described(refined, known.version, known.install, check)


def _check_words(agent: CodingAgent, place: tuple[str | int, ...]) -> None:
    """Hold all that may have placeholders against them, and the keys against one another."""
    for index, word in enumerate(agent.argv):
        check_placeholders(word, PLACEHOLDERS, f"`{dotted((*place, 'run', index))}`")
    for name, text in agent.settings:
        check_placeholders(text, PLACEHOLDERS, f"`{dotted((*place, 'set', name))}`")
    check_placeholders(agent.progress_file, PLACEHOLDERS, f"`{dotted((*place, 'progress_file'))}`")
    if agent.progress is Progress.TRAJECTORY and not agent.progress_file:
        message = f"`{dotted(place)}` shows its progress by a trajectory, and does not say where"
        raise UsageError(message, "add `progress_file`, such as {scratch}/trajectory.json")
    if _is_shell_code(agent.argv):
        message = f"`{dotted((*place, 'run'))}` puts {{prompt}} into the code of a shell, which would run parts of it"
        raise UsageError(message, "let the command read the file {prompt_file}")
    told = any(f"{{{word}}}" in argument for argument in agent.argv for word in ("prompt", "prompt_file"))
    if agent.driver is Driver.COMMAND and not told:
        message = f"`{dotted((*place, 'run'))}` does not tell the agent what to do"
        raise UsageError(message, "put {prompt} or {prompt_file} among its arguments")


def _is_shell_code(argv: tuple[str, ...]) -> bool:
    """Whether the prompt would become part of a program text, and not an argument."""
    return any(option == "-c" and "{prompt}" in code for option, code in pairwise(argv))


def _check(entry: Mapping[str, Any], place: tuple[str | int, ...]) -> AgentCheck:
    argv = _argv(entry["run"], (*place, "run")) if "run" in entry else ()
    settings, files = tuple((entry.get("set") or {}).items()), tuple((entry.get("files") or {}).items())
    for text in (*argv, *(text for _, text in (*settings, *files))):
        check_placeholders(text, CHECK_PLACEHOLDERS, f"`{dotted(place)}`")
    for path, _ in files:
        if path.startswith("/") or ".." in path.split("/"):
            raise UsageError(f"`{dotted(place)}` writes {shown(path)} outside its folder", "give a path below it")
    return AgentCheck(argv, settings, files)


def _argv(run: Any, place: tuple[str | int, ...]) -> tuple[str, ...]:
    if not isinstance(run, str):
        return tuple(run)
    try:
        return words_of(run)
    except ValueError as error:
        raise UsageError(f"`{dotted(place)}`: {error}", "a list of words is never split") from error


def _seconds(entry: Mapping[str, Any], key: str, usual: float, place: tuple[str | int, ...]) -> float:
    text = entry.get(key)
    if text is None:
        return usual
    seconds = read_seconds(text)
    if seconds is None:
        raise UsageError(f"`{dotted((*place, key))}` is no time: {shown(text)}", "write it as 90s, 20m or 1h 30m")
    return seconds
