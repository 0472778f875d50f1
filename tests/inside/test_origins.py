"""Where the modules under test came from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gatekeeper.inside import origins


def test_an_environment_inside_the_tree_is_not_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / ".venv" / "lib" / "site-packages" / "app.py"
    own = tmp_path / "src" / "app.py"
    for place in (installed, own):
        place.parent.mkdir(parents=True)
        place.write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert origins.is_of(str(own), str(tmp_path))
    assert not origins.is_of(str(installed), str(tmp_path))
    assert not origins.is_of(str(tmp_path) + "-other/app.py", str(tmp_path))


@pytest.mark.parametrize(
    ("name", "found"), [("app", "app/__init__.py"), ("one", "one.py"), ("space", ""), ("absent", ""), ("json", "")]
)
def test_only_regular_packages_and_modules_are_expected(tmp_path: Path, name: str, found: str) -> None:
    for place in ("app/__init__.py", "one.py", "space/x.py", "json.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("")
    assert origins.place_in([str(tmp_path)], name) == (str(tmp_path / found) if found else "")
