"""The jobs of a run as lines for a terminal: command line, exit code, times and output."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gatekeeper.formats.credentials import without_credentials
from gatekeeper.formats.durations import duration
from gatekeeper.formats.terminal_text import cut_middle, one_line, phrase, text_lines
from gatekeeper.formats.text_style import Role, TextStyle
from gatekeeper.model.job import Job, Outcome

STREAM_LINES = 200


def job_lines(jobs: Sequence[Job], outcomes: Sequence[Outcome], style: TextStyle) -> list[str]:
    """What each job ran and what came of it; each stream is cut to 200 lines."""
    seen = {outcome.job: outcome for outcome in outcomes}
    lines = [line for job in jobs for line in _job(job, seen.get(job.id), style)]
    return [style.signs(line) for line in lines]


def command_line(job: Job) -> str:
    """The command line as it could be typed into a shell; control characters are made visible."""
    return one_line(shlex.join(job.argv))


def _job(job: Job, outcome: Outcome | None, style: TextStyle) -> list[str]:
    lines = [
        "",
        style.paint(phrase(job.id), Role.TITLE) + style.paint(f"  {phrase(job.label)}", Role.QUIET),
        f"  $ {command_line(job)}",
        *(style.paint(f"  needs {phrase(need.job)}: {phrase(need.proof)}", Role.QUIET) for need in job.needs),
    ]
    if outcome is None:
        return [*lines, "  not started"]
    code = "no exit code" if outcome.exit_code is None else f"exit code {outcome.exit_code}"
    lines.append(
        f"  {code}; started at {duration(outcome.started)}, took {duration(outcome.seconds)}, "
        f"processor time {duration(outcome.cpu_seconds)}"
    )
    if outcome.problem:
        lines.append("  " + style.paint(f"problem: {phrase(outcome.problem)}", Role.BAD))
    return [*lines, *_stream("stdout", outcome.stdout, style), *_stream("stderr", outcome.stderr, style)]


def _stream(name: str, text: str, style: TextStyle) -> list[str]:
    shown = cut_middle(text_lines(without_credentials(text)), STREAM_LINES)
    return [style.paint(f"  {name}:", Role.QUIET), *(f"    {line}" for line in shown)] if shown else []
