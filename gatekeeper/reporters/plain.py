"""Shows a run as plain lines for logs, with a sign of life at the latest every ten seconds, and the final text."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from gatekeeper.formats.board import Board, Lane
from gatekeeper.formats.board_lines import provenance
from gatekeeper.formats.durations import duration, rough_duration
from gatekeeper.formats.figures import figure
from gatekeeper.formats.report_text import report_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.formats.text_style import WORDS, TextStyle, fits_encoding, has_signs
from gatekeeper.model.events import Event, GateJudged, JobEnded, JobStarted, RunEnded, RunStarted
from gatekeeper.model.job import Outcome
from gatekeeper.model.verdict import Status, Verdict

SILENCE = 9.0  # seconds; something is heard at least once a second, so ten are never reached
_LONGEST_WORD = 60


def make(stream: TextIO, options: ReporterOptions) -> PlainReporter:
    """A reporter that writes to the stream."""
    return PlainReporter(stream, options)


class PlainReporter:
    """Writes whole lines without any control code, each at once."""

    def __init__(self, stream: TextIO, options: ReporterOptions, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._options = options
        encoding = getattr(stream, "encoding", None)
        self._encoding = encoding
        width = options.width if options.width > 0 else 100
        self._style = TextStyle(width=width, ascii_only=not has_signs(encoding))
        self._board = Board()
        # not the times of the events: while a job tells much, no tick comes, and a log must not fall silent
        self._clock = now
        self._began = now()
        self._now = self._last_line = 0.0

    def on_event(self, event: Event) -> None:
        """Write what there is to say of an event."""
        if isinstance(event, RunEnded):
            self._end(event)
        elif not self._options.quiet:
            self._now = self._clock() - self._began
            self._board.take(event, self._now)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._start(event)
            case JobStarted(job):
                self._line(f"started  {phrase(job.id)}: {phrase(job.label)}")
            case JobEnded(job, outcome):
                self._line(f"ended    {phrase(job.id)} after {duration(outcome.seconds)}{_problem(outcome)}")
            case GateJudged(verdict) if verdict.seconds or verdict.status is not Status.SKIPPED:
                self._line(f"judged   {_judgement(verdict)}")
            case _ if self._now - self._last_line >= SILENCE:
                self._line(f"… {self._alive()}")

    def _start(self, event: RunStarted) -> None:
        self._began, self._now, self._last_line = self._clock(), 0.0, 0.0
        self._board = Board(event.gates)
        self._write([f"Gatekeeper judges {phrase(event.target.title)}", provenance(event)])
        gates = ", ".join(phrase(name) for name in event.gates) or "none"
        self._write([f"gates: {gates}", ""])

    def _alive(self) -> str:
        """What runs at the moment: "tests 312/492, 2 failed, 14 s; review pylint, 14 s of about 20 s"."""
        lanes = self._board.lanes.values()
        running = [text for lane in lanes for text in self._running(lane)]
        if running:
            return "; ".join(running)
        waiting = [phrase(lane.name) for lane in lanes if lane.verdict is None]
        return f"still to come: {', '.join(waiting)}" if waiting else "finishing"

    def _running(self, lane: Lane) -> list[str]:
        texts = []
        for job in lane.running.values():
            count = f" {job.done}/{job.total}," if job.total > 0 else ""
            expected = f" of about {rough_duration(job.job.estimate)}" if job.job.estimate else ""
            took = rough_duration(self._now - job.started)
            texts.append(f"{phrase(lane.name)}{count} {fit(phrase(job.doing), _LONGEST_WORD)}, {took}{expected}")
        return texts

    def _end(self, event: RunEnded) -> None:
        lines = report_lines(event.report, self._options, self._style)
        self._write(lines if self._options.quiet else ["", *lines])

    def _line(self, text: str) -> None:
        self._last_line = self._now
        self._write([f"{rough_duration(self._now):>6}  {text}"])

    def _write(self, lines: list[str]) -> None:
        text = "".join(f"{self._style.signs(line).rstrip()}\n" for line in lines)
        self._stream.write(fits_encoding(text, self._encoding))
        self._stream.flush()


def _problem(outcome: Outcome) -> str:
    return f": {phrase(outcome.problem)}" if outcome.problem else ""


def _judgement(verdict: Verdict) -> str:
    advisory = " (advisory)" if verdict.advisory else ""
    parts = (f"{phrase(verdict.name)}{advisory}: {WORDS[verdict.status]}", figure(verdict), phrase(verdict.summary))
    return ", ".join(part for part in parts if part)
