"""Hears what pylint says of the files that were named, and keeps pylint to these.

Runs beside `lint.py` under the project's interpreter; pylint is imported when it is known to be there.
"""

# Paths are texts here, as pylint compares them.

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Optional

Json = Dict[str, Any]


def listener_for(places: Dict[str, int], tell: Callable[[int], None]) -> Any:
    """A reporter that keeps what pylint says, and tells how many of the files in `places` it has checked."""
    from pylint.reporters import BaseReporter

    class Listener(BaseReporter):
        """Keeps the messages, and which files pylint came to."""

        def __init__(self) -> None:
            super().__init__()
            self.places = places
            self.heard: List[Any] = []
            self.looked: Dict[int, int] = {}

        def on_set_current_module(self, module: str, filepath: Optional[str]) -> None:
            """Pylint comes to each file twice: to parse it, then to check it."""
            place = places.get(filepath or "")
            if place is not None:
                self.looked[place] = self.looked.get(place, 0) + 1
                tell(sum(times > 1 for times in self.looked.values()))

        def handle_message(self, msg: Any) -> None:
            """Keep a message for later."""
            self.heard.append(msg)

        def _display(self, layout: Any) -> None:
            """Show nothing."""

    return Listener()


def run_class() -> Any:
    """The class of a run of pylint that looks at the named files only."""
    import pylint.lint

    class Linter(pylint.lint.PyLinter):
        """Looks at the named files only: pylint takes an `__init__.py` for its whole package."""

        @staticmethod
        def should_analyze_file(modname: str, path: str, is_argument: bool = False) -> bool:
            """Whether the file was named."""
            return is_argument

    class Run(pylint.lint.Run):
        """A run with that linter."""

        LinterClass = Linter

    return Run


def row(message: Any, places: Dict[str, int]) -> Json:
    """A message with the keys of pylint's own JSON, and the place of its file in the request."""
    return {
        "type": message.category,
        "symbol": message.symbol,
        "messageId": message.msg_id,
        "message": message.msg[:2000],
        "confidence": message.confidence.name,
        "obj": message.obj,
        "line": message.line,
        "column": message.column,
        "endLine": message.end_line,
        "file": places.get(os.path.normpath(message.abspath)),
    }
