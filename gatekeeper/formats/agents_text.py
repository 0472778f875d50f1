"""Writes what was found out about coding agents, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from gatekeeper.formats.durations import duration
from gatekeeper.formats.terminal_text import cells, one_line, pad, without_surrogates
from gatekeeper.model.agent_trial import Trial

JSON_VERSION = 1


def agents_text(trials: Sequence[Trial], notes: Sequence[str] = ()) -> str:
    """A line for each agent, and below it what is to be done or what went wrong."""
    width = max((cells(one_line(trial.name)) for trial in trials), default=0)
    lines = []
    for trial in trials:
        lines.append(f"{pad(one_line(trial.name), width)}  {trial.standing.value:<7}  {_about(trial)}".rstrip())
        if trial.note:
            lines.append(f"{' ' * width}  {one_line(trial.note)}")
    lines += [one_line(note) for note in notes]
    return "".join(f"{without_surrogates(line)}\n" for line in lines)


def agents_json(trials: Sequence[Trial], notes: Sequence[str] = ()) -> str:
    """The same as JSON."""
    agents = [
        {key: without_surrogates(value) if isinstance(value, str) else value for key, value in asdict(trial).items()}
        for trial in trials
    ]
    return json.dumps({"schema": JSON_VERSION, "agents": agents, "notes": list(notes)}, indent=2) + "\n"


def _about(trial: Trial) -> str:
    """The version, where it comes from, what it is for and how long it took."""
    origin = f"template {trial.template}" if trial.template else "configured"
    if trial.template and trial.pillars:
        origin = f"configured, by the template {trial.template}"
    parts = [trial.version, origin, ", ".join(trial.pillars), one_line(trial.program)]
    parts.append(duration(trial.seconds) if trial.seconds else "")
    return " · ".join(part for part in parts if part)
