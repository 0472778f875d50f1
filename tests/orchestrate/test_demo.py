"""`gatekeeper demo --orchestrate` mends and ends approved, and docs/walkthrough.md shows what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.orchestrate.shop import PATIENCE

PAGE = Path(__file__).parents[2] / "docs" / "walkthrough.md"
_OF_THE_RUN = (
    (r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN"),
    (r"\b[0-9a-f]{12}\b", "COMMIT"),
    (r"\b(?:\d+ h(?: \d+ min)?|\d+ min(?: \d+ s)?|[\d.]+ m?s)\b", "TIME"),
    (r"judged \d+ times", "judged TIMES"),
    (r"judged once", "judged TIMES"),
)


def normal(text: str) -> str:
    """The text without what differs from run to run, with single blanks."""
    for pattern, word in _OF_THE_RUN:
        text = re.sub(pattern, word, text)
    return " ".join(text.split())


@pytest.mark.long
def test_the_demo_does_what_the_walkthrough_shows(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "demo", "--orchestrate", "--keep", str(folder)],
        cwd=tmp_path, env={**os.environ, "COLUMNS": "100"}, capture_output=True, text=True, timeout=3 * PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    printed = normal(done.stdout)
    shown = re.findall(r"<!-- printed -->\n```\w+\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    pieces = [normal(piece) for block in shown for piece in block.split("…\n")]
    assert len(pieces) > 10
    for piece in pieces:
        lines = [normal(line) for line in piece.splitlines()]
        assert piece in printed, f"{PAGE.name}: not printed: {lines}"
    git = ["git", "-C", str(folder)]
    assert subprocess.run([*git, "status", "--porcelain"], capture_output=True, check=True).stdout == b""
    worktrees = subprocess.run([*git, "worktree", "list"], capture_output=True, check=True).stdout
    assert len(worktrees.splitlines()) == 1
