"""Shows a run as one JSON document at its end, for programs."""

from __future__ import annotations

import json
from typing import TextIO

from gatekeeper.formats.report_json import report_document
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.events import Event, RunEnded


def make(stream: TextIO, options: ReporterOptions) -> JsonReporter:
    """A reporter that writes to the stream; the document is always whole, whatever the options say."""
    del options
    return JsonReporter(stream)


class JsonReporter:
    """Writes nothing until the run has ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def on_event(self, event: Event) -> None:
        """Write the document when the run has ended."""
        if isinstance(event, RunEnded):
            # ASCII only, so that no encoding of the stream and no reader can spoil it
            document = json.dumps(report_document(event.report), indent=2, ensure_ascii=True, allow_nan=False)
            self._stream.write(document + "\n")
            self._stream.flush()
