"""Shows a run on a terminal: a board that stays in its place while gates run, and the final text after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from gatekeeper.edges.picture import Picture
from gatekeeper.formats.board import Board
from gatekeeper.formats.board_lines import board_lines
from gatekeeper.formats.report_text import report_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.text_style import TextStyle, fits_encoding, has_signs
from gatekeeper.model.events import Event, RunAbandoned, RunEnded, RunStarted

WIDEST = 120  # columns of the final text, however wide the window is


def make(stream: TextIO, options: ReporterOptions) -> LiveReporter:
    """A reporter that draws on the terminal behind the stream."""
    return LiveReporter(stream, options)


class LiveReporter:
    """Keeps a board up to date from events, redrawn at most ten times a second, and takes it away at the end."""

    def __init__(self, stream: TextIO, options: ReporterOptions, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._options = options
        self._now = now
        self._encoding = getattr(stream, "encoding", None)
        self._ascii = not has_signs(self._encoding)
        self._picture = Picture(stream, options.colour, now)
        self._run: RunStarted | None = None
        self._board = Board()
        self._began = 0.0

    def on_event(self, event: Event) -> None:
        """Take the event into the board, and draw it if it is time."""
        if isinstance(event, RunEnded):
            self._end(event)
        elif isinstance(event, RunAbandoned):
            self._picture.abandon()
        elif not self._options.quiet:
            if isinstance(event, RunStarted):
                self._start(event)
            self._board.take(event, self._now() - self._began)
            self._draw()

    def close(self) -> None:
        """Take the board away and show the cursor again; harmless when there is none."""
        self._picture.close()

    def _start(self, event: RunStarted) -> None:
        self._run, self._board, self._began = event, Board(event.gates), self._now()
        self._picture.start()

    def _draw(self) -> None:
        if self._run is not None and self._picture.is_due:
            width, height = self._picture.size
            now = self._now() - self._began
            self._picture.draw(board_lines(self._run, self._board, now, self._style(width), height))

    def _end(self, event: RunEnded) -> None:
        self.close()
        lines = report_lines(event.report, self._options, self._style(self._picture.size[0]))
        text = "".join(f"{line.rstrip()}\n" for line in lines)
        self._stream.write(fits_encoding(text, self._encoding))
        self._stream.flush()

    def _style(self, width: int) -> TextStyle:
        return TextStyle(width=min(width, WIDEST), colour=self._options.colour, ascii_only=self._ascii)
