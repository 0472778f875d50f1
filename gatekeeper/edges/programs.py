"""Finds the programs that come with Gatekeeper's own dependencies."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from gatekeeper.model.errors import GatekeeperError


def find_ruff() -> str:
    """The ruff program beside the interpreter that runs Gatekeeper, or else the one on the PATH."""
    folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    for folder in folders:
        if (folder / "ruff").is_file():
            return str(folder / "ruff")
    found = shutil.which("ruff")
    if found is None:
        raise GatekeeperError(
            "the ruff program is missing, although Gatekeeper depends on it",
            f"{sys.executable} -m pip install --force-reinstall ruff",
        )
    return found
