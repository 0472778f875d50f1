"""The start-up file for children of the tests, for versions of coverage that bring none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import gatekeeper

STARTUP = Path(gatekeeper.__file__).parent / "inside" / "startup"


def start_child(folder: Path, settings: str | None, *paths: Path) -> str:
    """What a child prints that says whether its environment's own sitecustomize ran."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    if settings is not None:
        environment["GATEKEEPER_COVERAGE"] = settings
    (folder / "own").mkdir()
    (folder / "own" / "sitecustomize.py").write_text("import builtins\nbuiltins.own_was_here = True\n")
    (folder / "mine.py").write_text("x = 1\n")
    code = (
        "import builtins, sys; import mine; print(getattr(builtins, 'own_was_here', False), 'coverage' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def settings_for(folder: Path) -> str:
    return json.dumps(
        {"data_file": str(folder / "data"), "config_file": False, "branch": False, "source": [str(folder)]}
    )


def test_a_child_measures_itself_and_runs_its_own_sitecustomize(tmp_path: Path) -> None:
    assert start_child(tmp_path, settings_for(tmp_path), STARTUP, tmp_path / "own") == "True True"
    assert len(list(tmp_path.glob("data.*"))) == 1


def test_a_child_that_nobody_measures_is_left_alone(tmp_path: Path) -> None:
    assert start_child(tmp_path, None, STARTUP, tmp_path / "own") == "True False"


def test_broken_settings_do_not_stop_a_child(tmp_path: Path) -> None:
    assert start_child(tmp_path, "{", STARTUP, tmp_path / "own").startswith("True ")
