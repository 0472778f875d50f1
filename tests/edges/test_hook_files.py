"""Looking at hook files, keeping what was there, and the scripts themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gatekeeper
from gatekeeper.edges import hook_files
from gatekeeper.edges.hook_files import HookKind, look_at, place, take_out, template
from gatekeeper.edges.hook_managers import ConfiguredHook, hook_ground, owner_of
from gatekeeper.formats.framework_hooks import framework_calls
from gatekeeper.formats.hook_advice import framework_line, lefthook_lines, shell_line
from gatekeeper.formats.hook_script import (
    HOOKS,
    Program,
    calls_gatekeeper,
    goes_by_its_own_name,
    hook_script,
    read_hook_script,
)
from gatekeeper.model.errors import GatekeeperError
from tests.repository import GitRepository

CHECKOUT = Path(gatekeeper.__file__).parent.parent
PROGRAM = Program("1.2.3", "/usr/bin/python3", "/lib/gatekeeper/__main__.py")
PATHS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).map(lambda t: f"/{t}")


@pytest.mark.parametrize("name", HOOKS)
def test_the_plain_scripts_are_short_executable_and_posix(name: str) -> None:
    file = CHECKOUT / "hooks" / name
    text = file.read_text("utf-8")
    assert os.access(file, os.X_OK)
    assert text.startswith("#!/bin/sh\n")
    assert f'exec gatekeeper hook {name} "$@"\n' in text
    assert len(text.splitlines()) <= 8
    assert template(name) == file.read_bytes()
    script = read_hook_script(file.read_bytes(), template(name))
    assert script is not None
    assert (script.name, script.program, script.intact) == (name, None, True)


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_every_script_is_one_that_a_shell_can_read(name: str, chained: bool, shell: str) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell}")
    text = hook_script(template(name), name, PROGRAM, chained)
    subprocess.run([found, "-n"], input=text, check=True, capture_output=True)


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("lines", [0, 1, 3000])
def test_both_programs_read_the_same_bytes(tmp_path: Path, shell: str, lines: int) -> None:
    """More than a pipe holds, with names that are no text and that a shell could take for something."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    given = b"".join(b"%040d %040d refs/heads/caf\xe9-$HOME`id`\\n%d\n" % (n, n, n) for n in range(lines))
    for name, text in (
        ("pre-receive.before-gatekeeper", f"#!/bin/sh\ncat > '{tmp_path}/first'\n"),
        ("gatekeeper", f"#!/bin/sh\ncat > '{tmp_path}/second'\n"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    hook = tmp_path / "pre-receive"
    hook.write_bytes(hook_script(template("pre-receive"), "pre-receive", Program("1", "/none", "/none"), True))
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run([shell, str(hook)], input=given, env={"PATH": path}, check=True, timeout=60)
    assert ((tmp_path / "first").read_bytes(), (tmp_path / "second").read_bytes()) == (given, given)


@given(python=PATHS, package=PATHS, name=st.sampled_from(HOOKS), chained=st.booleans(), yields=st.booleans())
def test_a_script_is_read_back_as_it_was_written(
    python: str, package: str, name: str, chained: bool, yields: bool
) -> None:
    program = Program("1.2.3", python, package)
    written = hook_script(template(name), name, program, chained, yields)
    script = read_hook_script(written, b"")
    assert script is not None
    assert (script.name, script.program, script.chained, script.intact) == (name, program, chained, True)
    assert script.yields is (chained and yields)
    edited = read_hook_script(written + b"# more\n", b"")
    assert edited is not None
    assert not edited.intact
    assert calls_gatekeeper(written.decode("utf-8", "surrogateescape"), name)


def test_a_path_that_is_no_text_is_written_as_it_is() -> None:
    program = Program("1", os.fsdecode(b"/caf\xe9/python"), "/x")
    written = hook_script(template("pre-commit"), "pre-commit", program, False)
    assert b"/caf\xe9/python" in written
    script = read_hook_script(written, b"")
    assert script is not None
    assert script.program == program


@given(st.binary(max_size=300))
def test_whatever_lies_there_can_be_read(content: bytes) -> None:
    assert read_hook_script(content, b"") is None or b"Gatekeeper" in content


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('gatekeeper hook pre-commit "$@"', True),
        ("\texec '/x/gatekeeper' hook pre-commit", True),
        ("# gatekeeper hook pre-commit", False),
        ("gatekeeper hook pre-commit-not", False),
        ("gatekeeper hook pre-push", False),
        ("      run: gatekeeper hook pre-commit", True),
        ("notgatekeeper hook pre-commit", False),
        ("", False),
    ],
)
def test_a_call_is_told_from_a_comment(text: str, calls: bool) -> None:
    assert calls_gatekeeper(text, "pre-commit") is calls


@pytest.mark.parametrize("name", HOOKS)
def test_the_lines_to_add_are_recognised_when_they_are_there(name: str) -> None:
    for text in (shell_line(name), "\n".join(lefthook_lines(name))):
        assert calls_gatekeeper(text, name), text
    for text in (f"repos:\n{framework_line(name)}\n", f"repos:\n- repo: x\n  hooks: []\n{framework_line(name)}\n"):
        assert [hook for hook in HOOKS if framework_calls(text, hook, False)] == [name]


@pytest.mark.parametrize(
    ("hook", "more", "called"),
    [
        ("id: gatekeeper", "", ["pre-commit", "pre-push", "pre-merge-commit"]),
        ("id: gatekeeper, stages: [push]", "", ["pre-push"]),
        ("id: gatekeeper", "default_stages: [pre-push]", ["pre-commit", "pre-push", "pre-merge-commit"]),
        ("id: gatekeeper-commit-msg", "", ["commit-msg"]),
        ("id: x, entry: gatekeeper hook framework", "default_stages: [commit]", ["pre-commit"]),
        ("id: x, entry: gatekeeper hook pre-push", "", ["pre-push"]),
        ("id: x, entry: echo gatekeeper", "", []),
        ("id: ruff", "# gatekeeper hook pre-commit", []),
    ],
)
def test_the_stages_of_the_framework_count(hook: str, more: str, called: list[str]) -> None:
    text = f"{more}\nrepos:\n- repo: x\n  hooks:\n  - {{{hook}}}\n"
    assert [name for name in HOOKS if framework_calls(text, name, False)] == called


def test_the_framework_is_read_as_toml_too() -> None:
    text = '[[repos]]\nrepo = "x"\nhooks = [{ id = "gatekeeper" }]\n'
    assert framework_calls(text, "pre-push", True)


@pytest.mark.parametrize(
    "text", ["", "- a", "repos: 1", "repos: [1, {hooks: 2}, {hooks: [3]}]", "{", "\udcff", "a: &a [*a]"]
)
def test_an_unreadable_configuration_calls_nothing(text: str) -> None:
    assert not framework_calls(text, "pre-commit", False)
    assert not framework_calls(text, "pre-commit", True)


@pytest.mark.parametrize(
    ("script", "goes"),
    [
        ('exec x "$(basename "$0")"', True),
        ("hook=`basename -- $0`", True),
        ("${0##*/}", True),
        ("File.basename(__FILE__)", True),
        ("os.path.basename(sys.argv[0])", True),
        ('HERE="$(cd "$(dirname "$0")" && pwd)"', False),
        ("basename $file", False),
    ],
)
def test_a_script_that_goes_by_its_name_is_seen(script: str, goes: bool) -> None:
    assert goes_by_its_own_name(script) is goes


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("# File generated by pre-commit: https://pre-commit.com", "pre-commit"),
        ("# File generated by prek: https://github.com/j178/prek", "prek"),
        ('call_lefthook run "pre-commit" "$@"', "lefthook"),
        ('. "$(dirname "$0")/_/husky.sh"', "husky"),
        ('git lfs pre-push "$@"', "Git LFS"),
        ("make check", ""),
    ],
)
def test_the_writer_of_a_hook_is_known_by_what_it_writes(text: str, owner: str) -> None:
    assert owner_of(text) == owner


def test_what_was_there_comes_back_with_bytes_mode_and_time(tmp_path: Path) -> None:
    theirs = tmp_path / "pre-commit"
    theirs.write_bytes(b"#!/bin/sh\r\n\xff\0 no end of line")
    theirs.chmod(0o705)
    os.utime(theirs, ns=(1_500_000_000_000_000_001, 1_500_000_000_000_000_002))
    before = (theirs.read_bytes(), theirs.stat().st_mode, theirs.stat().st_mtime_ns)
    place(look_at(tmp_path, "pre-commit"), hook_script(template("pre-commit"), "pre-commit", PROGRAM, True))
    found = look_at(tmp_path, "pre-commit")
    assert (found.kind, found.has_kept) == (HookKind.OURS, True)
    assert take_out(found)
    assert (theirs.read_bytes(), theirs.stat().st_mode, theirs.stat().st_mtime_ns) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["pre-commit"]


def test_a_hook_without_hard_links_is_kept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    theirs = tmp_path / "pre-commit"
    theirs.write_bytes(b"theirs")
    theirs.chmod(0o755)
    monkeypatch.setattr(hook_files.os, "link", refuse)
    place(look_at(tmp_path, "pre-commit"), hook_script(template("pre-commit"), "pre-commit", PROGRAM, True))
    assert (tmp_path / "pre-commit.before-gatekeeper").read_bytes() == b"theirs"
    assert look_at(tmp_path, "pre-commit").kind == HookKind.OURS


def test_a_hook_that_changed_after_the_look_is_not_overwritten(tmp_path: Path) -> None:
    seen = look_at(tmp_path, "pre-commit")
    (tmp_path / "pre-commit").write_bytes(b"new")
    with pytest.raises(GatekeeperError, match="just now"):
        place(seen, b"ours")
    assert (tmp_path / "pre-commit").read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["pre-commit"]


def test_an_install_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    theirs = tmp_path / "pre-commit"
    theirs.write_bytes(b"theirs")
    os.link(theirs, tmp_path / "pre-commit.before-gatekeeper")
    place(look_at(tmp_path, "pre-commit"), hook_script(template("pre-commit"), "pre-commit", PROGRAM, True))
    assert (tmp_path / "pre-commit.before-gatekeeper").read_bytes() == b"theirs"


@pytest.mark.parametrize(("folder", "mode"), [(0o755, 0o755), (0o2775, 0o755), (0o700, 0o700), (0o750, 0o750)])
def test_who_may_look_into_the_folder_may_start_the_hook(tmp_path: Path, folder: int, mode: int) -> None:
    """Git passes over a hook that the user may not start, and says nothing where several share a repository."""
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks").chmod(folder)
    umask = os.umask(0o077)
    try:
        place(look_at(tmp_path / "hooks", "pre-receive"), b"ours")
    finally:
        os.umask(umask)
    assert (tmp_path / "hooks" / "pre-receive").stat().st_mode & 0o777 == mode


def test_hooks_of_the_configuration_are_read(repository: GitRepository) -> None:
    for key, value in (
        ("hook.lint.command", "make lint"),
        ("hook.lint.event", "pre-commit"),
        ("hook.lint.event", "pre-push"),
        ("hook.a.b.command", "x"),
        ("hook.a.b.event", "pre-push"),
        ("hook.a.b.enabled", "false"),
        ("hook.nothing.event", "pre-push"),
    ):
        repository.git("config", "--add", key, value)
    ground = hook_ground(repository.edge)
    assert set(ground.configured) == {
        ConfiguredHook("lint", "make lint", ("pre-commit", "pre-push"), True),
        ConfiguredHook("a.b", "x", ("pre-push",), False),
    }
    assert [hook.name for hook in ground.configured_for("pre-push")] == ["lint"]
    assert ground.is_own


def test_a_wheel_carries_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    for name in ("gatekeeper", "hooks"):
        shutil.copytree(CHECKOUT / name, tmp_path / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, tmp_path / "source")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "made")],
        cwd=tmp_path / "source",
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "made").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in HOOKS:
            assert archive.read(f"gatekeeper/hooks/{name}") == (CHECKOUT / "hooks" / name).read_bytes()
