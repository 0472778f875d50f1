"""The edge to Git: what it finds, and what a hostile repository cannot make it run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gatekeeper.edges.changes import differing, read_change
from gatekeeper.edges.git import GitError, find_repository
from gatekeeper.edges.index import index_tree, worktree_tree
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.model.errors import UsageError
from gatekeeper.model.report import Exit
from tests.repository import GitRepository


def test_a_repository_is_found_from_a_folder_inside(repository: GitRepository) -> None:
    repository.write("deep/er/a.py", "1")
    found = find_repository(str(repository.path / "deep" / "er"))
    assert found.top == str(repository.path)
    assert found.git_dir == found.common_dir == str(repository.path / ".git")


def test_a_linked_worktree_shares_the_common_folder(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({"a.py": "1"})
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    found = find_repository(str(tmp_path / "linked"))
    assert found.top == str(tmp_path / "linked")
    assert found.common_dir == str(repository.path / ".git")
    assert found.git_dir != found.common_dir


def test_a_bare_repository_has_no_working_tree(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    assert find_repository(str(tmp_path / "bare")).top is None


def test_outside_of_a_repository_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not in a Git repository") as caught:
        find_repository(str(tmp_path))
    assert caught.value.message == f"{tmp_path} is not in a Git repository"  # and not the same again in Git's words
    assert caught.value.hint == "run Gatekeeper inside a repository, or name one with -C"


def test_a_repository_of_another_user_is_told_as_what_it_is(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # Git's own switch for this
    monkeypatch.delenv("GIT_CONFIG_COUNT", raising=False)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    with pytest.raises(GitError, match="belongs to another user") as caught:
        find_repository(str(repository.path))
    assert caught.value.hint.endswith(f"git config --global --add safe.directory {repository.path}")
    assert caught.value.exit_code == Exit.COULD_NOT_CHECK


def test_a_folder_that_is_not_there_never_means_the_current_one(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.path)
    for name in ("nowhere", "a.py"):
        repository.write("a.py", "1")
        with pytest.raises(UsageError, match=f"there is no folder {repository.path}/{name}"):
            find_repository(name)


def test_commits_are_told_together_as_each_alone(repository: GitRepository) -> None:
    first, second = repository.commit({"a.py": "1"}), repository.commit({"a.py": "2"})
    repository.git("tag", "-a", "-m", "x", "v1", first)
    edge = repository.edge
    asked = ("HEAD", "v1", "HEAD~1", "nothing", "HEAD~1..HEAD", "^HEAD", "HEAD^!", "HEAD:a.py", "--all", "")
    for one in asked:
        for other in asked:
            assert edge.commits(one, other) == (edge.commit(one), edge.commit(other)), (one, other)
    assert edge.commits("v1", "HEAD") == (first, second)
    assert edge.tree(second) == repository.git("rev-parse", "HEAD^{tree}")


def test_of_each_tree_it_is_told_how_many_paths_differ(repository: GitRepository) -> None:
    trees = []
    for files in ({"a.py": "1", "b/c.py": "1"}, {"a.py": "2"}, {"b/d.py": "1", "b/\n\u00e9.py": "1"}):
        repository.commit(files)
        trees.append(repository.git("rev-parse", "HEAD^{tree}"))
    repository.git("update-index", "--chmod=+x", "a.py")
    trees.append(repository.git("write-tree"))
    asked = [*trees[::-1], "1" * 40]
    expected = {trees[3]: 0, trees[2]: 1, trees[1]: 3, trees[0]: 3}
    assert list(differing(repository.edge, asked, trees[3]).items()) == list(expected.items())
    assert differing(repository.edge, ["1" * 40], trees[3]) == differing(repository.edge, [], trees[3]) == {}


def test_contents_keep_their_order_and_leave_gaps(repository: GitRepository) -> None:
    repository.commit({"a": "one\n", "b": b"\0two", "c": "", "large": "x" * 5000})
    objects = repository.edge.objects("HEAD")
    wanted = [objects["b"], "0" * 40, objects["a"], repository.git("rev-parse", "HEAD"), objects["c"], objects["large"]]
    assert repository.edge.contents(wanted, limit=4096) == [b"\0two", None, b"one\n", None, b"", None]
    assert repository.edge.contents([]) == []


def test_the_index_is_read_and_not_rewritten(repository: GitRepository) -> None:
    repository.commit({"a.py": "1", "deep/b.py": "1"})
    repository.stage({"deep/b.py": "2"})
    before = (repository.path / ".git" / "index").read_bytes()
    tree = index_tree(repository.edge)
    assert (repository.path / ".git" / "index").read_bytes() == before
    assert tree == repository.git("write-tree")


def test_git_is_asked_once_for_the_tree_of_one_index(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TRACE2", str(tmp_path / "notes"))
    repository.commit({"a.py": "1"})
    edge, trees = repository.edge, []
    for number in range(3):
        repository.stage({"a.py": f"another {number}", "b.py": "as long"})
        trees += [index_tree(edge), index_tree(edge)]
        assert trees[-2:] == [repository.git("write-tree")] * 2
    assert len(set(trees)) == 3
    notes = (tmp_path / "notes").read_text().splitlines()
    assert sum(" start " in line and line.endswith(" write-tree") and "--git-dir" in line for line in notes) == 3


def test_the_index_of_a_hook_is_honoured(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit({"a.py": "1"})
    other = repository.path / ".git" / "other-index"
    other.write_bytes((repository.path / ".git" / "index").read_bytes())
    repository.write("new.py", "1")
    repository.git("add", "new.py", env={"GIT_INDEX_FILE": str(other)})
    monkeypatch.setenv("GIT_INDEX_FILE", os.path.relpath(other, repository.path))
    assert "new.py" in repository.edge.names(index_tree(repository.edge))


def test_nothing_that_a_repository_configures_is_run(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"a.txt": "1\n", ".gitattributes": "*.txt diff=evil filter=evil\n"})
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean",
        "filter.evil.smudge", "filter.evil.process", "core.sshCommand", "core.askPass", "core.pager", "core.editor",
    ):  # fmt: skip
        repository.git("config", key, str(script))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    repository.git("config", "core.hooksPath", str(hooks))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    repository.write("a.txt", "2\n")
    for wish in (Wish(staged=True), Wish(worktree=True), Wish(whole=True), Wish(start="HEAD")):
        read_change(repository.edge, find_target(repository.edge, wish))
    assert not mark.exists()


@pytest.fixture
def trap(repository: GitRepository, tmp_path: Path) -> tuple[str, Path]:
    """A program that must not be run, and the file that it would make."""
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    return str(script), mark


def test_no_signature_is_verified_by_a_program_of_the_repository(
    repository: GitRepository, trap: tuple[str, Path]
) -> None:
    script, mark = trap
    repository.commit({"a.py": "1\n"})
    repository.commit({"a.py": "2\n"})
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----"
    head, _, message = repository.git("cat-file", "commit", "HEAD").partition("\n\n")
    signed = repository.write("signed", f"{head}\n{signature}\n\n{message}\n")
    repository.git("update-ref", "HEAD", repository.git("hash-object", "-t", "commit", "-w", str(signed)))
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "gpg.program", script)
    assert find_target(repository.edge, Wish(start="HEAD~1")).message.strip() == "A change"
    assert not mark.exists()


@pytest.mark.parametrize(
    ("key", "url"), [("core.sshCommand", "ssh://host/x"), ("remote.origin.uploadpack", "/nowhere")]
)
def test_a_missing_object_is_not_fetched_by_a_program_of_the_repository(
    repository: GitRepository, trap: tuple[str, Path], key: str, url: str
) -> None:
    script, mark = trap
    repository.commit({"a.py": "1\n"})
    blob = repository.git("rev-parse", "HEAD:a.py")
    repository.stage({"a.py": "2\n"})
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    settings = {"core.repositoryFormatVersion": "1", "extensions.partialClone": "origin"}
    for name, value in {**settings, "remote.origin.promisor": "true", "remote.origin.url": url, key: script}.items():
        repository.git("config", name, value)
    with pytest.raises(GitError):
        read_change(repository.edge, find_target(repository.edge, Wish(staged=True)))
    assert not mark.exists()


def test_a_filter_of_a_submodule_is_not_run(repository: GitRepository, trap: tuple[str, Path], tmp_path: Path) -> None:
    script, mark = trap
    library = GitRepository.create(tmp_path / "library")
    library.commit({"lib.py": "V = 1\n", ".gitattributes": "*.py filter=evil\n"})
    repository.commit({"a.py": "1\n"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "lib")
    repository.git("commit", "--quiet", "--message", "Add the library")
    inner = GitRepository(repository.path / "lib")
    inner.git("config", "filter.evil.clean", script)
    os.utime(inner.path / "lib.py", (1, 1))
    assert worktree_tree(repository.edge) == repository.git("rev-parse", "HEAD^{tree}")
    assert not mark.exists()
    inner.git("config", "--unset", "filter.evil.clean")
    later = inner.commit({"other.py": "1\n"})
    repository.write("new.py", "1\n")
    tree = worktree_tree(repository.edge)
    assert repository.edge.submodules(tree) == (("lib", later),)
    assert "new.py" in repository.edge.names(tree)
    shutil.rmtree(inner.path)
    assert repository.edge.submodules(worktree_tree(repository.edge)) == ()


def test_an_alias_or_a_setting_of_the_user_does_not_disturb_the_reading(repository: GitRepository) -> None:
    repository.commit({"é.py": "1\n"})
    for key, value in {
        "diff.noprefix": "true",
        "color.ui": "always",
        "core.quotePath": "true",
        "diff.renames": "copies",
    }.items():
        repository.git("config", key, value)
    repository.stage({"é.py": "2\n"})
    change = read_change(repository.edge, find_target(repository.edge, Wish()))
    assert [(file.path, sorted(file.added_lines)) for file in change.files] == [("é.py", [1])]
