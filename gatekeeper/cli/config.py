"""The command `gatekeeper config`: shows what is demanded, and where each demand comes from."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from gatekeeper.model.policy import Policy
from gatekeeper.model.report import Exit

if TYPE_CHECKING:
    from gatekeeper.edges.git import Repository

_DESCRIPTION = """\
Shows the configuration in force in the working tree: the defaults, what .gatekeeper.yml or [tool.gatekeeper] in
pyproject.toml say, and what the environment overrides. The output can be kept as .gatekeeper.yml.

With --base it shows what a change is judged by: the configuration of its base, and what the change tightens in it."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("--show-origin", action="store_true", help="say behind each value where it comes from")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON; it holds the origins too")
    form.add_argument("--schema", action="store_true", help="print the JSON Schema of the configuration")
    form.add_argument("--check", action="store_true", help="only say whether the configuration is valid")
    parser.add_argument("--base", metavar="REV", help="show what HEAD is judged by against its merge base with REV")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Do the command and tell its exit code. Raises `UsageError` with all mistakes of the configuration."""
    if options.schema:
        from gatekeeper.schemas import schema_text  # noqa: PLC0415 - nothing else is needed for this answer

        sys.stdout.write(schema_text("config"))
        return int(Exit.PASSED)
    # The other answers need Git, which is slow to import.
    from gatekeeper.edges.config_worktree import read_worktree_policy  # noqa: PLC0415
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415

    repository = find_repository(options.folder)
    policy = _range_policy(repository, options.base) if options.base else read_worktree_policy(repository, os.environ)
    sys.stdout.write(_answer(policy, options))
    return int(Exit.PASSED)


def _range_policy(repository: Repository, base: str) -> Policy:
    """What a run over the range would demand, with what became of the edits of the configuration as notes."""
    from gatekeeper.edges.policies import governing_policy  # noqa: PLC0415 - as above
    from gatekeeper.edges.targets import Wish, find_target  # noqa: PLC0415

    return governing_policy(repository, find_target(repository, Wish(base=base)), {}, os.environ)


def _answer(policy: Policy, options: argparse.Namespace) -> str:
    if options.check:
        notes = "".join(f"note: {note}\n" for note in policy.notes)
        return f"the configuration is valid: {policy.source}\n{notes}"
    from gatekeeper.formats.config_writer import policy_json, policy_yaml  # noqa: PLC0415 - a check writes neither

    return policy_json(policy) if options.json else policy_yaml(policy, options.show_origin)
