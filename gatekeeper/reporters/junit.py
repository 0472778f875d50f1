"""Shows a run as JUnit XML at its end, for the test view of any CI."""

from __future__ import annotations

from typing import TextIO

from gatekeeper.formats.junit_writer import junit_document
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.events import Event, RunEnded


def make(stream: TextIO, options: ReporterOptions) -> JunitReporter:
    """A reporter that writes to the stream; the document is always whole, whatever the options say."""
    del options
    return JunitReporter(stream)


class JunitReporter:
    """Writes nothing until the run has ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def on_event(self, event: Event) -> None:
        """Write the document when the run has ended."""
        if isinstance(event, RunEnded):
            self._stream.write(junit_document(event.report))
            self._stream.flush()
