"""What a configuration held is remembered, and never taken from an entry that was damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.edges.config import read_policy
from gatekeeper.edges.configuration_memory import recall, remember
from gatekeeper.edges.places import cache_folder
from gatekeeper.formats.config_text import read_yaml_bytes
from gatekeeper.model.policy import Policy

NAME = ".gatekeeper.yml"
CONTENT = b"gates:\n  review: {minimum: 9}\n  lint: {run: x, paths: ['*.py', 'b']}\n"


def policy(content: bytes) -> Policy:
    """The policy of a tree with this file."""
    return read_policy({NAME: content}.get, (NAME,), source="here", flags={}, environment={})


def entry() -> Path:
    """The one file of the memory."""
    (found,) = (cache_folder() / "configurations").iterdir()
    return found


def test_what_is_recalled_is_what_was_read() -> None:
    located = read_yaml_bytes(CONTENT)
    assert recall(NAME, CONTENT) is None
    remember(NAME, CONTENT, located)
    assert recall(NAME, CONTENT) == located
    assert recall("pyproject.toml", CONTENT) is None
    assert recall(NAME, CONTENT + b"\n") is None


def test_a_second_run_has_the_same_policy_with_the_same_origins() -> None:
    first = policy(CONTENT)
    assert entry().exists()
    assert policy(CONTENT) == first


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", None])
def test_a_damaged_entry_is_read_anew(damage: bytes | None) -> None:
    first = policy(CONTENT)
    text = entry().read_bytes()
    entry().write_bytes(text.replace(b"9", b"1") if damage is None else damage)
    assert policy(CONTENT) == first


def test_a_memory_into_which_everybody_may_write_is_not_believed() -> None:
    remember(NAME, CONTENT, read_yaml_bytes(CONTENT))
    assert recall(NAME, CONTENT) is not None
    entry().parent.chmod(0o777)
    assert recall(NAME, CONTENT) is None


def test_a_configuration_with_a_mistake_is_not_remembered() -> None:
    with pytest.raises(Exception, match="mistake"):
        policy(b"gates:\n  review: {minimun: 9}\n")
    assert not (cache_folder() / "configurations").exists()


def test_a_memory_that_cannot_be_written_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GATEKEEPER_CACHE", str(tmp_path / "file"))
    assert policy(CONTENT) == policy(CONTENT)
