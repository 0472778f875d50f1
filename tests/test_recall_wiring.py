"""The settings of a base are read once, and never recalled where they may be others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from gatekeeper import recall_wiring
from gatekeeper.edges.git import Repository
from gatekeeper.edges.outcomes import IN_ONE_PLACE, Outcomes
from gatekeeper.recall_wiring import Recalling
from tests.repository import GitRepository

FILES: dict[str, str | bytes] = {
    "pyproject.toml": "[project]\nname = 'one'\n\n[tool.pytest.ini_options]\naddopts = '-q'\n",
    "sub/setup.cfg": "[metadata]\nname = two\n",
    ".coveragerc": "[run]\nbranch = 1\n",
    "app.py": "ONE = 1\n",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The objects for each time that Git is asked for texts."""
    found: list[list[str]] = []
    contents = Repository.contents

    def counted(self: Repository, objects: Iterable[str], *rest: int) -> list[bytes | None]:
        found.append(list(objects))
        return contents(self, found[-1], *rest)

    monkeypatch.setattr(Repository, "contents", counted)
    return found


def tree_of(repository: GitRepository, files: dict[str, str | bytes]) -> str:
    repository.stage(files)
    return repository.git("write-tree")


def settings(repository: GitRepository, folder: Path, tree: str, recall: bool = True) -> str:
    """The settings in a tree, as a run with nothing in its own memory finds them."""
    return Recalling(repository.edge, Outcomes(folder)).settings_in(tree, recall)


def test_settings_are_read_once_whatever_else_changes(
    repository: GitRepository, tmp_path: Path, asked: list[list[str]]
) -> None:
    first = settings(repository, tmp_path, tree_of(repository, FILES))
    (entry,) = Outcomes(tmp_path).everything()
    assert entry.key.startswith(IN_ONE_PLACE)
    other = tree_of(repository, {"app.py": "ONE = 2\n", "more.py": "", "notpyproject.toml": ""})
    assert settings(repository, tmp_path, other) == first
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("path", "text", "is_other"),
    [
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-x'\n", True),
        ("pyproject.toml", "[project]\nname = 'other'\n\n[tool.pytest.ini_options]\naddopts = '-q'\n", False),
        ("sub/setup.cfg", "[tool:pytest]\naddopts = -x\n", True),
        (".coveragerc", "[run]\nbranch = 0\n", True),
        ("sub/pytest.ini", "[pytest]\n", True),
        ("sub/.coveragerc.toml", "", True),
    ],
)
def test_other_files_are_read_anew(
    repository: GitRepository, tmp_path: Path, path: str, text: str, is_other: bool
) -> None:
    first = settings(repository, tmp_path / "store", tree_of(repository, FILES))
    tree = tree_of(repository, {path: text})
    found = settings(repository, tmp_path / "store", tree)
    assert found == settings(repository, tmp_path / "empty", tree, recall=False)
    assert (found != first) == is_other


def test_afresh_nothing_is_recalled(repository: GitRepository, tmp_path: Path, asked: list[list[str]]) -> None:
    tree = tree_of(repository, FILES)
    for recall in (False, False, True):
        settings(repository, tmp_path, tree, recall)
    assert len(asked) == 2


@pytest.mark.parametrize("word", ["__version__", "sys"])
def test_another_version_reads_them_anew(
    repository: GitRepository, tmp_path: Path, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    tree = tree_of(repository, FILES)
    settings(repository, tmp_path, tree)
    if word == "sys":
        monkeypatch.setattr(recall_wiring.sys, "version", "another")
    else:
        monkeypatch.setattr(recall_wiring, word, "another")
    settings(repository, tmp_path, tree)
    assert len(asked) == 2


@pytest.mark.parametrize("text", ["{}", '{"settings": null}', '{"settings": 3}'])
def test_an_entry_that_tells_nothing_is_not_taken(repository: GitRepository, tmp_path: Path, text: str) -> None:
    tree = tree_of(repository, FILES)
    first = settings(repository, tmp_path, tree)
    (entry,) = Outcomes(tmp_path).everything()
    Outcomes(tmp_path).clear()
    Outcomes(tmp_path).remember([(entry.key, text)])
    assert settings(repository, tmp_path, tree) == first
    assert json.loads(Outcomes(tmp_path).recall(entry.key)[0].text) == {"settings": first}


def test_what_git_does_not_give_is_not_kept(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tree_of(repository, FILES)
    monkeypatch.setattr(Repository, "contents", lambda self, objects: [None for _ in objects])
    settings(repository, tmp_path, tree)
    assert not list(Outcomes(tmp_path).everything())
