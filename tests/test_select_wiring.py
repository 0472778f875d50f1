"""The map that tests are selected by is that of the tree that differs least from the head."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import select_wiring
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.outcomes import Outcomes
from gatekeeper.edges.test_map import keep_map
from gatekeeper.formats.test_map_text import write_test_map
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change
from gatekeeper.model.selection import TestMap, Touched
from gatekeeper.recall_wiring import Recalling
from gatekeeper.select_wiring import Selecting
from tests.gates.project_runs import request_for
from tests.repository import GitRepository

STEPS: tuple[dict[str, str | bytes], ...] = (
    {"a.py": "1", "b.py": "1", "c.py": "1"}, {"a.py": "2"}, {"b.py": "2"}, {"a.py": "3"}, {"c.py": "2"},
)  # fmt: skip


@pytest.fixture
def trees(repository: GitRepository) -> list[str]:
    """Trees of which each differs from the last in another number of files."""
    found = []
    for files in STEPS:
        repository.stage(files)
        found.append(repository.git("write-tree"))
    return found


def nearest(
    repository: GitRepository, folder: Path, kept: list[str], head: str, damaged: str = "", change: Change | None = None
) -> tuple[str, int]:
    """The tree of the map that is found for a head, and how many files differ."""
    request = request_for(folder, ())
    request = replace(request, target=replace(request.target, head_tree=head))
    for tree in kept:
        text = write_test_map(TestMap(tree, {}, {}, Touched(), {}, {}, frozenset(), {}))
        keep_map(folder, select_wiring.owner_of(request), tree, "{}" if tree == damaged else text)
    change = change or Change(head, head)
    found = Selecting(repository.edge, change, folder, Recalling(repository.edge, Outcomes(folder)))._nearest(request)
    assert found is not None
    return found[0].tree, len(found[1])


def test_the_nearest_is_taken(repository: GitRepository, tmp_path: Path, trees: list[str]) -> None:
    assert nearest(repository, tmp_path, trees[:4], trees[4]) == (trees[3], 1)
    assert nearest(repository, tmp_path, [], trees[1]) == (trees[1], 0)
    assert nearest(repository, tmp_path, ["1" * 40], trees[4]) == (trees[3], 1)


def test_a_head_that_is_known_is_the_nearest_and_git_is_not_asked(
    repository: GitRepository, tmp_path: Path, trees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select_wiring, "differing", None)
    assert nearest(repository, tmp_path, trees[1:], trees[1]) == (trees[1], 0)


def test_where_the_change_begins_at_the_nearest_it_is_not_read_again(
    repository: GitRepository, tmp_path: Path, trees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "own").mkdir()
    change = read_change(repository.edge, Target(TargetKind.RANGE, trees[3], trees[4], ""))
    other = read_change(repository.edge, Target(TargetKind.RANGE, trees[2], trees[4], ""))
    assert nearest(repository, tmp_path / "other", trees[:4], trees[4], change=other) == (trees[3], 1)
    monkeypatch.setattr(select_wiring, "read_change", None)
    assert nearest(repository, tmp_path / "own", trees[:4], trees[4], change=change) == (trees[3], len(change.files))


def test_where_the_map_of_the_head_cannot_be_read_the_next_one_is_taken(
    repository: GitRepository, tmp_path: Path, trees: list[str]
) -> None:
    assert nearest(repository, tmp_path, trees[1:], trees[2], damaged=trees[2]) == (trees[3], 1)
