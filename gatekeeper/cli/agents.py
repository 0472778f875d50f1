"""The command `gatekeeper agents`: lists the coding agents, and tries whether they work."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.report import Exit

_DESCRIPTION = """\
Lists the coding agents that are known, by the configuration or by a shipped template, and whether their programs are
there. `gatekeeper agents check` has each of them do a small task in a repository of its own, with a model that follows
a script: that needs no network and no account, and costs nothing. It exits with 1 where an agent does not work."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run, action="list", names=[], folder=".", format="text")
    actions = parser.add_subparsers(title="what to do", metavar="ACTION")
    helps = {
        "list": "list the agents, and whether their programs are there (the default)",
        "check": "have the agents do a small task, without network or cost",
    }
    for name, text in helps.items():
        action = actions.add_parser(name, help=text)
        action.set_defaults(action=name)
        if name == "check":
            action.add_argument("names", nargs="*", metavar="NAME", help="these alone; without any: all that are there")
        _add_options(action)
    _add_options(parser)


def run(options: argparse.Namespace) -> int:
    """Do the action and tell the exit code: 1 where an agent that is wanted does not work, 3 where none is there."""
    from gatekeeper.agents_wiring import look_for, try_out  # noqa: PLC0415 - slow to import, and --help needs none
    from gatekeeper.formats.agents_text import agents_json, agents_text  # noqa: PLC0415
    from gatekeeper.model.agent_trial import Standing  # noqa: PLC0415

    roster, notes = _roster(options.folder)
    is_check = options.action == "check"
    trials = try_out(roster, options.names) if is_check else look_for(roster)
    if not trials:
        raise GatekeeperError("no coding agent is installed", "gatekeeper agents lists those that are known")
    sys.stdout.write((agents_json if options.format == "json" else agents_text)(trials, notes))
    bad = any(trial.standing in (Standing.FAILS, Standing.MISSING) for trial in trials)
    return int(Exit.BLOCKED if is_check and bad else Exit.PASSED)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default=argparse.SUPPRESS, help="default: text")
    parser.add_argument(
        "-C", dest="folder", metavar="DIR", default=argparse.SUPPRESS, help="work as if started in DIR"
    )  # fmt: skip


def _roster(folder: str) -> tuple[Sequence[Mapping[str, Any]], tuple[str, ...]]:
    """The setting `agents` of the working tree, and a note where there is none to read."""
    from gatekeeper.edges.config_worktree import read_worktree_policy  # noqa: PLC0415
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415

    try:
        repository = find_repository(folder)
    except GatekeeperError as error:
        return (), (f"no configuration is read: {error.message}",)
    policy = read_worktree_policy(repository, os.environ)
    root = next((project for project in policy.projects if not project.root), policy.projects[0])
    return root.value("agents") or (), ()
