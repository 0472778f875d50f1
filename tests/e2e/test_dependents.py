"""Unchanged files that import what a change touches, through the real command line: what breaks in them is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.repository import GitRepository

TOOL = '''\
"""A tool."""

SIZE = 3


def load(text: str, strict: bool = False) -> str:
    """The text, or nothing."""
    return "" if strict else text


def save(text: str) -> int:
    """How much was saved."""
    return len(text)
'''
FILES = {
    "app/__init__.py": '"""An application."""\n',
    "app/tool.py": TOOL,
    "app/user.py": '"""Uses the tool."""\n\nfrom .tool import load\n\nprint(load("a", True))\nprint(load("a", 1, 2))\n',
    "app/saver.py": '"""Saves."""\n\nfrom app import tool\n\nprint(tool.save("a"))\n',
    "app/sized.py": '"""Tells a size."""\n\nimport app.tool\n\nprint(app.tool.SIZE)\n',
    "app/far.py": '"""Loads another way."""\n\nimport json\n\nprint(json.load)\n',
}
CONFIG = "gates: {tests: false, coverage: false, docs: false, review: {dependents: %s}}\n"
NARROWER = TOOL.replace("text: str, strict: bool = False", "text: str").replace('"" if strict else text', "text")


def judge(
    folder: Path, changes: dict[str, str | bytes | None], wanted: str = "always", ci: str = "", *target: str
) -> dict[str, Any]:
    """The verdict of the review, of the last commit of a repository."""
    repository = GitRepository.create(folder)
    repository.commit({**FILES, ".gatekeeper.yml": CONFIG % wanted})
    removed = [name for name, text in changes.items() if text is None]
    if removed:
        repository.git("rm", "--quiet", "--", *removed)
    repository.commit({"notes.txt": "", **{name: text for name, text in changes.items() if text is not None}})
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": ci} if ci else {})
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "run", *(target or ("--base", "HEAD~1")), "--format", "json"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    (verdict,) = report["verdicts"]
    return {**verdict, "jobs": [job["id"] for job in report["plan"]["jobs"]]}


def said(verdict: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(found["path"], found["rule"], found["line"]) for found in verdict["findings"]]


def test_a_call_that_breaks_in_an_unchanged_file_blocks(tmp_path: Path) -> None:
    verdict = judge(tmp_path / "r", {"app/tool.py": NARROWER})
    assert said(verdict) == [("app/user.py", "too-many-function-args", 5)]  # the other line was wrong before
    assert verdict["status"] == "failed"
    assert "pylint looked for errors in 1 unchanged file that imports what changed: app/user.py" in verdict["notes"]


def test_a_change_that_breaks_nobody_passes(tmp_path: Path) -> None:
    verdict = judge(tmp_path / "r", {"app/tool.py": TOOL.replace("return len(text)", "return len(text) + 1")})
    assert (verdict["status"], said(verdict)) == ("passed", [])
    assert "pylint looked for errors in 1 unchanged file that imports what changed: app/saver.py" in verdict["notes"]


def test_a_name_and_a_module_that_are_gone_are_missed(tmp_path: Path) -> None:
    verdict = judge(tmp_path / "name", {"app/tool.py": TOOL.replace("SIZE = 3\n", "SIZES = 3\n")})
    assert ("app/sized.py", "no-member", 5) in said(verdict)
    gone = judge(tmp_path / "module", {"app/tool.py": None})
    assert {path for path, _, _ in said(gone)} == {"app/user.py", "app/saver.py", "app/sized.py"}
    assert gone["status"] == "failed"


@pytest.mark.parametrize(
    ("wanted", "ci", "looked"), [("ci", "true", True), ("ci", "", False), ("never", "true", False)]
)
def test_it_is_done_where_it_is_wanted(tmp_path: Path, wanted: str, ci: str, looked: bool) -> None:
    verdict = judge(tmp_path / "r", {"app/tool.py": NARROWER}, wanted, ci)
    assert ("review.dependents" in verdict["jobs"]) is looked
    assert bool(said(verdict)) is looked
