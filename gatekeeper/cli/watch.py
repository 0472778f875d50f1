"""`gatekeeper watch`: shows an orchestration that another process carries out."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from gatekeeper.cli.display_options import add_display_options, display_of
from gatekeeper.model.report import Exit

if TYPE_CHECKING:  # --help needs neither
    from gatekeeper.edges.run_list import RunSummary
    from gatekeeper.model.orchestration import State
    from gatekeeper.model.orchestration_events import OrchestrationEvent
    from gatekeeper.watch_wiring import Watched

_DESCRIPTION = """\
Shows an orchestration from its log of events, from any terminal: what has happened so far, and then what happens, until
it has ended. Nothing of it is touched, and Ctrl-C ends the watching alone. Exits with 0 when it was approved, 1 when it
needs you, and 3 when it was stopped or its supervisor is gone."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.set_defaults(function=run)
    parser.add_argument(
        "run", nargs="?", default="", metavar="RUN", help="its name or the beginning of it (the latest)"
    )
    parser.add_argument("--list", action="store_true", help="list the orchestrations of this repository instead")
    add_display_options(parser, "json")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Follow the run, or list what there is, and tell the exit code."""
    from gatekeeper.watch_wiring import find_run, known_runs, watch  # noqa: PLC0415 - Git is slow to import

    if options.list:
        _write(_listed(known_runs(options.folder), options.format == "json"))
        return Exit.PASSED
    folder = find_run(options.folder, options.run)
    display = _Lines() if options.format == "json" else display_of(options, watched=True)
    try:
        watched = watch(folder, display)
    except KeyboardInterrupt:
        display.close()
        sys.stderr.write(f"gatekeeper: no longer watching; the run {folder.name} was left alone\n")
        return Exit.INTERRUPTED
    finally:
        display.close()
    return _told(watched, display.board.counts() if display.board else {})


def _told(watched: Watched, states: dict[State, int]) -> int:
    """Say what the display does not say, and give the exit code."""
    from gatekeeper.model.orchestration import Ending  # noqa: PLC0415

    if watched.skipped:
        sys.stderr.write(f"gatekeeper: lines of the log that are no events: {watched.skipped}\n")
    if watched.ended is None:
        heard = ", ".join(f"{count} {state}" for state, count in states.items())
        sys.stderr.write(
            f"gatekeeper: the supervisor of the run {watched.run} is gone, and the run has not ended"
            f"{f': {heard}' if heard else ''}\n"
            f"  go on with it: gatekeeper orchestrate --resume {watched.run}\n"
        )
        return Exit.COULD_NOT_CHECK
    codes = {Ending.APPROVED.value: Exit.PASSED, Ending.NEEDS_YOU.value: Exit.BLOCKED}
    return codes.get(watched.ended.ending, Exit.COULD_NOT_CHECK)


class _Lines:
    """Writes the events as the log has them, a JSON object a line; it keeps no board of them."""

    board = None

    def on_event(self, event: OrchestrationEvent) -> None:
        """Write the line of the event."""
        from gatekeeper.formats.event_log import event_line  # noqa: PLC0415

        _write(event_line(event))

    def on_tick(self, at: float) -> None:
        """Time alone is no event."""

    def close(self) -> None:
        """Nothing is open between two lines."""


def _listed(runs: tuple[RunSummary, ...], as_json: bool) -> str:
    from gatekeeper.formats.closing import counted  # noqa: PLC0415
    from gatekeeper.formats.durations import rough_duration  # noqa: PLC0415
    from gatekeeper.formats.terminal_text import phrase  # noqa: PLC0415

    if as_json:
        fields = ("name", "title", "state", "started", "alive")
        return json.dumps([{field: getattr(run, field) for field in fields} for run in runs], indent=2) + "\n"
    rows = [
        f"{run.name}  {phrase(run.state):<9}  {rough_duration(run.age):>10} ago  {phrase(run.title)}" for run in runs
    ]
    return "".join(f"{row.rstrip()}\n" for row in [counted(len(runs), "orchestration"), *rows])


def _write(text: str) -> None:
    from gatekeeper.formats.text_style import fits_encoding  # noqa: PLC0415

    sys.stdout.write(fits_encoding(text, getattr(sys.stdout, "encoding", None)))
    sys.stdout.flush()
