"""Shows an orchestration on a terminal: a row for each lane that stays in its place, and the end after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from gatekeeper.edges.picture import Picture
from gatekeeper.formats.lanes_board import LanesBoard
from gatekeeper.formats.lanes_lines import lanes_lines
from gatekeeper.formats.lanes_text import ended_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.text_style import TextStyle, fits_encoding, has_signs
from gatekeeper.model.orchestration_events import Began, Ended, OrchestrationEvent

_WIDEST_END = 120  # columns of the last lines, however wide the window is


class OrchestraLive:
    """Keeps the lanes up to date from events, and takes them away at the end.

    `tell_end` has the last lines written when it has ended; whoever shows an approval leaves that out. `watched` says
    that the events come from the log of another process, which may have fallen silent.
    """

    def __init__(
        self,
        stream: TextIO,
        options: ReporterOptions,
        *,
        tell_end: bool = True,
        watched: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.board = LanesBoard()
        self._stream = stream
        self._options = options
        self._tell_end, self._watched = tell_end, watched
        self._encoding = getattr(stream, "encoding", None)
        self._ascii = not has_signs(self._encoding)
        self._picture = Picture(stream, options.colour, now)
        self._now = 0.0

    def on_event(self, event: OrchestrationEvent) -> None:
        """Take the event in, and draw if it is time."""
        self.board.take(event)
        if isinstance(event, Began):
            self._now = 0.0
            if not self._options.quiet:
                self._picture.start()
        elif isinstance(event, Ended):
            self._end()
            return
        self.on_tick(self.board.heard)

    def on_tick(self, at: float) -> None:
        """Draw if it is time; `at` is in seconds since the beginning, as the times of events are."""
        self._now = max(self._now, at)
        if self._picture.is_due:
            width, height = self._picture.size
            self._picture.draw(lanes_lines(self.board, self._now, self._style(width), height, self._watched))

    def close(self) -> None:
        """Take the lanes away and show the cursor again, also after an interrupt; harmless when there are none."""
        self._picture.abandon()

    def _end(self) -> None:
        self._picture.close()
        if self._tell_end:
            lines = ended_lines(self.board, self._style(min(self._picture.size[0], _WIDEST_END)))
            text = "".join(f"{self._style(0).signs(line).rstrip()}\n" for line in lines)
            self._stream.write(fits_encoding(text, self._encoding))
            self._stream.flush()

    def _style(self, width: int) -> TextStyle:
        return TextStyle(width=width, colour=self._options.colour, ascii_only=self._ascii)
