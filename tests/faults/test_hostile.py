"""A repository that wants something to be run while Gatekeeper looks gets nothing run, and the right verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.ground import gates, judge
from tests.repository import GitRepository


@pytest.fixture
def trap(repository: GitRepository, tmp_path: Path) -> tuple[str, Path]:
    """A program that leaves a canary where it was run, and that file; the repository has a staged change."""
    canary = tmp_path / "canary"
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{canary}"\ncat\nexit 0\n')
    program.chmod(0o755)
    repository.commit({".gatekeeper.yml": gates(look="grep -q good a.txt"), "a.txt": "1\n", "x.dat": "1\n"})
    repository.stage({"a.txt": "good\n", "x.dat": "2\n"})
    return str(program), canary


SETTINGS = [
    "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "diff.external", "diff.evil.textconv", "diff.evil.command", "merge.evil.driver",
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "credential.helper", "gpg.program",
    "gpg.ssh.program", "sequence.editor", "pager.diff", "pager.log", "pager.ls-files", "interactive.diffFilter",
    "uploadpack.packObjectsHook", "trailer.x.command", "web.browser", "man.viewer", "core.hooksPath",
]  # fmt: skip
ALIASES = ["write-tree", "read-tree", "ls-files", "ls-tree", "diff-tree", "status", "rev-parse", "cat-file", "clean"]
HOOKS = [
    "post-index-change",
    "post-checkout",
    "pre-commit",
    "fsmonitor-watchman",
    "reference-transaction",
    "pre-auto-gc",
]


@pytest.mark.parametrize("scope", ["--local", "--worktree", "include"])
def test_no_setting_runs_anything(repository: GitRepository, trap: tuple[str, Path], scope: str) -> None:
    program, canary = trap
    repository.stage({".gitattributes": "*.dat diff=evil filter=evil merge=evil\n"})
    target = ["--local"]
    if scope == "--worktree":
        repository.git("config", "extensions.worktreeConfig", "true")
        target = ["--worktree"]
    if scope == "include":
        target = ["--file", str(repository.path / ".git" / "included")]
        repository.git("config", "include.path", "included")
    for setting in SETTINGS:
        repository.git("config", *target, setting, program)
    for name in ALIASES:
        repository.git("config", *target, f"alias.{name}", f"!{program}")
    repository.git("config", *target, "log.showSignature", "true")
    repository.git("config", *target, "core.untrackedCache", "true")
    canary.unlink(missing_ok=True)
    run = judge(repository)
    assert run.exit == 0, run.stdout + run.stderr
    assert not canary.exists(), canary.read_text()
    if scope == "--local":
        return
    for arguments in (["--worktree"], ["--all"], ["--from", "HEAD", "--to", "HEAD"]):
        judge(repository, *arguments)
        assert not canary.exists(), (arguments, canary.read_text())


@pytest.mark.parametrize("where", ["hooks", "elsewhere"])
def test_no_hook_runs(repository: GitRepository, trap: tuple[str, Path], tmp_path: Path, where: str) -> None:
    program, canary = trap
    folder = repository.path / ".git" / "hooks"
    if where == "elsewhere":
        folder = tmp_path / "own hooks"
        repository.git("config", "core.hooksPath", str(folder))
    folder.mkdir(exist_ok=True)
    for name in HOOKS:
        (folder / name).symlink_to(program)
    canary.unlink(missing_ok=True)
    run = judge(repository)
    assert run.exit == 0, run.stdout + run.stderr
    assert not canary.exists(), canary.read_text()


VARIABLES = [
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_EDITOR",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
]


def test_no_variable_runs_anything(repository: GitRepository, trap: tuple[str, Path]) -> None:
    program, canary = trap
    run = judge(repository, env=dict.fromkeys(VARIABLES, program))
    assert run.exit == 0, run.stdout + run.stderr
    assert not canary.exists(), canary.read_text()


TASTES = [
    "color.ui=always", "color.diff=always", "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.renames=copies",
    "diff.context=0", "diff.interHunkContext=99", "diff.orderFile=x.dat", "diff.relative=true", "diff.wordRegex=.",
    "diff.algorithm=histogram", "diff.ignoreSubmodules=all", "diff.suppressBlankEmpty=true", "core.quotePath=true",
    "core.abbrev=4", "core.logAllRefUpdates=always", "status.short=true", "status.branch=true",
    "status.showUntrackedFiles=no", "status.relativePaths=false", "core.ignoreCase=true",
    "core.precomposeUnicode=true", "core.bigFileThreshold=1", "core.preloadIndex=false", "index.version=4",
    "i18n.logOutputEncoding=ISO-8859-1", "log.date=relative", "log.follow=true", "clean.requireForce=true",
    "checkout.workers=4", "checkout.defaultRemote=x", "core.commentChar=;",
]  # fmt: skip


def test_no_taste_of_the_user_changes_the_verdict(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": gates(look="grep -q good {files}"), "a.txt": "1\n", "x.dat": "1\n"})
    for setting in TASTES:
        repository.git("config", *setting.split("=", 1))
    repository.stage({"a.txt": "bad\n", "b \u6587.txt": "2\n"})
    run = judge(repository)
    assert run.exit == 1, run.stdout + run.stderr
    assert {file["path"] for file in run.report["change"]["files"]} == {"a.txt", "b \u6587.txt"}
    repository.stage({"a.txt": "good\n"})
    assert judge(repository).exit == 0
