"""The replay gives each commit the settings, finds where the state before it is known from, and does the arithmetic."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.repository import GitRepository

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("replay")


@pytest.fixture
def ways(replay: ModuleType) -> ModuleType:
    return import_module("replay_ways")


def history(repository: GitRepository) -> tuple[Any, list[str]]:
    """Three commits of sources, one of a document, and one more of sources."""
    texts = ("a = 1\n", "a = 2\n", "a = 3\n", None, "a = 4\n")
    files = [{"notes.md": "Words.\n"} if text is None else {"app.py": text} for text in texts]
    shas = [repository.commit(dict(each.items())) for each in files]
    scratch = repository.path.parent / "scratch"
    scratch.mkdir()
    return import_module("project").Project("app", repository.path, Path(sys.executable), scratch), shas


def test_the_state_before_is_that_of_the_last_commits_of_sources_and_of_the_parent(
    ways: ModuleType, repository: GitRepository
) -> None:
    project, shas = history(repository)
    place = ways.place_of(project, shas[4], Path("/programs"), 2)
    git = repository.git
    assert git("show", f"{place.work.commit.sha}:app.py") == "a = 4"
    assert git("diff", "--name-only", place.work.commit.parent, place.work.commit.sha) == "app.py"
    first, last, parent = place.before
    assert (git("show", f"{first.sha}:app.py"), git("show", f"{last.parent}:app.py")) == ("a = 2", "a = 2")
    assert (parent.sha, parent.parent) == (place.work.commit.parent, last.sha)
    assert git("diff", "--name-only", parent.parent, parent.sha) == "notes.md"
    assert git("diff", "--name-only", last.parent, last.sha) == "app.py"
    for commit in (place.work.commit.sha, place.work.commit.parent, first.parent, first.sha, last.sha, last.parent):
        assert git("show", f"{commit}:.gatekeeper.yml") == ways.SETTINGS.strip()
    assert git("rev-parse", "HEAD") == shas[4], "the repository itself stays where it is"


def test_a_text_file_more_is_one_commit_later(ways: ModuleType, repository: GitRepository) -> None:
    project, shas = history(repository)
    place = ways.place_of(project, shas[4], Path("/programs"), 2)
    later = ways.with_text(place).work.commit
    assert later.parent == place.work.commit.sha
    assert repository.git("diff", "--name-only", later.parent, later.sha) == "notes.txt"
    assert ways.with_edit(place) is None, "there is no README"
    repository.commit({"README.rst": "Words.\n"})
    place = ways.place_of(project, repository.commit({"app.py": "a = 5\n"}), Path("/programs"), 2)
    edited = ways.with_edit(place).work.commit
    assert edited.parent == place.work.commit.sha
    assert repository.git("diff", "--name-only", edited.parent, edited.sha) == "README.rst"
    assert repository.git("show", f"{edited.sha}:README.rst") == "Words.\n\nA note."


def test_ratios_are_to_the_work_by_hand(replay: ModuleType) -> None:
    def done(wall: float, jobs: float = 0.0) -> Any:
        report = {"plan": {"jobs": [{"id": "tests.pytest", "seconds": 1.0, "cpu_seconds": jobs}]}}
        cost = import_module("clock").Cost(wall, wall, 0, 30.0, "")
        return import_module("contenders").Done(cost, report=report)

    one = replay.Replayed(
        "app", "0" * 40, {"serial": done(20), "warm": done(4, 0.5)}, {"again": done(1.0, 0.75), "text": done(0.5, 0.75)}
    )
    assert (one.seconds("warm", "wall"), one.ratio("warm", "wall")) == (4, 0.2)
    assert [replay.own_seconds(each) for each in one.little.values()] == [0.25, 0.0]
    text = replay._document([one], "quiet")
    assert "| app `0000000000` | 20.00     | 4.00   | 0.20           |" in text
