"""`gatekeeper plan`: shows the plan of a change, or of a task that is not written yet."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from gatekeeper.cli.modes import add_mode_options
from gatekeeper.cli.modes import wish_of as modes_of
from gatekeeper.cli.target_options import FLAGS, add_target_options, targets_of, wish_of
from gatekeeper.formats.plan_json import LONGEST_MATRIX, MOST_JOBS, plan_json, plan_matrix
from gatekeeper.formats.plan_markdown import plan_markdown
from gatekeeper.formats.plan_text import plan_text
from gatekeeper.formats.text_style import TextStyle, fits_encoding, has_signs
from gatekeeper.model.errors import UsageError
from gatekeeper.model.plan import ChangePlan, Kind
from gatekeeper.model.report import Exit
from gatekeeper.plan_wiring import AGENTS, PlanOptions, plan_of
from gatekeeper.planning.planner import MOST_AGENTS

_DESCRIPTION = """\
Shows how the work on a change falls into workstreams: who does what, on which paths, held to what, after what and
why, and when; with the bounds of the schedule. Nothing is run, and nothing is written but --output.

Without a target it plans the change that `gatekeeper run` would judge. With --task or --task-file it plans work that
is not written yet. Exits with 0 (planned), 2 (wrong usage, configuration or task file) or 3 (could not read).
"""
_FORMATS = ("text", "markdown", "json", "github-matrix")
_FILE_WIDTH = 100


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    add_target_options(parser, "which change to plan (one of)")
    task = parser.add_argument_group("or which task")
    task.add_argument("--task", metavar="TEXT", help="work that is not written yet, in a sentence")
    task.add_argument(
        "--files", action="append", nargs="+", default=[], metavar="GLOB",
        help="with --task: where the work will be; each pattern is a lane of its own",
    )  # fmt: skip
    task.add_argument("--task-file", metavar="FILE", default="", help="goals with their lanes and needs, in YAML")
    how = parser.add_argument_group("how to plan")
    how.add_argument(
        "--agents", type=_count, metavar="N", default=AGENTS, help=f"for how many agents (default: {AGENTS})"
    )
    how.add_argument("--type", dest="kind", choices=tuple(Kind), default="", help="what kind of change it is")
    add_mode_options(parser)
    shown = parser.add_argument_group("what to show")
    shown.add_argument("--format", choices=_FORMATS, default="text", help="default: text")
    shown.add_argument("--output", metavar="FILE", help="write the plan to FILE")
    shown.add_argument("--colour", "--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Plan, show, and tell the exit code."""
    plan = plan_of(_asked(options))
    if options.output:
        _write(options.output, _shown(plan, options, TextStyle(_FILE_WIDTH)))
    else:
        sys.stdout.write(fits_encoding(_shown(plan, options, style_of(options)), sys.stdout.encoding))
    return int(Exit.PASSED)


def _asked(options: argparse.Namespace) -> PlanOptions:
    by_task = options.task is not None
    if by_task + bool(options.task_file) + targets_of(options) > 1:
        raise UsageError("only one thing can be planned", f"give one of {FLAGS}, --task, --task-file")
    files = tuple(glob for globs in options.files for glob in globs)
    if files and not by_task:
        raise UsageError("--files belongs to --task", "say with --task what is to be done in these files")
    return PlanOptions(
        str(Path(options.folder).absolute()), wish_of(options), options.agents, options.kind, modes_of(options),
        options.task, files, options.task_file,
    )  # fmt: skip


def _shown(plan: ChangePlan, options: argparse.Namespace, style: TextStyle) -> str:
    if options.format == "json":
        return plan_json(plan)
    if options.format == "markdown":
        return plan_markdown(plan)
    if options.format == "text":
        return plan_text(plan, style)
    return _matrix(plan)


def _matrix(plan: ChangePlan) -> str:
    if len(plan.workstreams) > MOST_JOBS:
        raise UsageError(
            f"the plan has {len(plan.workstreams)} workstreams, and a matrix of GitHub holds {MOST_JOBS} jobs",
            "plan for fewer agents with --agents",
        )
    line = plan_matrix(plan)
    if len(line) > LONGEST_MATRIX:
        raise UsageError(
            f"the matrix would have {len(line):,} characters, and an output of GitHub holds {LONGEST_MATRIX:,}",
            "hand the plan over as a file, with --format json --output",
        )
    return f"{line}\n"


def style_of(options: argparse.Namespace) -> TextStyle:
    """The style that suits standard output."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    colour = options.colour == "always" or (options.colour == "auto" and terminal and "NO_COLOR" not in os.environ)
    width = shutil.get_terminal_size((_FILE_WIDTH, 24)).columns if terminal else _FILE_WIDTH
    return TextStyle(width, colour, not has_signs(sys.stdout.encoding))


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error.strerror}", "name another file with --output") from error


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MOST_AGENTS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_AGENTS} is wanted, not {text!r}")
    return number
