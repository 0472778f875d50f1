"""Shows a run as Markdown at its end, for a comment on a pull request or a file."""

from __future__ import annotations

from typing import TextIO

from gatekeeper.formats.report_markdown import report_markdown
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.text_style import fits_encoding
from gatekeeper.model.events import Event, RunEnded


def make(stream: TextIO, options: ReporterOptions) -> MarkdownReporter:
    """A reporter that writes to the stream."""
    return MarkdownReporter(stream, options)


class MarkdownReporter:
    """Writes nothing until the run has ended."""

    def __init__(self, stream: TextIO, options: ReporterOptions) -> None:
        self._stream = stream
        self._options = options

    def on_event(self, event: Event) -> None:
        """Write the document when the run has ended."""
        if isinstance(event, RunEnded):
            text = report_markdown(event.report, self._options)
            self._stream.write(fits_encoding(text, getattr(self._stream, "encoding", None)))
            self._stream.flush()
