"""How much a reporter is asked to show, and how."""

from __future__ import annotations

from gatekeeper.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class ReporterOptions:
    """What a person asked of the output.

    `quiet` shows failures only, `verbose` everything. `colour` allows ANSI colours; `width` is the number of columns of
    a line, 0 or less where nobody knows.
    """

    quiet: bool = False
    verbose: bool = False
    colour: bool = False
    width: int = 100
