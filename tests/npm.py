"""Installs what npm has for a test that needs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

OFFLINE = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b")
# one for all workers, wherever the tests pretend that the home folder is
CACHE = Path(tempfile.gettempdir()) / f"gatekeeper-npm-{os.getuid()}"


def installed(folder: Path) -> Path:
    """The packages that the `package.json` of a folder names.

    Where they cannot be had the test is skipped, unless GATEKEEPER_TEST_NETWORK promises that they can.
    """
    if not shutil.which("npm"):
        _give_up("npm is not installed")
    done = subprocess.run(
        ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
        cwd=folder, env={**os.environ, "npm_config_cache": str(CACHE)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if OFFLINE.search(done.stderr):
        _give_up("the npm registry cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder / "node_modules"


def _give_up(why: str) -> None:
    if os.environ.get("GATEKEEPER_TEST_NETWORK"):
        pytest.fail(f"{why}, though GATEKEEPER_TEST_NETWORK is set")
    pytest.skip(why)
