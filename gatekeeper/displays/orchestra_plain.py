"""Shows an orchestration as plain lines for logs, one for each event that matters, and the end after them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TextIO

from gatekeeper.formats.annotations import resume_commands, stop_commands
from gatekeeper.formats.closing import counted
from gatekeeper.formats.durations import rough_duration
from gatekeeper.formats.lanes_board import LanesBoard
from gatekeeper.formats.lanes_text import began_lines, ended_lines, event_words
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.formats.text_style import TextStyle, fits_encoding, has_signs
from gatekeeper.model.orchestration_events import Began, Ended, LaneSaid, OrchestrationEvent

SILENCE = 30.0
"""Seconds after which a line says what goes on, where no event did."""

NEWS_PAUSE = 10.0
"""Seconds between two pieces of news of one lane: agents may tell a hundred in that time."""

_LONGEST_WORD = 40


class OrchestraPlain:
    """Writes whole lines without any control code, each at once.

    `tell_end` has the last lines written when it has ended. With `guarded`, as in a log of GitHub Actions, no text in a
    line is a command.
    """

    def __init__(
        self, stream: TextIO, options: ReporterOptions, *, tell_end: bool = True, guarded: bool = False
    ) -> None:
        self.board = LanesBoard()
        self._stream = stream
        self._options = options
        self._tell_end = tell_end
        self._token = secrets.token_hex(16) if guarded else ""
        self._stopped = False
        self._encoding = getattr(stream, "encoding", None)
        width = options.width if options.width > 0 else 100
        self._style = TextStyle(width=width, ascii_only=not has_signs(self._encoding))
        self._last_line = 0.0
        self._news: dict[str, float] = {}

    def on_event(self, event: OrchestrationEvent) -> None:
        """Write what there is to say of an event."""
        self.board.take(event)
        if isinstance(event, Ended):
            if self._tell_end:
                self._write(["", *ended_lines(self.board, self._style)])
        elif self._options.quiet:
            return
        elif isinstance(event, Began):
            self._last_line, self._news = 0.0, {}
            self._write([*began_lines(event), ""])
        else:
            words = event_words(event)
            if words and not (isinstance(event, LaneSaid) and self._is_too_soon(event)):
                self._line(event.at, words)
            self.on_tick(event.at)

    def on_tick(self, at: float) -> None:
        """Say what goes on where nothing was said for long; `at` is in seconds since the beginning."""
        if at - self._last_line >= SILENCE and not self._options.quiet and self.board.rows:
            self._line(at, f"… {self._alive(at)}")

    def close(self) -> None:
        """Let commands be commands again, where they were stopped."""
        if self._stopped:
            self._stopped = False
            self._put(f"{resume_commands(self._token)}\n")

    def _is_too_soon(self, said: LaneSaid) -> bool:
        """Whether the lane has been heard of a moment ago; if not, it has been now."""
        last = self._news.get(said.lane)
        if not said.text or (last is not None and said.at - last < NEWS_PAUSE):
            return True
        self._news[said.lane] = said.at
        return False

    def _alive(self, now: float) -> str:
        rows = self.board.rows.values()
        working = [
            f"{phrase(row.lane.id)} {fit(phrase(row.text or row.lane.title), _LONGEST_WORD)}, "
            f"{rough_duration(row.took(now))}"
            for row in rows
            if row.is_at_work
        ]
        if working:
            return "; ".join(working)
        waiting = sum(not row.is_over for row in rows)
        return f"{counted(waiting, 'workstream')} still to come" if waiting else "no lane is at work"

    def _line(self, at: float, text: str) -> None:
        self._last_line = max(at, self._last_line)
        self._write([f"{rough_duration(at):>10}  {text}"])

    def _write(self, lines: Iterable[str]) -> None:
        if self._token and not self._stopped:
            self._stopped = True
            self._put(f"{stop_commands(self._token)}\n")
        self._put("".join(f"{self._style.signs(line).rstrip()}\n" for line in lines))

    def _put(self, text: str) -> None:
        self._stream.write(fits_encoding(text, self._encoding))
        self._stream.flush()
