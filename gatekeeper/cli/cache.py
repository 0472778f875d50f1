"""The command `gatekeeper cache`: shows, bounds, empties and moves what is remembered of earlier runs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.report import Exit

if TYPE_CHECKING:  # the database is slow to import, and --help needs none
    from gatekeeper.edges.memory_archive import Moved
    from gatekeeper.edges.outcomes import Outcomes, Size

_DESCRIPTION = """\
Looks after what is remembered of earlier runs of this repository, so that the same is not looked at twice. It is shared
by all working trees of the repository. Nothing in it is a verdict, and nothing is lost with it but time."""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    actions = parser.add_subparsers(title="what to do", dest="action", metavar="ACTION", required=True)
    helps = {
        "size": "tell how much is remembered, and where, and which servers wait",
        "prune": "forget what was longest of no use, until it is small enough",
        "clear": "forget everything",
        "export": "write everything into FILE, for another machine",
        "import": "take over what an export wrote into FILE",
        "fetch": "in a job of GitHub Actions, download into FILE what the default branch exported",
        "stop": "end the servers that wait in the background for the next run",
    }
    for name, text in helps.items():
        action = actions.add_parser(name, help=text)
        if name == "prune":
            action.add_argument(
                "--megabytes", type=_megabytes, metavar="N", help="how small (default: the setting `cache`)"
            )
        if name in ("export", "import", "fetch"):
            action.add_argument("file", metavar="FILE", help="a tar file, packed with gzip")
        if name == "fetch":
            action.add_argument(
                "--id", default="default", metavar="NAME", help="which memory, where a run leaves several"
            )
        if name == "export":
            action.add_argument(
                "--megabytes",
                type=_megabytes,
                metavar="N",
                help="write no more than about so much, the last used first",
            )
        action.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Do the action and tell the exit code. Raises GatekeeperError where a file cannot be written or read."""
    if options.action == "fetch":
        from gatekeeper.edges.forge_memory import fetch_memory  # noqa: PLC0415 - for one action

        sys.stdout.write(fetch_memory(os.environ, Path(options.folder, options.file), options.id) + "\n")
        return int(Exit.PASSED)
    from gatekeeper.edges.config_worktree import read_worktree_policy  # noqa: PLC0415 - slow, and --help needs none
    from gatekeeper.edges.git import find_repository  # noqa: PLC0415
    from gatekeeper.edges.outcomes import MEGABYTES, Outcomes  # noqa: PLC0415
    from gatekeeper.edges.places import repository_folder  # noqa: PLC0415

    repository = find_repository(options.folder)
    setting = read_worktree_policy(repository, os.environ).projects[0].value("cache")
    limit = setting.get("megabytes", MEGABYTES) << 20
    folder = repository_folder(repository.common_dir)
    sys.stdout.write(_done(options, Outcomes(folder, limit), folder, limit) + "\n")
    return int(Exit.PASSED)


def _done(options: argparse.Namespace, store: Outcomes, folder: Path, limit: int) -> str:
    """Do the action and say what came of it."""
    if options.action == "stop":
        from gatekeeper.edges.warm import stop_servers  # noqa: PLC0415 - for two actions

        return f"ended {_count(stop_servers(), 'server', 'servers')}"
    if options.action in ("export", "import"):
        return _moved(options, store, folder)
    if options.action == "prune":
        return f"forgot {_words(store.prune(limit if options.megabytes is None else options.megabytes << 20))}"
    size = store.size()
    if options.action == "size":
        return f"{_words(size)} of at most {limit >> 20} MB, in {folder}{_warm()}"
    try:
        store.clear()
    except OSError as error:
        raise GatekeeperError(f"{folder} cannot be emptied: {error.strerror}", f"remove {folder} by hand") from error
    return f"forgot {_words(size)}"


def _moved(options: argparse.Namespace, store: Outcomes, folder: Path) -> str:
    from gatekeeper.edges.memory_archive import Memory, export_memory, import_memory  # noqa: PLC0415 - for two actions

    memory, file = Memory(folder, store), Path(options.folder, options.file)
    if options.action == "export":
        most = None if options.megabytes is None else options.megabytes << 20
        return f"wrote {_parts(export_memory(memory, file, most))} into {file}"
    return f"took over {_parts(import_memory(memory, file))} from {file}"


def _parts(moved: Moved) -> str:
    """What went over, in words; tests and times only where there are some."""
    more = [_count(moved.maps, "map of tests", "maps of tests")] if moved.maps else []
    more += [f"the times of {_count(moved.times, 'job', 'jobs')}"] if moved.times else []
    return " and ".join(filter(None, (", ".join([_count(moved.outcomes), *more[:-1]]), *more[-1:])))


def _warm() -> str:
    """A further line for each warm server of this user, if there is any."""
    from gatekeeper.edges.warm import servers  # noqa: PLC0415 - for two actions

    return "".join(f"\na warm pylint waits: process {warm.process}, {_bytes(warm.bytes)}" for warm in servers())


def _words(size: Size) -> str:
    return f"{_count(size.entries)}, {_bytes(size.bytes)}"


def _bytes(number: int) -> str:
    """A size in the unit that suits it; little is never told as nothing."""
    return f"{-(-number // 1024)} KB" if number < 1 << 20 else f"{number / (1 << 20):.1f} MB"


def _count(number: int, one: str = "entry", more: str = "entries") -> str:
    return f"{number} {one if number == 1 else more}"


def _megabytes(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"a whole number of megabytes is wanted, not {text!r}")
    return int(text)
