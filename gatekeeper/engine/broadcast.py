"""Tells every reporter what happens; one that breaks is dropped and named."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.model.events import Event
from gatekeeper.ports import Reporter


class Broadcast:
    """Hands events to reporters on the thread that calls it; `troubles` names those that broke."""

    def __init__(self, reporters: Iterable[tuple[str, Reporter]]) -> None:
        self._reporters = list(reporters)
        self.troubles: list[str] = []

    def join(self, name: str, reporter: Reporter) -> None:
        """Let one more hear what happens from now on."""
        self._reporters.append((name, reporter))

    def tell(self, event: Event) -> None:
        """Tell every reporter that still works."""
        for name, reporter in list(self._reporters):
            try:
                reporter.on_event(event)
            except Exception as error:  # noqa: BLE001 - whatever a reporter does, the verdict stands
                self._reporters.remove((name, reporter))
                if isinstance(error, BrokenPipeError):
                    continue  # the reader has read enough
                self.troubles.append(f"the {name} report broke: {type(error).__name__}: {error}")
