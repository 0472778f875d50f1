"""What an outcome stands on looks the same until something of it changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.edges import bases
from gatekeeper.edges.bases import look_of
from gatekeeper.model.job import Basis


@pytest.fixture
def basis(tmp_path: Path) -> Basis:
    for name in ("bin", "site-packages", "tree/p/__pycache__", "tree/.venv", "near"):
        (tmp_path / name).mkdir(parents=True)
    for name in (
        "bin/python",
        "tree/p/fast.so",
        "tree/p/_version.py",
        "tree/p/a.py",
        "tree/.venv/pyvenv.cfg",
        "near/b.py",
    ):
        (tmp_path / name).write_text("1")
    for place in (tmp_path / "site-packages", tmp_path / "bin" / "python"):
        os.utime(place, (1_000_000_000, 1_000_000_000))
    places = (str(tmp_path / "bin" / "python"), str(tmp_path / "pyvenv.cfg"), str(tmp_path / "site-packages"))
    return Basis("asked", places, (str(tmp_path / "tree"),), (str(tmp_path / "near"),))


CHANGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "nothing": (lambda folder: None, False),
    "another interpreter": (lambda folder: (folder / "bin" / "python").write_text("22"), True),
    "an environment": (lambda folder: (folder / "pyvenv.cfg").write_text("home = /usr"), True),
    "a package": (lambda folder: (folder / "site-packages" / "new").mkdir(), True),
    "a way to more": (lambda folder: (folder / "site-packages" / "x.pth").write_text("/elsewhere"), True),
    "a build": (lambda folder: (folder / "tree" / "p" / "fast.so").write_text("2"), True),
    "a new build": (lambda folder: (folder / "tree" / "p" / "more.pyd").write_text("2"), True),
    "a version": (lambda folder: (folder / "tree" / "p" / "_version.py").write_text("2"), True),
    "a source, of which the tree tells": (lambda folder: (folder / "tree" / "p" / "a.py").write_text("2"), False),
    "code in another folder": (lambda folder: (folder / "near" / "b.py").write_text("2"), True),
    "more code in another folder": (lambda folder: (folder / "near" / "c.py").write_text("1"), True),
    "a hidden file in another folder": (lambda folder: (folder / "near" / ".coverage").write_text("1"), False),
    "bytecode": (lambda folder: (folder / "tree" / "p" / "__pycache__" / "a.pyc").write_text("2"), False),
    "a build of others": (lambda folder: (folder / "tree" / ".venv" / "x.so").write_text("2"), False),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_looks_another_way_after(name: str, basis: Basis, tmp_path: Path) -> None:
    change, differs = CHANGES[name]
    before = look_of(basis)
    change(tmp_path)
    assert (look_of(basis) != before) is differs


def test_nothing_is_read_from_a_pipe(basis: Basis, tmp_path: Path) -> None:
    for name in ("_version.py", "more.so"):
        (tmp_path / "tree" / "p" / name).unlink(missing_ok=True)
        os.mkfifo(tmp_path / "tree" / "p" / name)
    os.mkfifo(tmp_path / "near" / "c.py")
    assert look_of(basis)


def test_another_question_looks_another_way(basis: Basis) -> None:
    assert look_of(replace(basis, question="other")) != look_of(basis)


def test_another_way_to_read_texts_looks_another_way(basis: Basis, monkeypatch: pytest.MonkeyPatch) -> None:
    before = look_of(basis)
    monkeypatch.setenv("PYTHONUTF8", "0")
    assert look_of(basis) != before


def test_of_a_folder_with_too_many_files_nothing_is_told(
    basis: Basis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bases, "_MOST_EDITED", 1)
    assert look_of(basis)
    (tmp_path / "near" / "c.py").write_text("1")
    assert look_of(basis) == ""
