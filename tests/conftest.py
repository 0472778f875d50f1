"""What every test gets: a Git that reads nobody's configuration, and a cache folder of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One worker more for every two processors: a good part of the tests wait, for a time limit, a lock or a network."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None  # somebody says how many
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors + processors // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Where no other distribution is asked for, a worker that has done its part takes over a half of another one's."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, whatever the order of the others is."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def without_our_plugins() -> Iterator[None]:
    """Let the pytest that a test starts load none of the plugins that are installed for the development of Gatekeeper.

    No project of a test has asked for them, and hypothesis alone is as long in being imported as the rest of pytest.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        yield


@pytest.fixture
def installed_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pytest that a test starts load every plugin that is installed, as that of a user does."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home folder for each test, numbered by us: pytest would list all folders of thousands of tests for the next one."""
    return (tmp_path_factory.mktemp("homes") / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """Keep the tests away from the home folder, from Git's settings and from a surrounding hook or environment."""
    home = next(homes)
    home.mkdir()
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


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run remembers of the modes and rules that Gatekeeper ships, read once for all tests."""
    folder = tmp_path_factory.mktemp("shipped")
    read = "from gatekeeper.edges.modes import built_in_library; built_in_library()"
    subprocess.run([sys.executable, "-c", read], check=True, env={**os.environ, "GATEKEEPER_CACHE": str(folder)})
    return folder / "configurations"


@pytest.fixture
def repository(tmp_path: Path, shipped: Path) -> GitRepository:
    """An empty Git repository on the branch main; its runs need not read again what Gatekeeper ships."""
    shutil.copytree(shipped, Path(os.environ["GATEKEEPER_CACHE"]) / shipped.name)
    return GitRepository.create(tmp_path / "repository")
