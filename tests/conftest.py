"""What every test gets: a Git that reads nobody's configuration, and a cache folder of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gatekeeper.model.selection import TestMap
from tests.inside.learning import learn, written
from tests.repository import GitRepository

# How long an example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A shell starts what it puts in the background with SIGINT ignored, and nohup with SIGHUP; a child inherits what is
# ignored, but no handler. So the programs that tests interrupt can be, and pytest itself goes on as it would have.
for _number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests away from the home folder, from Git's settings and from a surrounding hook or environment."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GATEKEEPER_SKIP",
        "VIRTUAL_ENV", "CONDA_PREFIX", "GITHUB_ACTIONS", "CI", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GATEKEEPER_CACHE", str(home / "cache"))
    monkeypatch.setenv("GATEKEEPER_WARM", "off")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "tester@example.invalid")


@pytest.fixture(scope="module")
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project that a module of tests has in its `FILES`."""
    return written(tmp_path_factory.mktemp("project") / "tree", request.module.FILES)


@pytest.fixture(scope="module")
def known(tree: Path) -> TestMap:
    """What a run of the tests of that project tells of them."""
    return learn(tree)[0]


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    """An empty Git repository on the branch main."""
    return GitRepository.create(tmp_path / "repository")
