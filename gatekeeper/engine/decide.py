"""Turns the verdicts of a run into its exit code."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status, Verdict


def decide(verdicts: Iterable[Verdict]) -> Exit:
    """The exit code: an error outranks a failure, and advisory verdicts decide nothing."""
    blocking = {verdict.status for verdict in verdicts if verdict.blocks}
    if Status.ERROR in blocking:
        return Exit.COULD_NOT_CHECK
    return Exit.BLOCKED if Status.FAILED in blocking else Exit.PASSED
