"""Stands around the plain lines in a log of GitHub Actions: no text in them is a command, and annotations follow."""

from __future__ import annotations

import secrets
from typing import TextIO

from gatekeeper.formats.annotations import annotation_lines, resume_commands, stop_commands
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.text_style import fits_encoding
from gatekeeper.model.events import Event, RunAbandoned, RunEnded
from gatekeeper.ports import Reporter

AROUND = "plain"
"""The reporter that this one stands around; it writes to the same stream."""


def make(stream: TextIO, options: ReporterOptions, inner: Reporter) -> GithubReporter:
    """A reporter that writes to the stream."""
    del options
    return GithubReporter(stream, inner, secrets.token_hex(16))


class GithubReporter:
    """Stops commands before the first line of the other reporter, and resumes them after its last one."""

    def __init__(self, stream: TextIO, inner: Reporter, token: str) -> None:
        self._stream = stream
        self._inner = inner
        self._token = token
        self._stopped = False

    def on_event(self, event: Event) -> None:
        """Pass the event on; at the end of the run, write the annotations."""
        if not self._stopped:
            self._write([stop_commands(self._token)])
            self._stopped = True
        try:
            self._inner.on_event(event)
        finally:
            if isinstance(event, RunEnded | RunAbandoned):
                self._write([resume_commands(self._token)])
                self._stopped = False
        if isinstance(event, RunEnded):
            self._write(annotation_lines(event.report))

    def _write(self, lines: list[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        self._stream.write(fits_encoding(text, getattr(self._stream, "encoding", None)))
        self._stream.flush()
