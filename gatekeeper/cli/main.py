"""The root of the command line: finds the command, and is the one place where errors become words and exit codes."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from gatekeeper import __version__
from gatekeeper.cli.parser import CommandParser, Parser
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.report import Exit

_COMMANDS = {
    "run": "judge a change by all gates at once",
    "config": "show the configuration in force, and where each value comes from",
    "plan": "show how the work on a change falls into workstreams, and in what order it can be done",
    "orchestrate": "have agents do the work of a plan in parallel, judge it, and mend it",
    "watch": "show an orchestration that is being carried out, from another terminal",
    "agents": "list the coding agents that can do the work of a plan, and try whether they work",
    "modes": "list the modes with their state, and why",
    "install": "install Git hooks that judge every commit, merge and push",
    "uninstall": "remove the hooks again, and put back what was there before",
    "status": "tell which hooks are installed, and whether they work",
    "hook": "what the installed hooks start",
    "audit": "name the commits that no gate has seen",
    "publish": "post a report as a comment on its pull request",
    "render": "make the summary or the outputs of a job of GitHub Actions from a report",
    "cache": "show, bound, empty or move what is remembered of earlier runs",
    "demo": "make a small repository with a planted defect for each gate, and judge it",
}
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_UNCHANGED = "interrupted; nothing is left running and nothing was changed"
_EPILOG = """\
examples:
  gatekeeper run                     judge what is staged, or the branch against its base
  gatekeeper run --base main         judge what HEAD has and main has not
  gatekeeper run --gate tests        only one gate
  gatekeeper run --format json       a document for other programs
  gatekeeper config --show-origin    what is demanded, and who says so
  gatekeeper plan --base main        who could do what at the same time
  gatekeeper modes                   which modes there are, and which are active
  gatekeeper demo                    see it work on a small sample

exit codes:
  0 passed   1 blocked   2 wrong usage or configuration   3 could not check   130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and tell its exit code."""
    options = _parser(arguments if arguments is not None else sys.argv[1:]).parse_args(arguments)
    for number in _INTERRUPTS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    try:
        return int(options.function(options))
    except GatekeeperError as error:
        _say(f"gatekeeper: {error.message}", f"  {error.hint}" if error.hint else "")
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        _say(f"gatekeeper: {str(interrupt) or _UNCHANGED}")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.COULD_NOT_CHECK
    except Exception as error:  # noqa: BLE001 - a fault of ours is "could not check", never "passed"
        if _is_want_of_room(error):
            _say(f"gatekeeper: {error}", "  make room, or set GATEKEEPER_CACHE and TMPDIR to folders with room")
        else:
            _say(traceback.format_exc(), "gatekeeper: this is a fault of Gatekeeper; please report the lines above")
        return Exit.COULD_NOT_CHECK


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog="gatekeeper",
        description="Judges the exact change that would be committed, pushed or merged, by four gates in parallel.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"gatekeeper {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=CommandParser)
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    is_first = wanted in _COMMANDS and arguments[0] == wanted
    for name in (wanted,) if is_first else _COMMANDS:  # only a list of the commands needs the others
        command = commands.add_parser(name, help=_COMMANDS[name])
        if name == wanted:
            import_module(f"gatekeeper.cli.{name}").register(command)
    return parser


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Stop the run in order; whoever presses Ctrl-C again must not cut the clearing up short."""
    for further in _INTERRUPTS:
        signal.signal(further, signal.SIG_IGN)
    raise KeyboardInterrupt


def _is_want_of_room(error: Exception) -> bool:
    """Whether nothing could be written: the disk is full or read-only, a quota is used up, a limit is reached."""
    if not isinstance(error, OSError):
        return False
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
    return error.errno in full or "temporary directory" in str(error.strerror)


def _say(*lines: str) -> None:
    text = "".join(f"{line}\n" for line in lines if line)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from gatekeeper.formats.workflow_log import defused  # noqa: PLC0415 - elsewhere no text is a command

        text = defused(text)
    sys.stderr.write(
        text.encode(sys.stderr.encoding or "utf-8", "backslashreplace").decode(sys.stderr.encoding or "utf-8")
    )
