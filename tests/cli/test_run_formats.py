"""`gatekeeper run` writes the forms for other programs, and in GitHub Actions its log is safe by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests.formats.workflow_commands import commands
from tests.repository import GitRepository

OFF = "  review: off\n  coverage: off\n  tests: off\n  docs: off\n"
FAILS = f"""gates:
{OFF}  shout:
    run: sh -c 'echo "##[error]x"; echo " ::error::y"; exit 1'
"""


def start(repository: GitRepository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line and wait for it."""
    return subprocess.run(
        [sys.executable, "-m", "gatekeeper", "run", *arguments],
        cwd=repository.path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def staged(repository: GitRepository) -> GitRepository:
    """A repository whose only gate prints what looks like a command, and fails."""
    repository.commit({".gatekeeper.yml": FAILS, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    return repository


def test_sarif_and_junit(staged: GitRepository) -> None:
    sarif = start(staged, "--format", "sarif")
    assert (sarif.returncode, json.loads(sarif.stdout)["version"]) == (1, "2.1.0")
    junit = start(staged, "--format", "junit")
    assert [suite.get("name") for suite in ElementTree.fromstring(junit.stdout)] == ["shout"]


@pytest.mark.parametrize("arguments", [["--format", "github"], [], ["--format", "json", "--output", "../report.json"]])
def test_the_log_of_an_action(staged: GitRepository, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    run = start(staged, "--verbose", *arguments)
    assert run.returncode == 1
    assert "##[error]" in run.stdout
    found = commands(run.stdout)
    assert [name for name, _, _ in found] == ["error"]
    assert found[0][1]["title"].startswith("shout")


def test_plain_stays_plain(staged: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "stop-commands" not in start(staged, "--format", "plain").stdout
