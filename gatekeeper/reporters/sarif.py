"""Shows a run as one SARIF document at its end, for code scanning and editors."""

from __future__ import annotations

import json
from typing import TextIO

from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.sarif_writer import sarif_document
from gatekeeper.model.events import Event, RunEnded


def make(stream: TextIO, options: ReporterOptions) -> SarifReporter:
    """A reporter that writes to the stream; the document is always whole, whatever the options say."""
    del options
    return SarifReporter(stream)


class SarifReporter:
    """Writes nothing until the run has ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def on_event(self, event: Event) -> None:
        """Write the document when the run has ended."""
        if isinstance(event, RunEnded):
            # ASCII only, so that no encoding of the stream and no reader can spoil it
            self._stream.write(json.dumps(sarif_document(event.report), indent=2, allow_nan=False) + "\n")
            self._stream.flush()
