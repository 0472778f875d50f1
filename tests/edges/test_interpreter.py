"""Which interpreter is taken for the project, and what is remembered of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.edges.interpreter import find_environment


def environment(folder: Path) -> Path:
    """An environment without pip; tells its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project's own environment and another one."""
    top = tmp_path_factory.mktemp("project")
    return environment(top / ".venv"), environment(tmp_path_factory.mktemp("other") / "env")


def test_the_order_of_choices(two: tuple[Path, Path], tmp_path: Path) -> None:
    own, other = two
    top = own.parent.parent.parent
    found = find_environment(top, "", "", {}, tmp_path)
    assert (found.python, found.reason) == (str(own), ".venv of the project")
    found = find_environment(top, "", "", {"VIRTUAL_ENV": str(other.parent.parent)}, tmp_path)
    assert (found.python, found.reason) == (str(other), "the active environment")
    found = find_environment(top, "", str(other), {}, tmp_path)
    assert (found.python, found.reason) == (str(other), "named in the configuration")
    found = find_environment(top, "", ".venv/bin/python", {}, tmp_path)
    assert found.python == str(own)
    found = find_environment(tmp_path, "", "", {}, tmp_path)
    assert (found.python, found.own) == (sys.executable, True)


def test_an_isolated_environment_of_ours_gives_way_to_the_projects(two: tuple[Path, Path], tmp_path: Path) -> None:
    """The pre-commit framework activates an environment that holds nothing but Gatekeeper."""
    own, _ = two
    found = find_environment(own.parent.parent.parent, "", "", {"VIRTUAL_ENV": sys.prefix}, tmp_path)
    assert found.python == str(own)


def test_a_nested_project_finds_the_environment_above_it(two: tuple[Path, Path], tmp_path: Path) -> None:
    own, _ = two
    (own.parent.parent.parent / "packages" / "a").mkdir(parents=True, exist_ok=True)
    assert find_environment(own.parent.parent.parent, "packages/a", "", {}, tmp_path).python == str(own)


def test_an_interpreter_that_does_not_work_is_a_problem(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    fake.chmod(0o755)
    found = find_environment(tmp_path, "", str(fake), {}, tmp_path)
    assert "does not work: broken" in found.problem


def test_a_missing_interpreter_is_a_problem(tmp_path: Path) -> None:
    found = find_environment(tmp_path, "", "no/python", {}, tmp_path)
    assert "no/python" in found.problem


def test_what_is_remembered_is_forgotten_when_something_is_installed(tmp_path: Path) -> None:
    python = environment(tmp_path / "env")
    assert not find_environment(tmp_path, "", str(python), {}, tmp_path).has("thing")
    site = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    (site / "Thing-1.2.dist-info").mkdir()
    (site / "Thing-1.2.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: Thing\nVersion: 1.2\n")
    assert find_environment(tmp_path, "", str(python), {}, tmp_path).tools["thing"] == "1.2"
    for note in tmp_path.glob("interpreter-*.json"):
        note.write_text("{broken")
    assert find_environment(tmp_path, "", str(python), {}, tmp_path).has("thing")
