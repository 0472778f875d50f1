"""The gate `pre-commit` through the real command line, with the real pre-commit and the real prek and local hooks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.repository import GitRepository, Run

OFF = "  review: off\n  coverage: off\n  tests: off\n  docs: off\n"
ON = f"gates:\n{OFF}  pre-commit: on\n"
NO_BAD = "  - {id: no-bad, name: no bad words, language: pygrep, entry: BAD, files: '[.]txt$'}\n"
FIXER = "  - {id: upper, name: upper case, language: system, entry: sed -i -e s/tab/TAB/ --, files: '[.]txt$'}\n"
FAILS = "  - {id: look, name: look, language: system, entry: sh look.sh, pass_filenames: false, always_run: true}\n"


def hooks(*lines: str) -> str:
    """A configuration of local hooks."""
    return "repos:\n- repo: local\n  hooks:\n" + "".join(lines)


def start(repository: GitRepository, *lines: str, settings: str = "on", **files: str | bytes) -> None:
    """The first commit: the gate, its hooks and further files."""
    config = f"gates:\n{OFF}  pre-commit: {settings}\n"
    named = {name.replace("__", "."): text for name, text in files.items()}
    repository.commit({".gatekeeper.yml": config, ".pre-commit-config.yaml": hooks(*lines), "a.txt": "fine\n", **named})


def finding(run: Run) -> dict[str, object]:
    """The only finding."""
    (found,) = run.verdict("pre-commit")["findings"]
    return dict(found)


@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_a_planted_defect_blocks_and_its_mended_twin_passes(repository: GitRepository, tool: str) -> None:
    start(repository, NO_BAD, settings=f"{{tool: {tool}}}")
    repository.stage({"a.txt": "fine\nso BAD\n"})
    before = repository.state()
    run = repository.gatekeeper()
    assert (run.exit, run.status("pre-commit")) == (1, "failed"), run.stdout
    assert run.verdict("pre-commit")["summary"] == "1 hook failed: no-bad"
    found = finding(run)
    assert (found["rule"], found["path"], found["line"]) == ("no-bad", "a.txt", 2)
    assert repository.state() == before
    repository.stage({"a.txt": "fine\nso good\n"})
    run = repository.gatekeeper()
    assert (run.exit, run.verdict("pre-commit")["summary"]) == (0, "1 hook passed")


@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_a_hook_that_changes_files_fails_with_what_it_would_change(repository: GitRepository, tool: str) -> None:
    start(repository, FIXER, settings=f"{{tool: {tool}}}")
    repository.stage({"a.txt": "fine\none\ntab\n"})
    repository.write("a.txt", "fine\none\ntab\nunstaged\n")
    before = repository.state()
    run = repository.gatekeeper()
    assert run.status("pre-commit") == "failed"
    found = finding(run)
    assert (found["rule"], found["path"], found["line"]) == ("upper", "a.txt", 3)
    assert "-tab\n+TAB" in str(found["detail"])
    assert "unstaged" not in str(found["detail"])
    assert repository.state() == before
    repository.stage({"a.txt": "fine\none\nTAB\n"})
    assert repository.gatekeeper().exit == 0


def test_hooks_see_the_staged_tree_alone_and_cannot_reach_the_repository(repository: GitRepository) -> None:
    look = (
        'set -e\ntest ! -e untracked.txt\ntest "$(cat a.txt)" = staged\n'
        'test "$(git diff --cached --name-only)" = a.txt\ntest "$(git symbolic-ref --short HEAD)" = main\n'
        "git log -1 --format=%s | grep -q change\ngit diff --quiet\n"
        "git config user.name Mallory\ngit config user.email m@example.invalid\ngit commit --quiet --no-verify -m mine\ngit tag mine\ngit branch mine\n"
    )
    start(repository, FAILS, look__sh=look)
    repository.stage({"a.txt": "staged\n"})
    repository.write("a.txt", "unstaged\n")
    repository.write("untracked.txt", "")
    before, config = repository.state(), (repository.path / ".git/config").read_bytes()
    run = repository.gatekeeper()
    assert run.exit == 0, run.stdout
    assert repository.state() == before
    assert (repository.path / ".git/config").read_bytes() == config


def test_a_hook_that_names_no_place_is_a_finding_with_its_output(repository: GitRepository) -> None:
    start(repository, FAILS, look__sh="echo all is lost; exit 3\n")
    repository.stage({"a.txt": "other\n"})
    found = finding(repository.gatekeeper())
    assert (found["rule"], found["message"]) == ("look", "look failed with exit code 3")
    assert found["detail"] == "all is lost"


def test_what_skips_hooks_in_the_environment_does_not_count(repository: GitRepository) -> None:
    start(repository, NO_BAD)
    repository.stage({"a.txt": "BAD\n"})
    env = {"SKIP": "no-bad", "PREK_SKIP": "no-bad", "PRE_COMMIT_ALLOW_NO_CONFIG": "1"}
    assert repository.gatekeeper(env=env).status("pre-commit") == "failed"


def test_what_the_configuration_leaves_out_is_named(repository: GitRepository) -> None:
    ours = "  - {id: gatekeeper, name: ours, language: system, entry: 'false'}\n"
    start(repository, NO_BAD, FIXER, ours, settings="{skip: [no-bad]}")
    repository.stage({"a.txt": "BAD\n"})
    verdict = repository.gatekeeper().verdict("pre-commit")
    assert (verdict["status"], verdict["summary"]) == ("passed", "1 hook passed")
    assert verdict["notes"] == ["left out: no bad words, ours"]


def test_no_file_for_any_hook_is_skipped(repository: GitRepository) -> None:
    start(repository, NO_BAD)
    repository.stage({"b.md": "BAD\n"})
    verdict = repository.gatekeeper().verdict("pre-commit")
    assert (verdict["status"], verdict["summary"]) == ("skipped", "no hook is for the changed files")


def test_paths_limit_what_hooks_are_given(repository: GitRepository) -> None:
    start(repository, NO_BAD, settings="{paths: ['docs/**']}")
    repository.stage({"a.txt": "BAD\n"})
    assert repository.gatekeeper().status("pre-commit") == "skipped"
    repository.stage({"docs/b.txt": "fine\n"})
    assert repository.gatekeeper().status("pre-commit") == "passed"


@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
@pytest.mark.parametrize(
    ("config", "why", "hint"),
    [
        ("repos: [", "exit code", "validate-config"),
        ("repos:\n- {repo: /nowhere/at/all, rev: v1, hooks: [{id: x}]}\n", "exit code", "install-hooks"),
        (hooks("  - {id: gone, name: gone, language: system, entry: no-such-program}\n"), "no-such-program", ""),
        (hooks("  - {id: gone, name: gone, language: system, entry: sh -c no-such-program}\n"), "exit code 127", ""),
        (hooks("  - {id: late, name: late, language: system, entry: 'true', stages: [pre-push]}\n"), "", "stage"),
        (None, "there is no .pre-commit-config.yaml in the tree", "switch the gate off"),
    ],
)
def test_what_could_not_look_is_an_error(
    repository: GitRepository, tool: str, config: str | None, why: str, hint: str
) -> None:
    files: dict[str, str | bytes] = {".gatekeeper.yml": f"gates:\n{OFF}  pre-commit: {{tool: {tool}}}\n"}
    repository.commit(files | ({".pre-commit-config.yaml": config} if config else {}))
    repository.stage({"a.txt": "fine\n"})
    run = repository.gatekeeper()
    verdict = run.verdict("pre-commit")
    assert (run.exit, verdict["status"]) == (3, "error"), run.stdout
    assert why in str(verdict["summary"]) + str(verdict["findings"])
    assert hint in verdict["hint"]
    assert verdict["hint"]


def test_a_hook_that_was_killed_did_not_look(repository: GitRepository) -> None:
    start(repository, FAILS, look__sh="kill -9 $$\n")
    repository.stage({"a.txt": "other\n"})
    run = repository.gatekeeper()
    assert run.exit == 3
    assert run.verdict("pre-commit")["summary"] == "the hook look could not look: it was killed by signal 9"


def test_a_hook_that_runs_gatekeeper_does_not_go_round_for_ever(repository: GitRepository) -> None:
    entry = f"{sys.executable} -m gatekeeper run --staged"
    again = f"  - {{id: again, name: again, language: system, entry: {entry}, pass_filenames: false}}\n"
    start(repository, again)
    repository.stage({"a.txt": "other\n"})
    run = repository.gatekeeper()
    assert run.exit == 1
    assert "would run pre-commit again" in str(finding(run)["detail"])


def test_a_range_is_judged_by_the_hooks_of_its_base(repository: GitRepository) -> None:
    start(repository, NO_BAD)
    repository.commit({".pre-commit-config.yaml": hooks(FIXER), "a.txt": "BAD\n"})
    verdict = repository.gatekeeper("--from", "HEAD~1", "--to", "HEAD").verdict("pre-commit")
    assert (verdict["status"], verdict["summary"]) == ("failed", "1 hook failed: no-bad")
    assert verdict["notes"] == ["the change edits .pre-commit-config.yaml: the hooks of the base judged it"]


NAMES = [
    "-x.txt",
    "d/a b.txt",
    "d/new\nline.txt",
    'd/quote".txt',
    "d/glob*.txt",
    "d/$(touch p).txt",
    "d/back\\slash.txt",
]


@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_names_of_all_kinds(repository: GitRepository, tool: str) -> None:
    start(repository, FIXER, settings=f"{{tool: {tool}}}")
    repository.stage(dict.fromkeys(NAMES, "tab\n"))
    run = repository.gatekeeper()
    assert run.verdict("pre-commit")["summary"] == "1 hook failed: upper; 7 files would be changed"
    assert {found["path"] for found in run.verdict("pre-commit")["findings"]} == set(NAMES)
    assert not (repository.path / "p").exists()


@pytest.mark.parametrize("tool", ["pre-commit", "prek"])
def test_a_name_that_is_no_utf_8_is_more_than_the_tools_can_handle(repository: GitRepository, tool: str) -> None:
    start(repository, FIXER, settings=f"{{tool: {tool}}}")
    repository.stage({os.fsdecode(b"\xff.txt"): "tab\n"})
    verdict = repository.gatekeeper().verdict("pre-commit")
    assert verdict["status"] == "error"
    assert "rename the file" in verdict["hint"]


def test_the_first_commit_a_deletion_and_a_detached_head(repository: GitRepository) -> None:
    files = {".gatekeeper.yml": ON, ".pre-commit-config.yaml": hooks(NO_BAD, FAILS)}
    repository.stage({**files, "a.txt": "fine\n", "look.sh": "exit 0\n"})
    assert repository.gatekeeper().verdict("pre-commit")["summary"] == "2 hooks passed"
    repository.git("commit", "--quiet", "--message", "first")
    repository.git("checkout", "--quiet", "--detach")
    repository.git("rm", "--quiet", "a.txt")
    assert repository.gatekeeper().verdict("pre-commit")["summary"] == "1 hook passed, 1 had no file to check"


def test_everything_of_a_commit(repository: GitRepository) -> None:
    start(repository, NO_BAD)
    repository.commit({"b.txt": "BAD\n"})
    repository.commit({"c.txt": "fine\n"})
    assert finding(repository.gatekeeper("--all"))["path"] == "b.txt"


def test_links_programs_and_submodules_are_there_as_they_were_committed(
    repository: GitRepository, tmp_path: Path
) -> None:
    inner = GitRepository.create(tmp_path / "inner")
    inner.commit({"x": "1\n"})
    look = "set -e\ntest -x tool\ntest -L link\ntest ! -e link\ntest -d sub\ngit diff --quiet --ignore-submodules\n"
    start(repository, FAILS, look__sh=look)
    repository.write("tool", "#!/bin/sh\n").chmod(0o755)
    (repository.path / "link").symlink_to("nowhere")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repository.git("add", "--all")
    run = repository.gatekeeper()
    assert run.status("pre-commit") == "passed", run.stdout


def test_a_repository_of_sha_256(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "long", "--object-format=sha256")
    start(repository, NO_BAD)
    repository.stage({"a.txt": "BAD\n"})
    assert finding(repository.gatekeeper())["path"] == "a.txt"


def test_it_is_off_until_it_is_named(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": f"gates:\n{OFF}  other: {{run: 'true'}}\n"})
    repository.stage({".pre-commit-config.yaml": "repos: [", "a.txt": "1\n"})
    assert [verdict["gate"] for verdict in repository.gatekeeper().report["verdicts"]] == ["other"]


def test_a_configuration_outside_of_the_repository_is_refused(repository: GitRepository) -> None:
    start(repository, NO_BAD, settings="{config: ../hooks.yaml}")
    repository.stage({"a.txt": "1\n"})
    run = repository.gatekeeper()
    assert run.exit == 2
    assert "`gates.pre-commit.config` must not leave the repository" in run.stderr
