"""Shows a run on a terminal: a board that stays in its place while gates run, and the final text after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from gatekeeper.formats.board import Board
from gatekeeper.formats.board_lines import board_lines
from gatekeeper.formats.report_text import report_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.terminal_text import cells
from gatekeeper.formats.text_style import Role, TextStyle, fits_encoding, has_signs
from gatekeeper.model.events import Event, RunAbandoned, RunEnded, RunStarted

LEAST_INTERVAL = 0.1  # seconds between two pictures
WIDEST = 120  # columns of the final text, however wide the window is
_SHOW_CURSOR = "\x1b[?25h"
_ERASE_LINE = (ControlType.ERASE_IN_LINE, 2)
_RICH_STYLES = {
    Role.TITLE: "bold",
    Role.GOOD: "green",
    Role.BAD: "bold red",
    Role.WARN: "yellow",
    Role.ACCENT: "cyan",
    Role.QUIET: "dim",
    Role.PLAIN: "",
}


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
        self._console = Console(
            file=stream,
            force_terminal=True,
            no_color=not options.colour,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )
        self._live: Live | None = None
        self._run: RunStarted | None = None
        self._board = Board()
        self._began = self._drawn = 0.0
        self._frame: list[int] = []
        self._frame_width = 0

    def on_event(self, event: Event) -> None:
        """Take the event into the board, and draw it if it is time."""
        if isinstance(event, RunEnded):
            self._end(event)
        elif isinstance(event, RunAbandoned):
            self._abandon()
        elif not self._options.quiet:
            if isinstance(event, RunStarted):
                self._start(event)
            self._board.take(event, self._now() - self._began)
            self._draw()

    def close(self) -> None:
        """Take the board away and show the cursor again; harmless when there is none."""
        if self._live is not None:
            self._after_resize()
            self._live.stop()
            self._live = None

    def _abandon(self) -> None:
        """Close the board; an interrupt within rich may have left its buffer stuck, so the cursor is shown past it."""
        if self._live is not None:
            try:
                self.close()
            finally:
                self._stream.write(_SHOW_CURSOR)
                self._stream.flush()

    def _start(self, event: RunStarted) -> None:
        self._run, self._board, self._began = event, Board(event.gates), self._now()
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start()

    def _draw(self) -> None:
        now = self._now()
        if self._live is None or self._run is None or (self._frame and now - self._drawn < LEAST_INTERVAL):
            return
        self._after_resize()
        width, height = self._console.size
        lines = board_lines(self._run, self._board, now - self._began, self._style(width), height)
        texts = [Text.assemble(*((self._held(text), _RICH_STYLES[role]) for text, role in line)) for line in lines]
        self._live.update(Text("\n", no_wrap=True, end="").join(texts), refresh=True)
        self._drawn, self._frame_width = now, width
        self._frame = [sum(cells(text) for text, _ in line) for line in lines]

    def _after_resize(self) -> None:
        """Clear what a window that became narrower has folded, since the board would count too few rows."""
        width = self._console.size.width
        if self._live is None or width >= self._frame_width or not self._frame:
            return
        rows = sum(max(-(-line // width), 1) for line in self._frame)
        self._console.control(
            Control(ControlType.CARRIAGE_RETURN, _ERASE_LINE),
            *[Control((ControlType.CURSOR_UP, 1), _ERASE_LINE)] * (rows - 1),
            *[Control((ControlType.CURSOR_DOWN, 1))] * (len(self._frame) - 1),
        )
        self._frame_width = width

    def _end(self, event: RunEnded) -> None:
        self.close()
        lines = report_lines(event.report, self._options, self._style(self._console.size.width))
        text = "".join(f"{line.rstrip()}\n" for line in lines)
        self._stream.write(fits_encoding(text, self._encoding))
        self._stream.flush()

    def _style(self, width: int) -> TextStyle:
        return TextStyle(width=min(width, WIDEST), colour=self._options.colour, ascii_only=self._ascii)

    def _held(self, text: str) -> str:
        return fits_encoding(text, self._encoding)
