"""What rules the user's repository is watched while agents are at work."""

from __future__ import annotations

import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.user_settings import alterations, forget_alterations, note_alterations, snapshot_settings
from tests.repository import GitRepository


class Ground:
    """A repository with an orchestration that has noted how it is ruled."""

    def __init__(self, repository: GitRepository) -> None:
        self.repository = repository
        repository.commit({"a.py": "a = 1\n"})
        repository.git("remote", "add", "origin", "https://example.invalid/x")
        self.folder = repository.path / ".git"
        self.run = RunFolder.create(repository.edge, datetime(2026, 11, 22, 19, 30, 12, tzinfo=UTC))
        snapshot_settings(repository.edge, self.run)

    def told(self) -> tuple[str, ...]:
        """What is told now."""
        return note_alterations(self.repository.edge, self.run)


@pytest.fixture
def ground(repository: GitRepository) -> Ground:
    return Ground(repository)


def _put_back(line: str) -> None:
    subprocess.run(shlex.split(line.partition("if that was not you: ")[2]), check=True)


def test_where_nothing_changed_nothing_is_told(ground: Ground) -> None:
    assert ground.told() == ()
    assert alterations(ground.run) == ()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("alias.x", "!id"), "alias.x"),
        (("core.hooksPath", "/tmp/x"), "core.hookspath"),
        (("branch.main.remote", "https://evil.invalid"), "branch.main.remote"),
        (("branch.main.pushRemote", "origin"), "branch.main.pushremote"),
        (("remote.origin.url", "https://evil.invalid"), "remote.origin.url"),
        (("user.name", "Somebody"), "user.name"),
    ],
)
def test_settings_are_named_and_the_command_puts_them_back(
    ground: Ground, command: tuple[str, ...], words: str
) -> None:
    before = (ground.folder / "config").read_bytes()
    ground.repository.git("config", *command)
    (line,) = ground.told()
    assert f"{ground.folder}/config was changed during the run: {words}; if that was not you: cp -p" in line
    assert ground.told() == ()
    assert alterations(ground.run) == (line,)
    _put_back(line)
    assert (ground.folder / "config").read_bytes() == before
    forget_alterations(ground.run)
    assert alterations(ground.run) == ()


def test_an_upstream_among_the_known_remotes_is_nothing_to_tell(ground: Ground) -> None:
    ground.repository.git("config", "branch.main.remote", "origin")
    ground.repository.git("config", "branch.main.merge", "refs/heads/main")
    assert ground.told() == ()


def test_a_setting_that_cannot_be_read_is_named(ground: Ground, tmp_path: Path) -> None:
    edge = ground.repository.edge
    (ground.folder / "config").write_text("[core\n")
    (line,) = note_alterations(edge, ground.run)
    assert "config was changed during the run; if that was not you" in line
    _put_back(line)
    assert ground.repository.git("remote") == "origin"


def test_hooks_that_are_changed_made_and_removed_are_named(ground: Ground) -> None:
    hooks = ground.folder / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "pre-push", "post-merge"):
        (hooks / name).write_text("#!/bin/sh\n")
        (hooks / name).chmod(0o755)
    (hooks / "pre-push").unlink()
    (hooks / "pre-push").symlink_to("pre-commit")
    snapshot_settings(ground.repository.edge, ground.run)
    (hooks / "pre-commit").write_text("#!/bin/sh\nid\n")
    (hooks / "pre-push").unlink()
    (hooks / "post-merge").chmod(0o644)
    (hooks / "new\nline").write_text("x")
    told = ground.told()
    assert len(told) == 4
    assert all(line.isprintable() for line in told)
    for line in told:
        if "new" not in line:
            _put_back(line)
    assert (hooks / "pre-commit").read_text() == "#!/bin/sh\n"
    assert (hooks / "pre-commit").stat().st_mode & 0o777 == 0o755
    assert (hooks / "post-merge").stat().st_mode & 0o777 == 0o755
    assert (hooks / "pre-push").is_symlink()


def test_what_is_noted_outlives_a_crash(ground: Ground) -> None:
    (ground.folder / "info").mkdir(exist_ok=True)
    (ground.folder / "info" / "attributes").write_text("* filter=x\n")
    (line,) = ground.told()
    ground.repository.git("config", "alias.x", "!id")
    assert len(ground.told()) == 1
    ground.run.close()
    run = RunFolder.open(ground.repository.edge, ground.run.name)
    assert alterations(run)[0] == line
    assert len(alterations(run)) == 2
    run.close()
