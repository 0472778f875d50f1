"""A small run of `bench/carried.py`: over a history, a run that leaves tests out gives the verdicts of a full one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.selectable import FILES, HISTORY
from tests.repository import GitRepository

PROGRAM = Path(__file__).resolve().parents[2] / "bench" / "carried.py"


@pytest.mark.long
def test_the_verdicts_are_equal_at_every_commit(repository: GitRepository) -> None:
    for files in (FILES, *HISTORY):
        repository.commit(dict(files))
    done = subprocess.run(
        [
            sys.executable, str(PROGRAM), str(repository.path), "--python", sys.executable, "--commits", "5",
            "--gate", "tests", "--gate", "coverage",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"(\d+) commits, (\d+) with another verdict, (\d+) flaky; .* all at (\d+)", done.stdout)
    assert told is not None, done.stdout
    commits, different, flaky, whole = map(int, told.groups())
    assert (commits, different, flaky) == (5, 0, 0)
    assert whole <= 4, done.stdout
