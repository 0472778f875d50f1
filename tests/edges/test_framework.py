"""The environment that the pre-commit framework makes for a hook is known by its marks, and looked past."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.edges.framework import is_isolated, without_framework

ASKED = """\
import json, os, sys
from pathlib import Path
from gatekeeper.edges.child_environment import child_environment
from gatekeeper.edges.interpreter import find_environment
found = find_environment(Path(sys.argv[1]), "", "", os.environ, Path(sys.argv[2]))
print(json.dumps([found.python, found.reason, found.problem, child_environment()]))
"""


@pytest.mark.parametrize("mark", [".install_state_v1", ".install_state_v2", ".prek-hook.json"])
def test_an_environment_with_a_mark_of_the_framework_is_isolated(tmp_path: Path, mark: str) -> None:
    assert not is_isolated(str(tmp_path))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / mark).touch()
    assert is_isolated(str(tmp_path / "other"))


def test_the_variables_are_those_of_the_shell() -> None:
    variables = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_FROM_REF": "a",
        "PREK_HOOK_STAGE": "pre-commit",
        "PRE_COMMIT_HOME": "/store",
        "PREK_HOME": "/prek",
        "VIRTUAL_ENV": "/hooks/env",
        "PATH": "/hooks/env/bin:/home/me/env/bin::/usr/bin",
    }
    assert without_framework(variables, "/hooks/env") == {
        "PRE_COMMIT_HOME": "/store",
        "PREK_HOME": "/prek",
        "PATH": "/home/me/env/bin::/usr/bin",
    }
    assert without_framework({"VIRTUAL_ENV": "/mine", "PATH": "/mine/bin"}, "/hooks/env") == {
        "VIRTUAL_ENV": "/mine",
        "PATH": "/mine/bin",
    }


def isolated_python(folder: Path) -> str:
    """An environment with the mark of the framework, in which Gatekeeper and all that it needs can be imported."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (folder / ".install_state_v2").touch()
    site = next((folder / "lib").glob("python*")) / "site-packages"
    here = [str(Path(__file__).parents[2]), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    (site / "borrowed.pth").write_text("".join(f"{entry}\n" for entry in here))
    return str(folder / "bin" / "python")


def ask(python: str, top: Path, path: str) -> list[object]:
    """What Gatekeeper finds from within an isolated environment: interpreter, reason, problem, variables of jobs."""
    import json

    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE"))},
        "VIRTUAL_ENV": str(Path(python).parent.parent),
        "PRE_COMMIT": "1",
        "PATH": f"{Path(python).parent}:{path}",
    }
    memory = top.parent / "memory"
    memory.mkdir(exist_ok=True)
    done = subprocess.run(
        [python, "-c", ASKED, str(top), str(memory)], env=env, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_it_is_never_taken_for_the_projects(tmp_path: Path) -> None:
    python = isolated_python(tmp_path / "hook")
    top = tmp_path / "project"
    top.mkdir()
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    found, _, problem, child = ask(python, top, str(nowhere))
    assert found == ""
    assert "an environment of its own, which cannot import the project" in str(problem)
    assert isinstance(child, dict)
    assert "VIRTUAL_ENV" not in child
    assert "PRE_COMMIT" not in child
    assert child["PATH"] == str(nowhere)


def test_the_environment_that_was_active_before_is_found_on_the_path(tmp_path: Path) -> None:
    python = isolated_python(tmp_path / "hook")
    top = tmp_path / "project"
    top.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "mine")], check=True)
    mine = str(tmp_path / "mine" / "bin" / "python3")
    assert ask(python, top, str(Path(mine).parent))[:3] == [mine, "python3 on the PATH", ""]


def test_the_environment_beside_the_project_comes_first(tmp_path: Path) -> None:
    python = isolated_python(tmp_path / "hook")
    top = tmp_path / "project"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(top / ".venv")], check=True)
    assert ask(python, top, "/usr/bin:/bin")[:3] == [str(top / ".venv/bin/python"), ".venv of the project", ""]


def test_a_bare_python_that_cannot_run_tests_is_not_the_projects(tmp_path: Path) -> None:
    python = isolated_python(tmp_path / "hook")
    top = tmp_path / "project"
    bare = tmp_path / "bare" / "bin"
    bare.mkdir(parents=True)
    top.mkdir()
    (bare / "python3").write_text('#!/bin/sh\necho \'{"version": [3, 12, 1], "search_path": [], "tools": {}}\'\n')
    (bare / "python3").chmod(0o755)
    found, _, problem, _ = ask(python, top, f"{bare}:/usr/bin:/bin")
    assert found == ""
    assert "cannot import the project" in str(problem)
    tools = '{"version": [3, 12, 1], "search_path": [], "tools": {"pytest": "9"}}'
    (bare / "python3").write_text(f"#!/bin/sh\necho '{tools}'\n")
    assert ask(python, top, f"{bare}:/usr/bin:/bin")[0] == str(bare / "python3")
