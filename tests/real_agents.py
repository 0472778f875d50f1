"""Real coding agents for tests: where they are, and how they are pointed at the scripted model."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

_MINI = ("pyyaml", "requests", "jinja2", "pydantic", "typer", "platformdirs", "tenacity", "rich", "prompt-toolkit",
         "python-dotenv")  # fmt: skip
"""What mini-swe-agent needs when it speaks to its model by itself; the rest of its requirements is a hundred times as much."""


def install_mini(factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of mini-swe-agent, installed once for all tests of a run, also for its workers."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "mini-swe-agent"
    with (shared / "mini-swe-agent.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
            pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install", "--quiet"]
            for what in (["--no-deps", "mini-swe-agent==2.4.6"], _MINI):
                # compiled is what it imports, when it does: a small part of all that is installed
                subprocess.run([*pip, *what], check=True, env={**os.environ, "PIP_COMPILE": "0"})
            (folder / "installed").touch()
    return folder / "bin"
