"""Finds the programs that come with Gatekeeper's own dependencies."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.model.errors import GatekeeperError


def find_ruff() -> str:
    """The ruff program beside the interpreter that runs Gatekeeper, or else the one on the PATH."""
    for folder in _folders():
        if (folder / "ruff").is_file():
            return str(folder / "ruff")
    found = shutil.which("ruff")
    if found is None:
        raise GatekeeperError(
            "the ruff program is missing, although Gatekeeper depends on it",
            f"{sys.executable} -m pip install --force-reinstall ruff",
        )
    return found


def _folders() -> Iterator[Path]:
    yield Path(sys.executable).parent
    import sysconfig  # noqa: PLC0415 - it takes 2 ms to answer, and ruff hardly ever lies anywhere else

    yield Path(sysconfig.get_path("scripts"))
