"""`gatekeeper publish`: posts a report as the one comment of its pull request, and as a check run where asked."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.report import Exit

if TYPE_CHECKING:
    from gatekeeper.publish_wiring import Published

_DESCRIPTION = """\
Posts a JSON report as a comment on the pull request that the running job of GitHub Actions is for. There is one
comment: it is found again and updated, and a newer result is never replaced by an older one. The pull request
and the repository come from the variables of GitHub Actions, never from the report; the token comes from
GITHUB_TOKEN (or GATEKEEPER_TOKEN), and needs `pull-requests: write`.

With --check-run there is also a check run of that name on the judged commit, made by your own GitHub App with the
token in GATEKEEPER_APP_TOKEN; never with GITHUB_TOKEN.

The verdict is not changed by posting: exits with 0 also when something could not be posted, and says why;
with --strict that is 3. A wrong option is 2.
"""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("--report", required=True, metavar="FILE", help="what `gatekeeper run --format json` wrote")
    parser.add_argument(
        "--comment",
        choices=("always", "on-failure", "off"),
        default="always",
        help="when to begin a comment (default: always); one that is there is kept up to date",
    )
    parser.add_argument(
        "--id", default="default", metavar="NAME", help="tells several comments on one pull request apart"
    )
    parser.add_argument(
        "--author", default="", metavar="LOGIN", help="who the token writes as, for a GitHub App: NAME[bot]"
    )
    parser.add_argument("--check-run", default="", metavar="NAME", help="make a check run too, as the app of --app")
    parser.add_argument("--app", default="", metavar="SLUG", help="the GitHub App, as in github.com/apps/SLUG")
    parser.add_argument("--dry-run", action="store_true", help="only show the comment, and what would be done")
    parser.add_argument("--strict", action="store_true", help="exit with 3 when something could not be posted")


def run(options: argparse.Namespace) -> int:
    """Post, say what was done, and tell the exit code; the check run is made whatever became of the comment."""
    from gatekeeper.publish_wiring import PublishOptions, publish, publish_check  # noqa: PLC0415 - not for --help

    wish = PublishOptions(
        options.report, options.comment, options.id, options.author, options.dry_run, options.check_run, options.app
    )
    posts = (publish, publish_check) if wish.check_run else (publish,)
    return max(_posted(options, partial(post, wish, os.environ)) for post in posts)


def _posted(options: argparse.Namespace, post: Callable[[], Published]) -> int:
    """Post one thing, say what was done, and tell the exit code for that."""
    from gatekeeper.formats.text_style import fits_encoding  # noqa: PLC0415 - not for --help

    try:
        published = post()
    except UsageError:
        raise
    except GatekeeperError as error:
        return _not_published(options, error.message, error.hint)
    except Exception:  # noqa: BLE001 - no fault of ours in posting may turn a verdict that was passed
        lines = traceback.format_exc().splitlines()
        return _not_published(options, "this is a fault of Gatekeeper; please report these lines", *lines)
    sys.stdout.write(fits_encoding(published.body, getattr(sys.stdout, "encoding", None)))
    sys.stderr.write(_line(f"gatekeeper: {published.said}"))
    return Exit.PASSED


def _not_published(options: argparse.Namespace, why: str, *more: str) -> int:
    """Say why nothing was posted, and tell the exit code for that."""
    sys.stderr.write(_line(f"gatekeeper: not published: {why}"))
    sys.stderr.write("".join(_line(f"  {line}") for line in more if line))
    return Exit.COULD_NOT_CHECK if options.strict else Exit.PASSED


def _line(text: str) -> str:
    """One line, in signs that every log shows and no log takes for a command."""
    from gatekeeper.formats.workflow_log import defused  # noqa: PLC0415 - not for --help

    plain = "".join(sign if sign.isprintable() else "?" for sign in text).encode("ascii", "backslashreplace").decode()
    return f"{defused(plain)}\n"
