"""Keeps lines of coloured text in their place on a terminal, redrawn now and then, until they are taken away."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.console import Console
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from gatekeeper.formats.terminal_text import cells
from gatekeeper.formats.text_style import Role, fits_encoding

LEAST_INTERVAL = 0.1  # seconds between two pictures
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


class Picture:
    """Lines on the terminal behind a stream; nothing is drawn before `start` and after `close`."""

    def __init__(self, stream: TextIO, colour: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._now = now
        self._encoding = getattr(stream, "encoding", None)
        self._console = Console(
            file=stream,
            force_terminal=True,
            no_color=not colour,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )
        self._live: Live | None = None
        self._drawn = 0.0
        self._frame: list[int] = []
        self._frame_width = 0

    @property
    def size(self) -> tuple[int, int]:
        """The columns and rows of the terminal, as they are now."""
        width, height = self._console.size
        return width, height

    @property
    def is_due(self) -> bool:
        """Whether there is a picture, and the last one is old enough for the next."""
        return self._live is not None and not (self._frame and self._now() - self._drawn < LEAST_INTERVAL)

    def start(self) -> None:
        """Begin to draw, below what the terminal shows."""
        self.close()
        self._frame = []
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start()

    def draw(self, lines: Sequence[Sequence[tuple[str, Role]]]) -> None:
        """Show these lines in place of the last ones; they have to fit the size."""
        if self._live is None:
            return
        self._after_resize()
        texts = [Text.assemble(*((self._held(text), _RICH_STYLES[role]) for text, role in line)) for line in lines]
        self._live.update(Text("\n", no_wrap=True, end="").join(texts), refresh=True)
        self._drawn, self._frame_width = self._now(), self.size[0]
        self._frame = [sum(cells(text) for text, _ in line) for line in lines]

    def close(self) -> None:
        """Take the picture away and show the cursor again; harmless when there is none."""
        if self._live is not None:
            self._after_resize()
            self._live.stop()
            self._live = None

    def abandon(self) -> None:
        """Close on an interrupt: within rich it may have left its buffer stuck, so the cursor is shown past it."""
        if self._live is not None:
            try:
                self.close()
            finally:
                self._stream.write(_SHOW_CURSOR)
                self._stream.flush()

    def _after_resize(self) -> None:
        """Clear what a window that became narrower has folded, since the picture would count too few rows."""
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

    def _held(self, text: str) -> str:
        return fits_encoding(text, self._encoding)
