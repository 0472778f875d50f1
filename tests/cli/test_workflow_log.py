"""What is said on standard error in a job of GitHub Actions, outside of the Action too, is no command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.formats.workflow_commands import commands
from tests.repository import GitRepository


@pytest.mark.parametrize(
    "arguments", [("run", "--all"), ("run", "--from", "##[error]owned"), ("config", "--check"), ("plan", "--all")]
)
def test_what_an_error_quotes_is_no_command(repository: GitRepository, arguments: tuple[str, ...]) -> None:
    repository.commit({".gatekeeper.yml": 'gates: {"##[stop-commands]owned": {run: 3}}\n'})
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", *arguments],
        cwd=repository.path, env={**os.environ, "GITHUB_ACTIONS": "true"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "owned" in done.stderr
    assert commands(done.stderr) == []
