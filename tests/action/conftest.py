"""A runner with a checked-out pull request, and a forge that it can post to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action import events
from tests.action.runner import Runner
from tests.contract.fake_forge import TOKEN, FakeForge, serving
from tests.repository import GitRepository

CONFIG = """\
gates:
  review: off
  coverage: off
  tests: off
  docs: off
  look: {run: "sh look.sh"}
"""


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    """A forge with one open pull request, number 2."""
    with serving(FakeForge()) as fake:
        yield fake
    assert fake.violations == []


def installed(temp: Path) -> None:
    """What the step "Install" makes: a Python that has Gatekeeper and all that it needs."""
    python = temp / "gatekeeper" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


class PullRequest:
    """A pull request number 2 with one commit, merged by GitHub into `merge`, and checked out to a depth."""

    def __init__(self, origin: GitRepository, folder: Path, forge: FakeForge, change: dict[str, str | bytes]) -> None:
        self.folder, self.forge, self.origin = folder, forge, origin
        origin.git("switch", "--quiet", "--create", "changes")
        self.head = origin.commit(change, "A change")
        origin.git("switch", "--quiet", "main")
        self.base = origin.commit({"main.txt": "main goes on\n"}, "Main goes on")
        origin.git("switch", "--quiet", "--detach")
        origin.git("merge", "--quiet", "--no-ff", "--message", "Merge", "changes")
        self.merge = origin.git("rev-parse", "HEAD")
        origin.git("switch", "--quiet", "main")
        origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
        forge.pulls[0]["head"]["sha"] = self.head

    def checkout(self, commit: str, depth: int = 2) -> Path:
        """Check a commit out as actions/checkout does."""
        clone = GitRepository.create(self.folder / "workspace")
        clone.git("remote", "add", "origin", f"file://{self.origin.path}")
        branches = ["+refs/heads/*:refs/remotes/origin/*"] if not depth else []
        limit = [f"--depth={depth}"] if depth else []
        clone.git("fetch", "--quiet", "--no-tags", *limit, "origin", *branches, commit)
        clone.git("checkout", "--quiet", "--detach", commit)
        return clone.path

    def runner(self, depth: int = 2, **variables: str) -> Runner:
        """The machine that the event `pull_request` starts."""
        temp = self.folder / "temp"
        installed(temp)
        variables = {"GITHUB_API_URL": self.forge.address, "GITHUB_SHA": self.merge, **variables}
        event = events.pull_request(self.head, self.base)
        return Runner(self.checkout(self.merge, depth), temp, "pull_request", event, variables, TOKEN)


@pytest.fixture
def pull_request(repository: GitRepository, tmp_path: Path, forge: FakeForge):
    """Makes a pull request of a change to a repository with one gate, which is the script look.sh."""

    def make(change: dict[str, str | bytes], **base: str) -> PullRequest:
        repository.commit({".gatekeeper.yml": CONFIG, "look.sh": "exit 0\n", "a.txt": "1\n", **base})
        return PullRequest(repository, tmp_path, forge, change)

    return make


@pytest.fixture(scope="session")
def network() -> None:
    """Skips where the package index is not to be asked."""
    if not os.environ.get("GATEKEEPER_TEST_NETWORK"):
        pytest.skip("set GATEKEEPER_TEST_NETWORK=1 to install from the package index")
