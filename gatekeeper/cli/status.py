"""The command `gatekeeper status`: tells of each hook whose it is, and whether what is installed works."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from gatekeeper.formats.hook_script import HOOKS
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.report import Exit

if TYPE_CHECKING:  # Git is slow to import, and --help needs none
    from gatekeeper.edges.hook_managers import HookGround
    from gatekeeper.edges.hook_state import HookState

_DESCRIPTION = """\
Tells of each hook that Gatekeeper knows whose it is: ours, chained (ours, which calls the one from before first),
called (another program starts Gatekeeper), theirs or missing. Exits with 0 when all that is installed works, and with 1
when something is broken."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="the form (default: text)")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Do the command and tell its exit code. Raises where a hook cannot be read."""
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415 - Git is slow to import, and --help needs none
    from gatekeeper.edges.hook_managers import hook_ground  # noqa: PLC0415
    from gatekeeper.edges.hook_state import hook_state  # noqa: PLC0415

    ground = hook_ground(find_repository(options.folder))
    states = [hook_state(ground, name) for name in HOOKS]
    sys.stdout.write(_as_json(ground, states) if options.format == "json" else _as_text(ground, states))
    return int(Exit.BLOCKED if any(state.troubles for state in states) else Exit.PASSED)


def _as_json(ground: HookGround, states: list[HookState]) -> str:
    document = {
        "folder": str(ground.folder),
        "redirected": ground.redirected or None,
        "works": not any(state.troubles for state in states),
        "hooks": [_entry(state) for state in states],
    }
    return json.dumps(document, indent=2) + "\n"


def _entry(state: HookState) -> dict[str, object]:
    script = state.file.script
    program = script.program if script else None
    return {
        "name": state.name,
        "standing": state.standing.value,
        "works": not state.troubles if state.standing in ("ours", "chained", "called") else None,
        "file": str(state.file.path) if state.standing != "missing" else None,
        "owner": state.file.owner or None if state.file.script is None else "gatekeeper",
        "version": program.version if program else None,
        "python": program.python if program else None,
        "calls_first": str(state.file.kept) if state.standing == "chained" else None,
        "caller": state.caller or None,
        "troubles": list(state.troubles),
        "notes": list(state.notes),
    }


def _as_text(ground: HookGround, states: list[HookState]) -> str:
    lines = [f"hooks in {ground.folder}"]
    if ground.redirected:
        lines.append(f"  {ground.redirected}{', which husky looks after' if ground.is_husky else ''}")
    for state in states:
        lines.append(f"  {state.name:<17} {_words(state)}")
        lines += [f"    broken: {trouble}" for trouble in state.troubles]
        lines += [f"    note: {note}" for note in state.notes]
    if all(state.standing in ("missing", "theirs") for state in states):
        lines.append("No hook of Gatekeeper is installed; gatekeeper install does it.")
    return "".join(f"{one_line(line)}\n" for line in lines)


def _words(state: HookState) -> str:
    script = state.file.script
    program = script.program if script else None
    starts = f", version {program.version}, started by {program.python}" if program else ", a copy of the plain script"
    return {
        "ours": f"ours{starts}",
        "chained": f"chained{starts}, after {state.file.kept.name}",
        "called": f"called by {state.caller}",
        "theirs": f"theirs{f', of {state.file.owner}' if state.file.owner else ''}: {state.file.path}",
        "missing": "missing",
    }[state.standing.value]
