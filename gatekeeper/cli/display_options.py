"""The options that say how an orchestration is shown, and the display that suits them and the stream."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # the one that is not used is not imported
    from gatekeeper.displays.orchestra_live import OrchestraLive
    from gatekeeper.displays.orchestra_plain import OrchestraPlain


def add_display_options(parser: argparse.ArgumentParser, *more_formats: str) -> None:
    """Declare --format (plain, and what else the command knows), --quiet and --colour; `display_of` reads them."""
    shown = parser.add_argument_group("how to show it")
    shown.add_argument(
        "--format",
        choices=("plain", *more_formats),
        help="plain: a line for each event, also on a terminal (default: what suits the output)",
    )
    shown.add_argument("-q", "--quiet", action="store_true", help="only the end")
    shown.add_argument("--colour", "--color", choices=("auto", "always", "never"), default="auto", help="default: auto")


def display_of(
    options: argparse.Namespace, *, tell_end: bool = True, watched: bool = False
) -> OrchestraLive | OrchestraPlain:
    """The display: lanes that stay in their place on a terminal, plain lines elsewhere.

    It writes to standard output, or to standard error where a document is asked for. Whoever makes it calls its `close`
    at the end, also after an interrupt.
    """
    from gatekeeper.formats.reporting import ReporterOptions  # noqa: PLC0415 - --help needs none of these

    stream = sys.stdout if options.format in (None, "plain") else sys.stderr
    terminal = _is_terminal(stream)
    columns = shutil.get_terminal_size((100, 24)).columns
    settings = ReporterOptions(options.quiet, False, _in_colour(options, stream), columns)
    if terminal and options.format != "plain":
        from gatekeeper.displays.orchestra_live import OrchestraLive  # noqa: PLC0415

        return OrchestraLive(stream, settings, tell_end=tell_end, watched=watched)
    from gatekeeper.displays.orchestra_plain import OrchestraPlain  # noqa: PLC0415

    guarded = os.environ.get("GITHUB_ACTIONS") == "true" and not stream.isatty()
    return OrchestraPlain(stream, settings, tell_end=tell_end, guarded=guarded)


def show(text: str) -> None:
    """Write a text to standard output; in a log of GitHub Actions nothing in it is a command."""
    from gatekeeper.formats.annotations import resume_commands, stop_commands  # noqa: PLC0415 - as above
    from gatekeeper.formats.text_style import fits_encoding  # noqa: PLC0415

    if os.environ.get("GITHUB_ACTIONS") == "true" and not sys.stdout.isatty():
        token = secrets.token_hex(16)
        text = f"{stop_commands(token)}\n{text}{resume_commands(token)}\n"
    sys.stdout.write(fits_encoding(text, getattr(sys.stdout, "encoding", None)))
    sys.stdout.flush()


def add_to_summary(markdown: str) -> str:
    """Append to the summary of a job of GitHub Actions, where this is one; tells why that could not be done, or ""."""
    path = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not path or os.environ.get("GITHUB_ACTIONS") != "true":
        return ""
    try:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"\n{markdown}")
    except OSError as error:
        return f"the summary of the job could not be written: {error.strerror}"
    return ""


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _in_colour(options: argparse.Namespace, stream: TextIO) -> bool:
    unless = _is_terminal(stream) and "NO_COLOR" not in os.environ
    return bool(options.colour == "always" or (options.colour == "auto" and unless))
