"""`gatekeeper run`: judges a change and sets the exit code."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from gatekeeper.cli.modes import add_mode_options
from gatekeeper.cli.modes import wish_of as mode_wish_of
from gatekeeper.cli.target_options import add_target_options, wish_of
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import replace
from gatekeeper.model.policy import Setting
from gatekeeper.model.report import Report
from gatekeeper.ports import Reporter
from gatekeeper.registry import make_reporter
from gatekeeper.wiring import RunOptions, judge

_DESCRIPTION = """\
Judges a change by every gate at once. Exits with 0 (passed), 1 (blocked), 2 (wrong usage or configuration),
3 (could not check) or 130 (interrupted).

Without a target it takes what is staged; if nothing is, what HEAD has and its upstream or the default branch
has not; if that is nothing either, the changes of the working tree. Your working tree and your index are only
read: the gates look at the exact tree that would be committed, which is laid out in a folder of Gatekeeper's
own where your working tree holds anything else. Only --fix writes them, before the gates look; what is staged is
corrected, or else the working tree.
"""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    add_target_options(parser, "what to judge (one of)")
    how = parser.add_argument_group("how to judge")
    how.add_argument("--gate", action="append", default=[], metavar="NAME", help="only this gate (may be repeated)")
    how.add_argument("--jobs", type=_jobs, metavar="N", help="run at most N jobs at the same time")
    how.add_argument(
        "--fail-fast",
        action="store_true",
        help="stop everything at the first gate that blocks, pytest at its first failure",
    )
    how.add_argument(
        "--retries", type=_count, metavar="N", help="run failed tests again, up to N times, to find flaky ones"
    )
    how.add_argument("--no-cache", action="store_true", help="look afresh, whatever is remembered of earlier runs")
    how.add_argument("--full", action="store_true", help="run all tests, whatever the change can affect")
    how.add_argument("--fix", action="store_true", help="correct the change by the project's fixers, then judge it")
    how.add_argument("--dry-run", action="store_true", help="with --fix: only show what would be corrected")
    add_mode_options(parser)
    shown = parser.add_argument_group("what to show")
    shown.add_argument(
        "--format",
        choices=("github", "json", "junit", "markdown", "plain", "sarif"),
        help="the form of the report (default: for people; in GitHub Actions: github)",
    )
    shown.add_argument("--output", metavar="FILE", help="write the report to FILE and show the run as usual")
    shown.add_argument(
        "-q", "--quiet", action="store_true", help="only what failed, and nothing when everything passed"
    )
    shown.add_argument(
        "-v", "--verbose", action="store_true", help="everything, with the commands and what they printed"
    )
    shown.add_argument("--colour", "--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Judge, show, and tell the exit code."""
    folder = str(Path(options.folder).absolute())
    wish, modes = wish_of(options), mode_wish_of(options)
    run_options = RunOptions(folder, wish, tuple(options.gate), _flags(options), modes, afresh=options.no_cache)
    run_options = replace(run_options, full=options.full)
    if options.fix or options.dry_run:
        from gatekeeper.cli.fix import run_with_fixes  # noqa: PLC0415 - most runs fix nothing

        return run_with_fixes(options, run_options, judge_and_show)
    return judge_and_show(options, run_options)


def judge_and_show(options: argparse.Namespace, run_options: RunOptions) -> int:
    """Judge by these options, show the run as the command line asks, and tell the exit code."""
    with _reporters(options) as reporters:
        report = judge(run_options, tuple(reporters))
    tell_troubles(report)
    return report.exit


def tell_troubles(report: Report) -> None:
    """Name the reporters that broke. What standard output did not take is let go: it must not alter the exit code."""
    for trouble in report.troubles:
        sys.stderr.write(f"gatekeeper: {trouble}\n")
    if report.troubles:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _flags(options: argparse.Namespace) -> dict[str, Setting]:
    flags = {}
    if options.jobs is not None:
        flags["jobs"] = Setting(options.jobs, "flag --jobs")
    if options.fail_fast:
        flags["fail_fast"] = Setting(True, "flag --fail-fast")
    if options.retries is not None:
        flags["gates.tests.retries"] = Setting(options.retries, "flag --retries")
    return flags


@contextmanager
def _reporters(options: argparse.Namespace) -> Iterator[list[tuple[str, Reporter]]]:
    """The reporters of this run: one for people, and one for the document that was asked for."""
    with ExitStack() as stack:
        reporters = []
        document = options.format if options.format != "plain" else None
        target: TextIO = sys.stdout
        if options.output:
            document = options.format or "plain"
            target = stack.enter_context(_open(options.output))
        if options.output or document is None:
            reporters.append(_on_screen(options))
        elif sys.stderr.isatty():
            reporters.append(for_people(options, sys.stderr))
        if document:
            settings = ReporterOptions(options.quiet, options.verbose, False, 100)
            reporters.append((document, make_reporter(document, target, settings)))
        yield reporters


def _on_screen(options: argparse.Namespace) -> tuple[str, Reporter]:
    """The reporter of standard output: in GitHub Actions the one whose lines no text can turn into commands."""
    if os.environ.get("GITHUB_ACTIONS") == "true" and options.format != "plain" and not sys.stdout.isatty():
        settings = ReporterOptions(options.quiet, options.verbose, False, 100)
        return "github", make_reporter("github", sys.stdout, settings)
    return for_people(options, sys.stdout)


def for_people(options: argparse.Namespace, stream: TextIO) -> tuple[str, Reporter]:
    """The reporter that suits the stream: a live board on a terminal, plain lines elsewhere."""
    colour = options.colour == "always" or (
        options.colour == "auto"
        and stream.isatty()
        and "NO_COLOR" not in os.environ
        and os.environ.get("TERM") != "dumb"
    )
    live = stream.isatty() and options.format != "plain" and os.environ.get("TERM") != "dumb"
    settings = ReporterOptions(options.quiet, options.verbose, colour, shutil.get_terminal_size((100, 24)).columns)
    name = "live" if live else "plain"
    return name, make_reporter(name, stream, settings)


@contextmanager
def _open(name: str) -> Iterator[TextIO]:
    """The file to write to; it takes its name when all is written, so that a killed run spoils no older report."""
    place = Path(name)
    aside = place if place.exists() and not place.is_file() else place.with_name(f".{place.name}.{os.getpid()}")
    try:
        stream = aside.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error.strerror}", "name another file with --output") from error
    try:
        with stream:
            yield stream
        if aside != place:
            aside.replace(place)
    finally:
        if aside != place:
            aside.unlink(missing_ok=True)


def _jobs(text: str) -> int:
    number = _count(text)
    if not number:
        raise argparse.ArgumentTypeError("at least 1 job has to run")
    return number


def _count(text: str) -> int:
    number = int(text) if text.isdigit() else -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"a whole number is wanted, not {text!r}")
    return number
