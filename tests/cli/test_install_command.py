"""What the commands install, status and uninstall say, in the process of the test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.cli.main import main
from gatekeeper.edges import hook_files
from gatekeeper.edges.hook_files import script_for, template
from gatekeeper.edges.hook_managers import hook_ground
from gatekeeper.edges.hook_state import Standing, hook_state
from gatekeeper.formats.hook_script import Program
from tests.repository import GitRepository


@pytest.fixture
def hooks(repository: GitRepository) -> Path:
    """The folder of hooks of the repository."""
    return repository.path / ".git" / "hooks"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command; its exit code and all that it said."""
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out + said.err


def test_status_for_people_names_every_hook(
    repository: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(repository.path)
    assert "No hook of Gatekeeper is installed" in told(capsys, "status", "-C", folder)[1]
    (hooks / "pre-push").write_text("#!/bin/sh\ngit lfs pre-push\n")
    (hooks / "pre-commit").write_text("#!/bin/sh\n")
    main(["install", "-C", folder, "--hook", "pre-commit"])
    code, text = told(capsys, "status", "-C", folder)
    assert code == 0
    assert "pre-commit        chained, version" in text
    assert "theirs, of Git LFS" in text
    assert "commit-msg        missing" in text


def test_a_copy_of_the_plain_script_is_ours(
    repository: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (hooks / "pre-commit").write_bytes(template("pre-commit"))
    (hooks / "pre-commit").chmod(0o755)
    state = hook_state(hook_ground(repository.edge), "pre-commit")
    assert state.standing == Standing.OURS
    monkeypatch.setattr("shutil.which", lambda _: None)
    (trouble,) = hook_state(hook_ground(repository.edge), "pre-commit").troubles
    assert "not on the PATH" in trouble
    monkeypatch.setattr("shutil.which", lambda _: "/bin/gatekeeper")
    (note,) = hook_state(hook_ground(repository.edge), "pre-commit").notes
    assert "it starts /bin/gatekeeper" in note
    assert "a copy of the plain script" in told(capsys, "status", "-C", str(repository.path))[1]
    assert "brought up to date" in told(capsys, "install", "-C", str(repository.path), "--hook", "pre-commit")[1]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (Program("0", "/gone/python", "/gone/__main__.py"), "has no Gatekeeper any more"),
        (Program("0", shutil.which("true") or "", __file__), "does not start Gatekeeper"),
    ],
)
def test_a_script_whose_program_is_gone_is_broken_and_mended(
    repository: GitRepository,
    hooks: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    program: Program,
    words: str,
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    (hooks / "pre-push").write_bytes(script_for(hook_files.look_at(hooks, "pre-push"), program))
    (hooks / "pre-push").chmod(0o755)
    code, text = told(capsys, "status", "-C", str(repository.path))
    assert (code, words in text) == (1, True), text
    assert main(["install", "-C", str(repository.path), "--hook", "pre-push"]) == 0
    assert main(["status", "-C", str(repository.path)]) == 0


def test_a_script_that_is_not_executable_or_for_another_hook_is_broken(
    repository: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install", "-C", str(repository.path), "--hook", "pre-push"])
    (hooks / "pre-push").rename(hooks / "pre-commit")
    (hooks / "pre-commit").chmod(0o644)
    code, text = told(capsys, "status", "-C", str(repository.path))
    assert code == 1
    assert "it is not executable" in text
    assert "it is the script for pre-push" in text
    assert main(["install", "-C", str(repository.path)]) == 0
    assert main(["status", "-C", str(repository.path)]) == 0


def test_a_link_to_our_script_stays_a_link(
    repository: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install", "-C", str(repository.path), "--hook", "pre-commit"])
    (hooks / "pre-commit").rename(repository.path / "ours")
    (hooks / "pre-commit").symlink_to("../../ours")
    code, text = told(capsys, "install", "-C", str(repository.path), "--hook", "pre-commit")
    assert (code, "is a link to our script" in text) == (0, True)
    assert main(["uninstall", "-C", str(repository.path)]) == 0
    assert (repository.path / "ours").exists()
    assert not (hooks / "pre-commit").is_symlink()


def test_a_gatekeeper_that_hooks_would_not_find_is_not_installed(
    repository: GitRepository, hooks: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", shutil.which("false"))
    code, text = told(capsys, "install", "-C", str(repository.path))
    assert (code, "hooks could not start this Gatekeeper" in text) == (3, True)
    assert not (hooks / "pre-commit").exists()


def test_husky_without_the_script_that_git_calls_is_broken(
    repository: GitRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("config", "core.hooksPath", ".husky/_")
    repository.write(".husky/_/h", "")
    repository.write(".husky/pre-commit", "gatekeeper hook pre-commit\n")
    code, text = told(capsys, "status", "-C", str(repository.path), "--format", "json")
    hooks: dict[str, dict[str, Any]] = {hook["name"]: hook for hook in json.loads(text)["hooks"]}
    assert (code, hooks["pre-commit"]["standing"]) == (1, "called")
    assert "husky has made no" in hooks["pre-commit"]["troubles"][0]
