"""Where pytest looks for tests is told by its patterns, unless files were named to it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gatekeeper.inside import record_places
from gatekeeper.inside.record_places import patterns


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tests"], ["test_*.py"]),
        (["/home/me/app.pyproject/tests"], ["test_*.py"]),
        (["checks.py"], []),
        (["tests", "checks.py::test_a"], []),
        (["checks.py::test_a[a/b]"], []),
    ],
)
def test_patterns(words: list[str], told: list[str]) -> None:
    config = SimpleNamespace(args=words, getini={"python_files": ["test_*.py"]}.__getitem__)
    assert patterns(config) == told


def test_a_folder_is_not_around_ours_because_its_name_begins_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, alike, around = tmp_path / "ours" / "inside", tmp_path / "ou", tmp_path / "ours"
    for folder in (ours, alike):
        folder.mkdir(parents=True)
    monkeypatch.setattr(record_places, "HERE", f"{ours}/")
    monkeypatch.setattr(sys, "path", [str(alike), str(around)])
    monkeypatch.setattr(sys, "meta_path", [])
    assert record_places.leading(str(tmp_path / "tree")) == [str(alike)]
