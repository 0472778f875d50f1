"""Notes on trees: written in one go, found by Git, and lost by no other run that writes at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.edges.verdict_notes import REFERENCE, add_note, read_notes
from tests.repository import GitRepository

WHEN = 1_700_000_000


def add(repository: GitRepository, tree: str, line: str, environment: dict[str, str] | None = None) -> str:
    return add_note(repository.edge, tree, lambda text: f"{text}{line}\n", WHEN, environment or {})


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
def test_a_note_is_on_the_tree_where_git_finds_it(tmp_path: Path, options: tuple[str, ...]) -> None:
    repository = GitRepository.create(tmp_path / "repository", *options)
    assert read_notes(repository.edge) == {}
    repository.commit({"a.txt": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    repository.git("config", "transfer.unpackLimit", "1")
    before = repository.state()
    assert add(repository, tree, "one") == ""
    assert add(repository, tree, "two") == ""
    assert repository.git("notes", "--ref=gatekeeper", "show", "HEAD^{tree}") == "one\ntwo"
    assert repository.git("log", "-1", "--format=%an %ae %ct", REFERENCE) == f"Gatekeeper gatekeeper@localhost {WHEN}"
    assert read_notes(repository.edge)[tree].split() == ["one", "two"]
    assert repository.state() == before
    assert repository.git("fsck", "--strict") == ""
    assert not list((repository.path / ".git" / "objects" / "pack").iterdir())


def test_a_note_that_git_keeps_in_another_place_is_added_to(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    repository.git("notes", "--ref=gatekeeper", "add", "-m", "by hand", tree)  # lies flat, as long as there are few
    assert add(repository, tree, "ours") == ""
    assert repository.git("notes", "--ref=gatekeeper", "show", tree) == "by hand\nours"
    assert repository.git("ls-tree", "-r", "--name-only", REFERENCE) == f"{tree[:2]}/{tree[2:]}"
    repository.git("notes", "--ref=gatekeeper", "append", "-m", "by hand again", tree)
    assert add(repository, tree, "and again") == ""
    assert "by hand again" in read_notes(repository.edge)[tree]


def test_notes_of_two_clones_merge(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({"a.txt": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    add(repository, tree, "here")
    repository.git("clone", "--quiet", str(repository.path), str(tmp_path / "other"))
    other = GitRepository(tmp_path / "other")
    add(other, tree, "there")
    other.git("fetch", "--quiet", "origin", "refs/notes/gatekeeper:refs/notes/origin/gatekeeper")
    other.git("notes", "--ref=gatekeeper", "merge", "--strategy=cat_sort_uniq", "origin/gatekeeper")
    assert read_notes(other.edge)[tree].split() == ["here", "there"]
    other.git("push", "--quiet", "origin", "refs/notes/gatekeeper")
    assert read_notes(repository.edge)[tree].split() == ["here", "there"]


def test_nothing_is_written_where_there_is_nothing_to_say_or_a_push_is_received(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    assert add_note(repository.edge, tree, lambda text: None, WHEN, {}) == ""
    assert add(repository, tree, "x", {"GIT_QUARANTINE_PATH": "/somewhere"}) == ""
    assert repository.git("for-each-ref", "refs/notes") == ""


def test_a_reference_that_is_locked_is_told_and_nothing_is_lost(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    add(repository, tree, "one")
    lock = repository.path / ".git" / f"{REFERENCE}.lock"
    lock.write_bytes(b"")
    assert "lock" in add(repository, tree, "two")
    assert not list((repository.path / ".git").glob("fast_import_crash_*"))
    lock.unlink()
    assert add(repository, tree, "three") == ""
    assert read_notes(repository.edge)[tree].split() == ["one", "three"]


def test_a_reference_that_is_no_commit_is_told(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    repository.git("update-ref", REFERENCE, repository.git("rev-parse", "HEAD:a.txt"))
    assert add(repository, repository.git("rev-parse", "HEAD^{tree}"), "x")
    assert read_notes(repository.edge) == {}


def test_a_branch_by_the_name_of_the_notes_is_not_moved(repository: GitRepository) -> None:
    commit = repository.commit({"a.txt": "1\n"})
    repository.git("symbolic-ref", REFERENCE, "refs/heads/main")
    assert "another name" in add(repository, repository.git("rev-parse", "HEAD^{tree}"), "one")
    assert repository.git("rev-parse", "main") == commit


def test_bytes_of_others_stay(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    note = repository.write("note", b"\xff\xfe by Ada\n")
    repository.git(
        "notes", "--ref=gatekeeper", "add", "-C", repository.git("hash-object", "-w", str(note)), "HEAD^{tree}"
    )
    assert add(repository, repository.git("rev-parse", "HEAD^{tree}"), "one") == ""
    shown = subprocess.run(
        ["git", "notes", "--ref=gatekeeper", "show", "HEAD^{tree}"],
        cwd=repository.path, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert shown == b"\xff\xfe by Ada\none\n"


def test_a_hook_on_references_and_a_signing_program_are_not_started(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    hook = repository.write(".git/hooks/reference-transaction", "#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    repository.git("config", "commit.gpgSign", "true")
    repository.git("config", "gpg.program", str(hook))
    assert add(repository, repository.git("rev-parse", "HEAD^{tree}"), "x") == ""
    assert not list(repository.path.rglob("ran"))


def test_several_at_once_lose_no_line(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    program = (
        "import sys; from gatekeeper.edges.git import find_repository\n"
        "from gatekeeper.edges.verdict_notes import add_note\n"
        "for number in range(5):\n"
        "    line = f'{sys.argv[2]}-{number}\\n'\n"
        "    trouble = add_note(find_repository('.'), sys.argv[1], lambda text: text + line, 1, {})\n"
        "    assert not trouble, trouble\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    start = [sys.executable, "-c", program, tree]
    writers = [subprocess.Popen([*start, name], cwd=repository.path, env=env) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(read_notes(repository.edge)[tree].split()) == [f"{w}-{n}" for w in "abc" for n in range(5)]
