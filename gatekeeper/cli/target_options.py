"""The options of the command line that name a change."""

from __future__ import annotations

import argparse
import os

from gatekeeper.edges.targets import Wish
from gatekeeper.model.errors import UsageError

FLAGS = "--staged, --base, --from/--to, --worktree, --all, --github"


def add_target_options(parser: argparse.ArgumentParser, title: str) -> None:
    """Declare the options under a title; `wish_of` reads them."""
    what = parser.add_argument_group(title)
    what.add_argument("--staged", action="store_true", help="what is staged, as `git commit` would commit it")
    what.add_argument("--base", metavar="REF", default="", help="what HEAD has since its merge base with REF")
    what.add_argument("--from", dest="start", metavar="A", default="", help="with --to: the commit B against A")
    what.add_argument("--to", dest="end", metavar="B", default="", help="the other end of --from (default: HEAD)")
    what.add_argument("--worktree", action="store_true", help="the working tree with its untracked files")
    what.add_argument("--all", dest="whole", action="store_true", help="every file of HEAD, as a whole")
    what.add_argument("--github", action="store_true", help="what the event of this run of GitHub Actions brings")


def targets_of(options: argparse.Namespace) -> int:
    """How many targets the options name."""
    asked = [options.staged, options.worktree, options.whole, options.github]
    return sum([*asked, bool(options.base), bool(options.start or options.end)])


def wish_of(options: argparse.Namespace) -> Wish:
    """The wish that the options express. Raises `UsageError` where they name more than one target."""
    if targets_of(options) > 1:
        raise UsageError("only one target can be judged", f"give one of {FLAGS}")
    if options.github:
        from gatekeeper.edges.git import find_repository  # noqa: PLC0415 - only GitHub's runners have events
        from gatekeeper.edges.github_event import event_target  # noqa: PLC0415 - as above

        return Wish(target=event_target(find_repository(options.folder), os.environ))
    in_hook = "GIT_INDEX_FILE" in os.environ  # Git names it to its pre-commit hook, and to no other
    return Wish(
        options.staged, options.worktree, options.whole, options.base, options.start, options.end, in_hook
    )  # fmt: skip
