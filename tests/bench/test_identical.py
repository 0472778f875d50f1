"""A small walk of `bench/identical.py`: over every state of a history, what is remembered is what a fresh look says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import GitRepository

PROGRAM = Path(__file__).parents[2] / "bench" / "identical.py"
HISTORY = [
    {"src/app/__init__.py": "", "src/app/deep.py": "def load(text):\n    return text\n"},
    {"src/app/user.py": "from app.deep import load\n\n\ndef go():\n    return load(1, 2)\n"},
    {"README.md": "text\n", "setup.py": "import setuptools\n"},
    {"src/app/deep.py": "def load(text, more):\n    return text, more\n"},
    {"src/app/aside.py": "import missing\nfrom . import later\n\nprint(missing, later)\n"},
    {"src/app/later.py": ""},
    {"src/missing.py": "", "src/app/deep.py": "from app.later import *\n"},
    {"src/app/later.py": "def load():\n    return None\n"},
    {"pyproject.toml": "[tool.pylint.main]\ndisable = ['import-error']\n", "src/app/x.py": "x = 1\n"},
]


@pytest.mark.long
def test_it_is_the_same_at_every_commit(repository: GitRepository, tmp_path: Path) -> None:
    for files in HISTORY:
        repository.commit(dict(files))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(repository.path), "--states", "24", "--scratch", str(tmp_path / "scratch")],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    states, reused, different = map(int, re.findall(r"(\d+) (?:states|of them|different)", last))
    assert states >= 24
    assert reused > 0
    assert different == 0
