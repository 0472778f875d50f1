"""The commands install, status and uninstall, in real repositories, with Git itself calling the hooks."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.repository import GitRepository

USUAL = ("pre-commit", "pre-merge-commit", "pre-push")
STAND_IN = """#!/bin/sh
{{ printf '%s\\n' "$*"; cat; }} >> {log}
exit {code}
"""


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def gatekeeper(repository: GitRepository, *arguments: str, env: dict[str, str] | None = None) -> Told:
    """Run a command of Gatekeeper in a repository."""
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", *arguments],
        cwd=repository.path,
        env={**os.environ, **(env or {})},
        capture_output=True,
        check=False,
    )
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())


def status(repository: GitRepository, env: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, Any]]]:
    """What `gatekeeper status` says of each hook."""
    told = gatekeeper(repository, "status", "--format", "json", env=env)
    return told.code, {hook["name"]: hook for hook in json.loads(told.out)["hooks"]}


@dataclass(frozen=True)
class StandIn:
    """A program called gatekeeper that writes down how it was called, in place of the real one."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment in which it is the program to find."""
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}

    @property
    def log(self) -> str:
        """All its calls, with what it read."""
        file = self.folder / "log"
        return file.read_text("utf-8", "surrogateescape") if file.exists() else ""

    def answers(self, code: int) -> None:
        """Let it exit with a code from now on."""
        program = self.folder / "gatekeeper"
        program.write_text(STAND_IN.format(log=shlex.quote(str(self.folder / "log")), code=code))
        program.chmod(0o755)


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """The stand-in, content with everything."""
    made = StandIn(tmp_path / "programs")
    made.folder.mkdir()
    made.answers(0)
    return made


def hooks_of(repository: GitRepository) -> Path:
    """The folder of hooks of an ordinary repository."""
    return repository.path / ".git" / "hooks"


def unbound(repository: GitRepository, *names: str) -> None:
    """Make the scripts forget the interpreter they know, so that they look on the PATH."""
    for name in names:
        file = hooks_of(repository) / name
        file.write_text(file.read_text("utf-8").replace('[ -x "$python" ] &&', "false &&"), "utf-8")


def script(repository: GitRepository, name: str, text: str, mode: int = 0o755) -> Path:
    """Write a hook of somebody else."""
    file = repository.write(f".git/hooks/{name}", text)
    file.chmod(mode)
    return file


def commit(repository: GitRepository, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Make an empty commit, with the hooks."""
    return subprocess.run(
        ["git", "commit", "--quiet", "--allow-empty", "-m", "x"],
        cwd=repository.path,
        env={**os.environ, **env},
        capture_output=True,
        check=False,
    )


def test_install_status_and_uninstall_leave_nothing_behind(repository: GitRepository) -> None:
    before = sorted(path.name for path in hooks_of(repository).iterdir())
    assert status(repository)[0] == 0
    told = gatekeeper(repository, "install")
    assert told.code == 0, told.err
    code, hooks = status(repository)
    assert code == 0, hooks
    assert {name for name, hook in hooks.items() if hook["standing"] == "ours" and hook["works"]} == set(USUAL)
    assert hooks["pre-push"]["python"] == sys.executable
    assert all(os.access(hooks_of(repository) / name, os.X_OK) for name in USUAL)
    assert gatekeeper(repository, "uninstall").code == 0
    assert sorted(path.name for path in hooks_of(repository).iterdir()) == before
    assert not (repository.path / ".git" / "gatekeeper-hooks").exists()
    assert "no hook of Gatekeeper" in gatekeeper(repository, "uninstall").out


def test_install_twice_is_the_same_as_once(repository: GitRepository) -> None:
    script(repository, "pre-commit", "#!/bin/sh\nexit 0\n")
    gatekeeper(repository, "install")
    first = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in hooks_of(repository).iterdir()}
    told = gatekeeper(repository, "install")
    assert told.out.count("is installed already") == 3, told
    assert first == {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in hooks_of(repository).iterdir()}


def test_the_hook_finds_the_program_without_any_path(repository: GitRepository) -> None:
    """As under a program with windows, whose PATH is another one."""
    gatekeeper(repository, "install", "--hook", "commit-msg")
    file = hooks_of(repository) / "commit-msg"
    text = file.read_text("utf-8")
    assert shlex.quote(sys.executable) in text
    file.write_text(text.replace("-m gatekeeper hook commit-msg", "-m gatekeeper --version"), "utf-8")
    done = subprocess.run(["/bin/sh", str(file)], env={"PATH": "/nowhere"}, capture_output=True, check=False)
    assert (done.returncode, done.stdout[:11]) == (0, b"gatekeeper "), done


def test_a_missing_program_lets_nothing_pass(repository: GitRepository, tmp_path: Path) -> None:
    gatekeeper(repository, "install", "--hook", "pre-commit")
    unbound(repository, "pre-commit")
    tools = tmp_path / "tools"
    tools.mkdir()
    git = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, check=True).stdout.decode().strip()
    (tools / "git").symlink_to(git)
    done = commit(repository, {"PATH": str(tools)})
    assert done.returncode != 0
    assert b"not judged" in done.stderr
    assert b"gatekeeper install" in done.stderr


def test_the_folder_that_git_works_in_cannot_stand_in_for_the_program(repository: GitRepository) -> None:
    repository.write("gatekeeper/__init__.py", "raise SystemExit(0)\n")
    repository.write("gatekeeper/__main__.py", "raise SystemExit(0)\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "gatekeeper", "install", "--hook", "pre-commit"],
        cwd=repository.path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert " -P -m gatekeeper hook pre-commit " in (hooks_of(repository) / "pre-commit").read_text("utf-8")


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_chained_hook_is_called_first_and_the_first_no_counts(
    repository: GitRepository, stand_in: StandIn, code: int
) -> None:
    theirs = script(
        repository, "pre-commit", f"#!/bin/sh\necho theirs >> '{stand_in.folder}/log'\nexit {code}\n", 0o751
    )
    before = theirs.read_bytes()
    told = gatekeeper(repository, "install", "--hook", "pre-commit")
    assert "called first" in told.out
    assert status(repository)[1]["pre-commit"]["standing"] == "chained"
    installed = theirs.read_bytes()
    unbound(repository, "pre-commit")
    assert (commit(repository, stand_in.env).returncode == 0) is (code == 0)
    assert stand_in.log == "theirs\n" + ("hook pre-commit\n" if code == 0 else "")
    theirs.write_bytes(installed)
    assert gatekeeper(repository, "uninstall").code == 0
    assert (theirs.read_bytes(), stat.S_IMODE(theirs.stat().st_mode)) == (before, 0o751)
    assert not theirs.with_name("pre-commit.before-gatekeeper").exists()


@pytest.mark.parametrize("first", ["cat >> {log}", "exit 0", 'read line; echo "$line" >> {log}'])
def test_both_hooks_read_what_git_says_of_the_refs(
    repository: GitRepository, stand_in: StandIn, tmp_path: Path, first: str
) -> None:
    tip = repository.commit({"a.txt": "1\n"})
    GitRepository.create(tmp_path / "remote", "--bare")
    script(repository, "pre-push", "#!/bin/sh\n" + first.format(log=shlex.quote(f"{stand_in.folder}/log")) + "\n")
    gatekeeper(repository, "install", "--hook", "pre-push")
    unbound(repository, "pre-push")
    url = str(tmp_path / "remote")
    repository.git("push", "--quiet", url, "main", "main:two", env=stand_in.env)
    zeros = "0" * 40
    refs = [f"refs/heads/main {tip} refs/heads/{name} {zeros}" for name in ("main", "two")]
    ours = "\n".join([f"hook pre-push {url} {url}", *refs]) + "\n"
    theirs = {"c": "\n".join(refs) + "\n", "e": "", "r": refs[0] + "\n"}[first[0]]
    assert stand_in.log == theirs + ours
    repository.git("push", "--quiet", url, "main", env=stand_in.env)  # nothing to push: Git says nothing
    assert stand_in.log.startswith(theirs + ours)


def test_a_hook_that_git_would_not_run_is_kept_and_not_run(repository: GitRepository, stand_in: StandIn) -> None:
    script(repository, "pre-commit", "#!/bin/sh\nexit 1\n", 0o644)
    gatekeeper(repository, "install", "--hook", "pre-commit")
    unbound(repository, "pre-commit")
    assert commit(repository, stand_in.env).returncode == 0
    gatekeeper(repository, "uninstall")


def test_a_kept_hook_that_is_gone_lets_nothing_pass(repository: GitRepository, stand_in: StandIn) -> None:
    script(repository, "pre-commit", "#!/bin/sh\nexit 0\n")
    gatekeeper(repository, "install", "--hook", "pre-commit")
    (hooks_of(repository) / "pre-commit.before-gatekeeper").unlink()
    code, hooks = status(repository)
    assert (code, hooks["pre-commit"]["works"]) == (1, False)
    unbound(repository, "pre-commit")
    assert b"is gone" in commit(repository, stand_in.env).stderr
    assert stand_in.log == ""


def test_a_hook_that_calls_ours_again_does_not_turn_in_circles(repository: GitRepository, stand_in: StandIn) -> None:
    """pre-commit does so when it is installed again: it moves our script aside and calls it from its own."""
    theirs = '#!/bin/sh\necho theirs >> "$LOG"\n[ ! -x "${0%/*}/pre-commit.legacy" ] || "${0%/*}/pre-commit.legacy"\n'
    file = script(repository, "pre-commit", theirs)
    gatekeeper(repository, "install", "--hook", "pre-commit")
    unbound(repository, "pre-commit")
    file.rename(file.with_name("pre-commit.legacy"))
    script(repository, "pre-commit", theirs)
    done = commit(repository, {**stand_in.env, "LOG": str(stand_in.folder / "log")})
    assert done.returncode == 0, done.stderr
    assert stand_in.log == "theirs\ntheirs\nhook pre-commit\nhook pre-commit\n"


@pytest.mark.parametrize("name", ["with space", 'quo\'te "two"', "ünï çödé 漢字", "dollar$(id)`x`", "-dash"])
def test_any_folder_will_do(tmp_path: Path, name: str, stand_in: StandIn) -> None:
    repository = GitRepository.create(tmp_path / name)
    script(repository, "pre-commit", f"#!/bin/sh\necho theirs >> '{stand_in.folder}/log'\n")
    assert gatekeeper(repository, "install").code == 0
    code, hooks = status(repository)
    assert (code, hooks["pre-commit"]["standing"]) == (0, "chained")
    unbound(repository, "pre-commit")
    assert commit(repository, {**stand_in.env, "CDPATH": "/tmp"}).returncode == 0
    assert stand_in.log == "theirs\nhook pre-commit\n"
    assert gatekeeper(repository, "uninstall").code == 1  # the test has edited it
    assert b"echo theirs" in (hooks_of(repository) / "pre-commit.before-gatekeeper").read_bytes()


def test_a_linked_worktree_shares_the_hooks(repository: GitRepository, tmp_path: Path, stand_in: StandIn) -> None:
    repository.commit({"a.txt": "1\n"})
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked tree"))
    linked = GitRepository(tmp_path / "linked tree")
    script(repository, "pre-commit", f"#!/bin/sh\necho theirs >> '{stand_in.folder}/log'\n")
    assert gatekeeper(linked, "install").code == 0
    assert {name for name in USUAL if (hooks_of(repository) / name).exists()} == set(USUAL)
    unbound(repository, "pre-commit")
    assert commit(linked, stand_in.env).returncode == 0
    assert stand_in.log == "theirs\nhook pre-commit\n"


def test_a_submodule_has_hooks_of_its_own(repository: GitRepository, tmp_path: Path) -> None:
    inner = GitRepository.create(tmp_path / "inner")
    inner.commit({"a.txt": "1\n"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    sub = GitRepository(repository.path / "sub")
    assert gatekeeper(sub, "install").code == 0
    assert (repository.path / ".git/modules/sub/hooks/pre-commit").exists()
    assert not (hooks_of(repository) / "pre-commit").exists()
    assert status(sub)[0] == 0


def test_a_bare_repository_is_guarded_where_it_receives(tmp_path: Path, stand_in: StandIn) -> None:
    bare = GitRepository.create(tmp_path / "bare", "--bare")
    told = gatekeeper(bare, "install")
    assert told.code == 0, told
    hook = bare.path / "hooks" / "pre-receive"
    assert "pre-receive" in told.out
    hook.write_text(hook.read_text("utf-8").replace('[ -x "$python" ] &&', "false &&"), "utf-8")
    repository = GitRepository.create(tmp_path / "clone")
    tip = repository.commit({"a.txt": "1\n"})
    stand_in.answers(1)
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("push", "--quiet", str(bare.path), "main", env=stand_in.env)
    assert stand_in.log == f"hook pre-receive\n{'0' * 40} {tip} refs/heads/main\n"
    assert bare.git("for-each-ref") == ""


def test_an_edited_script_is_left_alone(repository: GitRepository) -> None:
    gatekeeper(repository, "install", "--hook", "pre-commit")
    file = hooks_of(repository) / "pre-commit"
    file.write_text(file.read_text("utf-8") + "# mine\n", "utf-8")
    edited = file.read_bytes()
    for command in ("install", "uninstall"):
        told = gatekeeper(repository, command, *(["--hook", "pre-commit"] if command == "install" else []))
        assert told.code == 1
        assert "edited" in told.out + told.err
        assert file.read_bytes() == edited


def test_status_and_install_tell_of_a_hook_that_was_replaced_or_removed(repository: GitRepository) -> None:
    gatekeeper(repository, "install")
    script(repository, "pre-commit", "#!/bin/sh\nexit 0\n")
    (hooks_of(repository) / "pre-push").unlink()
    code, hooks = status(repository)
    assert code == 1
    assert "replaced" in hooks["pre-commit"]["troubles"][0]
    assert "removed" in hooks["pre-push"]["troubles"][0]
    told = gatekeeper(repository, "install")
    assert told.code == 0
    assert "had replaced the one of Gatekeeper" in told.out
    assert "somebody had removed it" in told.out
    assert status(repository)[0] == 0


def test_two_hooks_from_before_are_for_a_person_to_settle(repository: GitRepository) -> None:
    script(repository, "pre-commit", "#!/bin/sh\n# one\n")
    gatekeeper(repository, "install")
    script(repository, "pre-commit", "#!/bin/sh\n# two\n")
    told = gatekeeper(repository, "install")
    assert told.code == 1
    assert "was replaced" in told.err
    assert "pre-commit.before-gatekeeper" in told.err
    assert (hooks_of(repository) / "pre-commit").read_text() == "#!/bin/sh\n# two\n"
    assert gatekeeper(repository, "uninstall").code == 1
    (hooks_of(repository) / "pre-commit.before-gatekeeper").unlink()
    assert gatekeeper(repository, "install").code == 0


def test_a_hook_that_is_a_link_comes_back_as_a_link(repository: GitRepository, stand_in: StandIn) -> None:
    repository.write("scripts/check", f"#!/bin/sh\necho linked >> '{stand_in.folder}/log'\n").chmod(0o755)
    file = hooks_of(repository) / "pre-commit"
    file.symlink_to("../../scripts/check")
    assert gatekeeper(repository, "install").code == 0
    assert not file.is_symlink()
    installed = file.read_bytes()
    unbound(repository, "pre-commit")
    commit(repository, stand_in.env)
    assert stand_in.log == "linked\nhook pre-commit\n"
    file.write_bytes(installed)
    gatekeeper(repository, "uninstall")
    assert str(file.readlink()) == "../../scripts/check"
    assert "linked" in (repository.path / "scripts/check").read_text()


def test_a_dead_link_and_a_folder_are_refused(repository: GitRepository) -> None:
    file = hooks_of(repository) / "pre-commit"
    file.symlink_to("nowhere")
    told = gatekeeper(repository, "install")
    assert (told.code, "leads nowhere" in told.err) == (1, True)
    file.unlink()
    file.mkdir()
    told = gatekeeper(repository, "install")
    assert (told.code, "is no file" in told.err) == (1, True)
    assert not (hooks_of(repository) / "pre-push").exists()


def test_a_script_that_goes_by_its_name_is_not_renamed(repository: GitRepository) -> None:
    script(repository, "pre-commit", '#!/bin/sh\nexec dispatcher "$(basename "$0")" "$@"\n')
    told = gatekeeper(repository, "install")
    assert told.code == 1
    assert 'gatekeeper hook pre-commit "$@" || exit' in told.err
    script(repository, "pre-commit", '#!/bin/sh\ngatekeeper hook pre-commit "$@" || exit\necho "$(basename "$0")"\n')
    hooks = status(repository)[1]
    assert hooks["pre-commit"]["standing"] == "called"


def test_a_tracked_folder_of_hooks_is_left_to_people(repository: GitRepository, stand_in: StandIn) -> None:
    repository.git("config", "core.hooksPath", ".githooks")
    told = gatekeeper(repository, "install", "--hook", "pre-commit")
    assert told.code == 1
    assert "core.hooksPath=.githooks (local configuration)" in told.err
    assert f"{repository.path}/.githooks/pre-commit" in told.err
    assert not (repository.path / ".githooks").exists()
    assert not (hooks_of(repository) / "pre-commit").exists()
    line = 'gatekeeper hook pre-commit "$@" || exit'
    assert line in told.err
    repository.write(".githooks/pre-commit", f"#!/bin/sh\n{line}\n").chmod(0o755)
    told = gatekeeper(repository, "install", "--hook", "pre-commit", env=stand_in.env)
    assert (told.code, "already" in told.out) == (0, True), told
    assert status(repository, stand_in.env)[1]["pre-commit"]["standing"] == "called"
    stand_in.answers(1)
    assert commit(repository, stand_in.env).returncode != 0
    told = gatekeeper(repository, "uninstall", env=stand_in.env)
    assert (told.code, "take the line out" in told.out) == (1, True)


def test_a_folder_of_hooks_for_all_repositories_is_left_to_people(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "gitconfig"
    configuration.write_text("[core]\n\thooksPath = ~/hooks of mine\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    told = gatekeeper(repository, "install")
    assert told.code == 1
    assert f"{os.environ['HOME']}/hooks of mine/pre-push" in told.err
    assert "(global configuration)" in told.err


@pytest.mark.parametrize("value", ["/dev/null", ""])
def test_hooks_that_are_switched_off_are_told(repository: GitRepository, value: str) -> None:
    repository.git("config", "core.hooksPath", value)
    told = gatekeeper(repository, "install")
    assert (told.code, "runs no hook at all" in told.err) == (1, True), told
    assert status(repository)[0] == 0


def test_an_install_that_was_cut_short_is_taken_back(repository: GitRepository) -> None:
    theirs = script(repository, "pre-commit", "#!/bin/sh\n")
    os.link(theirs, theirs.with_name("pre-commit.before-gatekeeper"))
    assert gatekeeper(repository, "uninstall").code == 0
    assert theirs.read_text() == "#!/bin/sh\n"
    assert not theirs.with_name("pre-commit.before-gatekeeper").exists()


def test_a_setting_that_leads_back_to_the_usual_folder_is_no_obstacle(repository: GitRepository) -> None:
    repository.git("config", "core.hooksPath", ".git/hooks")
    assert gatekeeper(repository, "install").code == 0
    assert status(repository)[0] == 0


def test_a_setting_that_comes_later_shows_as_broken(repository: GitRepository) -> None:
    gatekeeper(repository, "install")
    repository.git("config", "core.hooksPath", ".husky/_")
    code, hooks = status(repository)
    assert code == 1
    assert "does not come to" in hooks["pre-commit"]["troubles"][0]
    assert gatekeeper(repository, "uninstall").code == 0
    assert not (hooks_of(repository) / "pre-commit").exists()


def test_husky_is_told_apart(repository: GitRepository) -> None:
    repository.write(".husky/_/h", "")
    repository.write(".husky/_/pre-commit", '#!/usr/bin/env sh\n. "$(dirname "$0")/h"')
    repository.git("config", "core.hooksPath", ".husky/_")
    told = gatekeeper(repository, "install")
    assert told.code == 1
    assert "husky" in told.err
    assert f"{repository.path}/.husky/pre-commit:" in told.err


def test_hooks_behind_a_link_out_of_the_repository_are_left_alone(repository: GitRepository, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    hooks_of(repository).rename(shared)
    hooks_of(repository).symlink_to(shared)
    told = gatekeeper(repository, "install")
    assert (told.code, "is a link to" in told.err) == (1, True), told
    assert not (shared / "pre-commit").exists()


@pytest.mark.parametrize(("version", "run"), [("2.39.5", False), ("2.54.0", True), ("3.1.0", True)])
def test_hooks_of_the_configuration_are_told(
    repository: GitRepository, tmp_path: Path, version: str, run: bool
) -> None:
    git = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, check=True).stdout.decode().strip()
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\n[ "$1" != version ] || {{ echo git version {version}; exit; }}\nexec {git} "$@"\n')
    fake.chmod(0o755)
    env = {"PATH": f"{fake.parent}:{os.environ['PATH']}"}
    repository.git("config", "hook.lint.command", "make lint")
    repository.git("config", "hook.lint.event", "pre-commit")
    told = gatekeeper(repository, "install", env=env)
    assert told.code == 0
    assert ("Git also runs hook.lint.command (make lint)" in told.out) is run
    assert ("not run by this Git" in told.out) is not run
    gatekeeper(repository, "uninstall")
    repository.git("config", "hook.gate.command", "gatekeeper hook pre-commit")
    repository.git("config", "hook.gate.event", "pre-commit")
    gatekeeper(repository, "install", env=env)
    assert (hooks_of(repository) / "pre-commit").exists() is not run
    assert (hooks_of(repository) / "pre-push").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_cannot_be_written_is_told(repository: GitRepository) -> None:
    hooks_of(repository).chmod(0o555)
    try:
        told = gatekeeper(repository, "install")
    finally:
        hooks_of(repository).chmod(0o755)
    assert told.code == 3
    assert "Permission denied" in told.err


def test_a_folder_that_is_none_is_told(repository: GitRepository) -> None:
    hooks_of(repository).rename(repository.path / ".git" / "elsewhere")
    hooks_of(repository).write_text("")
    told = gatekeeper(repository, "install")
    assert told.code == 3
    assert "make sure that you may write" in told.err


def test_nothing_but_the_hooks_is_touched(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    repository.write("a.txt", "2\n")
    configuration = (repository.path / ".git/config").read_bytes()
    before = repository.state()
    for command in ("install", "status", "uninstall"):
        assert gatekeeper(repository, command).code == 0
    assert repository.state() == before
    assert (repository.path / ".git/config").read_bytes() == configuration


def test_a_hook_that_nobody_knows_is_wrong_usage(repository: GitRepository) -> None:
    assert gatekeeper(repository, "install", "--hook", "post-commit").code == 2


def pre_commit(repository: GitRepository, *arguments: str) -> None:
    """Run the real pre-commit, which Gatekeeper depends on."""
    subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=repository.path,
        env={**os.environ, "PRE_COMMIT_HOME": str(repository.path.parent / "pre-commit")},
        check=True,
        capture_output=True,
    )


@pytest.fixture
def framework(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A repository that uses the real pre-commit, with a hook that says hello."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(repository.path.parent / "pre-commit"))
    hook = "{id: hello, name: hello, entry: echo hello, language: system, always_run: true, verbose: true}"
    repository.stage({".pre-commit-config.yaml": f"repos:\n- {{repo: local, hooks: [{hook}]}}\n"})
    return repository


def test_pre_commit_and_gatekeeper_run_side_by_side(framework: GitRepository, stand_in: StandIn) -> None:
    pre_commit(framework, "install")
    theirs = (hooks_of(framework) / "pre-commit").read_bytes()
    told = gatekeeper(framework, "install", "--hook", "pre-commit")
    assert "the hook of pre-commit is kept" in told.out
    unbound(framework, "pre-commit")
    done = commit(framework, stand_in.env)
    assert (done.returncode, stand_in.log) == (0, "hook pre-commit\n"), done.stderr
    assert b"hello" in done.stderr
    (hooks_of(framework) / "pre-commit").unlink()
    assert gatekeeper(framework, "uninstall").code == 0
    assert (hooks_of(framework) / "pre-commit").read_bytes() == theirs


def test_pre_commit_that_comes_later_calls_our_hook(framework: GitRepository, stand_in: StandIn) -> None:
    gatekeeper(framework, "install", "--hook", "pre-commit")
    unbound(framework, "pre-commit")
    pre_commit(framework, "install")
    code, hooks = status(framework)
    assert (code, hooks["pre-commit"]["standing"]) == (0, "called")
    assert commit(framework, stand_in.env).returncode == 0
    assert stand_in.log == "hook pre-commit\n"
    stand_in.answers(1)
    assert commit(framework, stand_in.env).returncode != 0
    told = gatekeeper(framework, "uninstall", "--hook", "pre-commit")
    assert (told.code, "edited" in told.out) == (1, True), told


def test_pre_commit_installed_again_goes_on_together(framework: GitRepository, stand_in: StandIn) -> None:
    """As setup scripts do, over and over."""
    pre_commit(framework, "install")
    theirs = (hooks_of(framework) / "pre-commit").read_bytes()
    gatekeeper(framework, "install", "--hook", "pre-commit")
    pre_commit(framework, "install")
    code, hooks = status(framework)
    assert (code, hooks["pre-commit"]["standing"]) == (0, "called")
    assert "started by" in gatekeeper(framework, "install", "--hook", "pre-commit").out
    legacy = hooks_of(framework) / "pre-commit.legacy"
    intact = legacy.read_text("utf-8")
    legacy.write_text(intact.replace('[ -x "$python" ] &&', "false &&"), "utf-8")
    done = commit(framework, stand_in.env)
    assert (done.returncode, done.stderr.count(b"hello...")) == (0, 1), done.stderr
    assert stand_in.log == "hook pre-commit\n"
    legacy.write_text(intact, "utf-8")
    legacy.chmod(0o644)
    assert "not executable" in status(framework)[1]["pre-commit"]["troubles"][0]
    assert gatekeeper(framework, "uninstall").code == 0
    left = [path.name for path in hooks_of(framework).iterdir() if path.suffix != ".sample"]
    assert left == ["pre-commit"]
    assert (hooks_of(framework) / "pre-commit").read_bytes() == theirs


def test_pre_commit_installed_with_force_is_told_and_mended(framework: GitRepository, stand_in: StandIn) -> None:
    pre_commit(framework, "install")
    gatekeeper(framework, "install", "--hook", "pre-commit")
    pre_commit(framework, "install", "--overwrite")
    code, hooks = status(framework)
    assert (code, hooks["pre-commit"]["standing"]) == (1, "theirs")
    assert "pre-commit has replaced it" in hooks["pre-commit"]["troubles"][0]
    assert gatekeeper(framework, "install", "--hook", "pre-commit").code == 0
    assert status(framework)[0] == 0
    unbound(framework, "pre-commit")
    assert commit(framework, stand_in.env).returncode == 0
    assert stand_in.log == "hook pre-commit\n"


def test_pre_commit_starts_gatekeeper_by_the_line_that_is_printed(framework: GitRepository, stand_in: StandIn) -> None:
    pre_commit(framework, "install")
    told = gatekeeper(framework, "install", "--hook", "pre-commit")
    (line,) = (text.strip() for text in told.out.splitlines() if "repo: local" in text)
    assert gatekeeper(framework, "uninstall").code == 0
    file = framework.path / ".pre-commit-config.yaml"
    framework.stage({file.name: file.read_text() + line + "\n"})
    assert status(framework, stand_in.env)[1]["pre-commit"]["standing"] == "called"
    told = gatekeeper(framework, "install", "--hook", "pre-commit", env=stand_in.env)
    assert (told.code, "already" in told.out) == (0, True)
    stand_in.answers(1)
    assert commit(framework, stand_in.env).returncode != 0
    assert stand_in.log == "hook framework\n"


def test_the_hook_of_lefthook_is_left_to_lefthook(repository: GitRepository, stand_in: StandIn) -> None:
    script(
        repository, "pre-push", '#!/bin/sh\ncall_lefthook()\n{\n  lefthook "$@"\n}\ncall_lefthook run "pre-push" "$@"\n'
    )
    repository.write("lefthook.yml", "pre-push:\n  jobs:\n    - run: echo\n")
    told = gatekeeper(repository, "install", env=stand_in.env)
    assert told.code == 1
    assert "run: gatekeeper hook pre-push {0}" in told.err
    assert "use_stdin: true" in told.err
    assert not (hooks_of(repository) / "pre-commit").exists()
    added = "    - name: gatekeeper\n      run: gatekeeper hook pre-push {0}\n      use_stdin: true\n"
    repository.write("lefthook.yml", "pre-push:\n  jobs:\n    - run: echo\n" + added)
    told = gatekeeper(repository, "install", env=stand_in.env)
    assert told.code == 0
    assert "pre-push: started by" in told.out
    assert (hooks_of(repository) / "pre-commit").exists()
