"""`gatekeeper demo`: makes a small real repository with a planted defect, judges it, mends it and judges again."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gatekeeper.cli.run import for_people
from gatekeeper.edges.git_program import execute
from gatekeeper.edges.targets import Wish
from gatekeeper.model.errors import UsageError
from gatekeeper.model.report import Exit
from gatekeeper.wiring import RunOptions, judge

_DESCRIPTION = """\
Makes a small Git repository with a Python module, its test and its README, stages a change that has a defect for each
gate, and judges it: blocked. Then it stages the mended change and judges that: passed. Nothing of yours is touched.
"""

_README = "# prices\n\nAdds up prices: `from prices import total`.\n"

_MODULE = '''\
"""Adds up prices."""


def total(prices: list[float]) -> float:
    """The sum of some prices."""
    return sum(prices)
'''

_TEST = '''\
"""Tests of prices."""

from prices import total


def test_total() -> None:
    """Two prices make a sum."""
    assert total([2.0, 3.0]) == 5.0
'''

_DEFECT = """

def discounted(price: float, percent: float) -> float:
    if percent > 100:
        raise ValueError(f"{percnt} is more than the whole price")
    return price * percent / 100
"""

_DEFECT_TEST = '''

def test_discounted() -> None:
    """A quarter off leaves three quarters."""
    assert discounted(200.0, 25.0) == 150.0
'''

_MENDED = '''

def discounted(price: float, percent: float) -> float:
    """What is left of a price after a discount; raises ValueError above 100 percent."""
    if percent > 100:
        raise ValueError(f"{percent} is more than the whole price")
    return price * (100 - percent) / 100
'''

_MENDED_TEST = (
    _DEFECT_TEST
    + '''

def test_discount_above_the_price() -> None:
    """Nobody is paid for taking something."""
    with pytest.raises(ValueError, match="more than the whole"):
        discounted(200.0, 101.0)
'''
)


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("--orchestrate", action="store_true", help="show how agents carry a plan out")
    parser.add_argument(
        "--keep", metavar="DIR", help="make the repository in DIR, which must be new, and leave it there"
    )
    parser.add_argument(
        "--colour", "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )
    parser.set_defaults(format=None, quiet=False, verbose=False)


def run(options: argparse.Namespace) -> int:
    """Play both acts; 0 when the defect was blocked and the mended change passed."""
    with _folder(options.keep) as folder:
        if options.orchestrate:
            return _orchestrated(folder, options)
        _begin(folder)
        _tell(f"A small repository lies in {folder}, and a change with a defect for each gate is staged.")
        _tell("`gatekeeper run` says:\n")
        _stage(folder, _MODULE + _DEFECT, _TEST.replace("import total", "import discounted, total") + _DEFECT_TEST)
        first = judge(RunOptions(str(folder), Wish(staged=True)), (for_people(options, sys.stdout),))
        _tell("\nNow the same change, mended and staged again. `gatekeeper run` says:\n")
        imports = "import pytest\n\nfrom prices import discounted, total"
        _stage(folder, _MODULE + _MENDED, _TEST.replace("from prices import total", imports) + _MENDED_TEST)
        second = judge(RunOptions(str(folder), Wish(staged=True)), (for_people(options, sys.stdout),))
        if options.keep:
            _tell(f"\nThe repository stays in {folder}: try `gatekeeper run --verbose` there.")
    if (first.exit, second.exit) == (Exit.BLOCKED, Exit.PASSED):
        return Exit.PASSED
    _tell("\nThe demo should have been blocked first and passed then, and was not.")
    return Exit.COULD_NOT_CHECK


def _orchestrated(folder: Path, options: argparse.Namespace) -> int:
    from gatekeeper.cli.demo_orchestrate import play  # noqa: PLC0415 - slow to import, and only for --orchestrate

    _git(folder, "init", "--quiet", "--initial-branch=main")
    return play(folder, partial(_git, folder), options)


@contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="gatekeeper-demo-") as temporary:
            yield Path(temporary)
        return
    folder = Path(keep).absolute()
    if folder.exists():
        raise UsageError(f"{keep} exists already", "name a new folder with --keep")
    folder.mkdir(parents=True)
    yield folder


def _begin(folder: Path) -> None:
    _git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "tests").mkdir()
    (folder / "README.md").write_text(_README)
    _stage(folder, _MODULE, _TEST)
    _git(folder, "commit", "--quiet", "--no-verify", "--message", "Add up prices")


def _stage(folder: Path, module: str, test: str) -> None:
    (folder / "prices.py").write_text(module)
    (folder / "tests" / "test_prices.py").write_text(test)
    _git(folder, "add", "--all")


def _git(folder: Path, *arguments: str) -> str:
    settings = ("user.name=Gatekeeper demo", "user.email=demo@example.invalid", "commit.gpgSign=false")
    options = [word for setting in settings for word in ("-c", setting)]
    status, output, error = execute(["-C", str(folder), *options, *arguments], str(folder))
    if status:
        raise UsageError(
            f"git {arguments[0]} failed: {error.strip()}", "the demo needs a working Git of version 2.31 or later"
        )
    return output.decode("utf-8", "replace")


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
