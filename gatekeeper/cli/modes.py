"""The command `gatekeeper modes`: lists the modes with their state for a change, and why."""

from __future__ import annotations

import argparse
import os
import sys

from gatekeeper.cli import target_options
from gatekeeper.model.mode import EVERY_MODE, ORCHESTRATION, ModeWish
from gatekeeper.model.report import Exit

_DESCRIPTION = """\
Lists the modes that there are (the built-in ones and those in .gatekeeper/modes), each with its state for a change:
active, evicted by another one, available, off, or why it cannot be active. Without a target the change is the one that
`gatekeeper run` would judge. Exits with 2 where a run could not be made with these modes."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    target_options.add_target_options(parser, "for which change (one of)")
    add_mode_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def add_mode_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say which modes shall hold; `wish_of` reads them."""
    which = parser.add_argument_group("which modes hold")
    which.add_argument("--orchestrate", action="store_true", help=f"the same as --mode {ORCHESTRATION}")
    which.add_argument(
        "--mode", dest="modes", action="append", default=[], metavar="NAME", help="this mode too (may be repeated)"
    )
    which.add_argument(
        "--no-mode", dest="no_modes", action="append", nargs="?", const=EVERY_MODE, default=[], metavar="NAME",
        help="not this mode (may be repeated); without NAME: only those that --mode names",
    )  # fmt: skip


def wish_of(options: argparse.Namespace) -> ModeWish:
    """The wish that the options of `add_mode_options` express."""
    asked = [*options.modes, *([ORCHESTRATION] if options.orchestrate else [])]
    return ModeWish(tuple(dict.fromkeys(asked)), frozenset(options.no_modes))


def run(options: argparse.Namespace) -> int:
    """Do the command and tell its exit code: 2 where a run could not be made with these modes."""
    from gatekeeper.edges.branches import branch_of  # noqa: PLC0415 - Git is slow to import, and --help needs none
    from gatekeeper.edges.changes import read_change  # noqa: PLC0415
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415
    from gatekeeper.edges.modes import governing_library  # noqa: PLC0415
    from gatekeeper.edges.policies import configured_base  # noqa: PLC0415
    from gatekeeper.edges.targets import find_target  # noqa: PLC0415
    from gatekeeper.formats.mode_listing import ModeListing, listing_json, listing_text  # noqa: PLC0415
    from gatekeeper.planning.activation import mode_states, settle  # noqa: PLC0415
    from gatekeeper.planning.classify import classify  # noqa: PLC0415
    from gatekeeper.planning.modes import usual_wish  # noqa: PLC0415
    from gatekeeper.planning.triggers import measure_triggers  # noqa: PLC0415

    repository = find_repository(options.folder)
    target = find_target(repository, target_options.wish_of(options), lambda: configured_base(repository, os.environ))
    change = read_change(repository, target)
    classification = classify(change, branch=branch_of(repository, target, os.environ))
    measurements = measure_triggers(change, classification)
    library = governing_library(repository, target)
    wish = usual_wish(library, wish_of(options))
    settled = settle(library, wish, measurements)
    states = mode_states(library, wish, measurements, settled)
    listing = ModeListing(target.title, classification, states, measurements, (*library.notes, *settled.notes))
    sys.stdout.write(listing_json(listing) if options.json else listing_text(listing))
    return int(Exit.USAGE if settled.obstacles else Exit.PASSED)
