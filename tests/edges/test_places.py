"""What is remembered lies where nobody else can plant anything."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from gatekeeper.edges.places import repository_folder
from gatekeeper.model.errors import GatekeeperError


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache, and a folder for temporary files, of which a test can do anything."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("GATEKEEPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path


def test_a_folder_of_our_own_is_made_and_kept(places: Path) -> None:
    folder = repository_folder("/repository/.git")
    assert folder.parent == places / "cache"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert repository_folder("/repository/.git") == folder


def test_a_folder_into_which_everybody_may_write_is_not_used(places: Path) -> None:
    folder = repository_folder("/repository/.git")
    folder.chmod(0o777)
    aside = repository_folder("/repository/.git")
    assert aside.parent == places / "temporary" / f"gatekeeper-{os.getuid()}"
    aside.chmod(0o777)
    with pytest.raises(GatekeeperError, match="someone else"):
        repository_folder("/repository/.git")


def test_a_link_in_the_place_of_the_other_folder_is_not_followed(places: Path) -> None:
    (places / "cache").write_text("in the way")
    planted = places / "planted"
    planted.mkdir()
    (places / "temporary" / f"gatekeeper-{os.getuid()}").symlink_to(planted)
    with pytest.raises(GatekeeperError, match="someone else"):
        repository_folder("/repository/.git")


@pytest.mark.skipif(os.getuid() != 0, reason="only the administrator can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(places: Path) -> None:
    folder = repository_folder("/repository/.git")
    os.chown(folder, 65534, -1)
    assert repository_folder("/repository/.git").parent.parent == places / "temporary"
