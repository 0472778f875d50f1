"""The command `gatekeeper config`: shows what is demanded, and where each demand comes from."""

from __future__ import annotations

import argparse
import os
import sys

from gatekeeper.model.policy import Policy
from gatekeeper.model.report import Exit

_DESCRIPTION = """\
Shows the configuration in force in the working tree: the defaults, what .gatekeeper.yml or [tool.gatekeeper] in
pyproject.toml say, and what the environment overrides. The output can be kept as .gatekeeper.yml."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("--show-origin", action="store_true", help="say behind each value where it comes from")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON; it holds the origins too")
    form.add_argument("--schema", action="store_true", help="print the JSON Schema of the configuration")
    form.add_argument("--check", action="store_true", help="only say whether the configuration is valid")
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

    policy = read_worktree_policy(find_repository(options.folder), os.environ)
    sys.stdout.write(_answer(policy, options))
    return int(Exit.PASSED)


def _answer(policy: Policy, options: argparse.Namespace) -> str:
    if options.check:
        notes = "".join(f"note: {note}\n" for note in policy.notes)
        return f"the configuration is valid: {policy.source}\n{notes}"
    from gatekeeper.formats.config_writer import policy_json, policy_yaml  # noqa: PLC0415 - a check writes neither

    return policy_json(policy) if options.json else policy_yaml(policy, options.show_origin)
