"""`gatekeeper hook` as Git calls it, where that goes wrong or finds nothing to do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import GitRepository


def hook(
    repository: GitRepository, *arguments: str, stdin: bytes = b"", folder: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Start the command as a hook would."""
    words = [sys.executable, "-m", "gatekeeper", "hook", *arguments]
    return subprocess.run(words, cwd=folder or repository.path, input=stdin, capture_output=True, check=False)


def test_an_unknown_hook_is_refused_with_those_that_there_are(repository: GitRepository) -> None:
    done = hook(repository, "post-commit")
    assert done.returncode == 2
    assert b"pre-commit, pre-merge-commit, commit-msg, pre-push, pre-receive" in done.stderr


def test_outside_of_a_repository_nothing_passes(repository: GitRepository, tmp_path: Path) -> None:
    assert hook(repository, "pre-commit", folder=tmp_path).returncode == 3


def test_nothing_staged_passes_without_importing_what_a_run_needs(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    code = "import sys; from gatekeeper.cli.main import main; code = main(['hook', 'pre-commit'])"
    unwanted = {"gatekeeper.wiring", "gatekeeper.engine.run", "rich", "yaml", "git.repo", "gitdb.db"}
    code += f"; sys.exit(code or sorted({unwanted} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=repository.path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"nothing is staged" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("one", "two"), ("missing",)])
def test_a_message_that_is_not_there_is_no_pass(repository: GitRepository, arguments: tuple[str, ...]) -> None:
    repository.stage({"a.txt": "1\n"})
    assert hook(repository, "commit-msg", *arguments).returncode in (2, 3)


def test_unmerged_files_are_no_pass(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    blob = repository.git("rev-parse", "HEAD:a.txt")
    listing = "".join(f"100644 {blob} {stage}\tb.txt\n" for stage in (1, 2, 3))
    subprocess.run(["git", "update-index", "--index-info"], cwd=repository.path, input=listing.encode(), check=True)
    done = hook(repository, "pre-commit")
    assert done.returncode == 3
    assert b"resolve the conflicts" in done.stderr


def test_that_git_names_nothing_is_said(repository: GitRepository) -> None:
    done = hook(repository, "pre-push", "origin", "address")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"names no reference" in done.stdout


@pytest.mark.parametrize("name", ["pre-push", "pre-receive"])
def test_a_terminal_is_no_list_of_references(repository: GitRepository, name: str) -> None:
    master, slave = pty.openpty()
    words = [sys.executable, "-m", "gatekeeper", "hook", name, "origin", "address"]
    done = subprocess.run(words, cwd=repository.path, stdin=slave, capture_output=True, check=False)
    os.close(slave)
    os.close(master)
    assert done.returncode == 2
    assert b"gatekeeper run --from A --to B" in done.stderr


@pytest.mark.parametrize("name", ["pre-push", "pre-receive"])
@pytest.mark.parametrize(("text", "code"), [(b"", 0), (b"\n", 0), (b"rubbish\n", 3), (b"\xff\n", 3)])
def test_what_git_says_is_understood_or_refused(repository: GitRepository, name: str, text: bytes, code: int) -> None:
    repository.commit({"a.txt": "1\n"})
    assert hook(repository, name, "origin", "address", stdin=text).returncode == code


def test_a_closed_input_is_no_pass(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    script = f"exec '{sys.executable}' -m gatekeeper hook pre-push origin address <&-"
    done = subprocess.run(["sh", "-c", script], cwd=repository.path, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr


def test_a_branch_whose_name_is_no_utf_8_is_judged(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": "gates: {review: off, coverage: off, tests: off, docs: off}\n"})
    head = repository.git("rev-parse", "HEAD").encode()
    name = b"refs/heads/\xe4\x1b[31m"
    done = hook(repository, "pre-push", "origin", "a", stdin=b"%s %s %s %s\n" % (name, head, name, b"0" * 40))
    assert done.returncode == 0, done.stderr
    assert b"\x1b[31m" not in done.stdout
