"""Joining commits without a working tree, and bringing them to the user."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatekeeper.edges.git import GitError
from gatekeeper.edges.integration import make_branch, merge, patch_of_run
from gatekeeper.model.errors import UsageError
from tests.repository import GitRepository

BASE: dict[str, str | bytes] = {"a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "b.txt": "b\n"}


@pytest.fixture(params=["sha1", "sha256"])
def ground(tmp_path: Path, request: pytest.FixtureRequest) -> GitRepository:
    made = GitRepository.create(tmp_path / "repository", f"--object-format={request.param}")
    made.commit(BASE)
    return made


def _side(repository: GitRepository, files: dict[str, str | bytes | None], base: str = "main") -> str:
    """A commit on top of another, without touching the branch main; None removes a file."""
    repository.git("checkout", "--quiet", "--detach", base)
    for name, content in files.items():
        if content is None:
            repository.git("rm", "--quiet", "--", name)
        else:
            repository.stage({name: content})
    repository.git("commit", "--quiet", "--message", "side")
    made = repository.git("rev-parse", "HEAD")
    repository.git("checkout", "--quiet", "main")
    return made


def test_two_sides_are_joined_and_nothing_else_is_touched(ground: GitRepository) -> None:
    base = ground.git("rev-parse", "main")
    one, other = (
        _side(ground, {"a.txt": "one\n2\n3\n4\n5\n6\n7\n8\n9\n"}),
        _side(ground, {"c.txt": "c\n", "b.txt": None}),
    )
    ground.write("a.txt", "an edit of the user\n")
    before = ground.state()
    joined = merge(ground.edge, one, other, base, "Join them\n\nRun: x")
    assert joined.conflicts == ()
    assert ground.git("rev-parse", f"{joined.commit}^{{tree}}") == joined.tree
    assert ground.git("log", "-1", "--format=%P%n%B", joined.commit) == f"{one} {other}\nJoin them\n\nRun: x"
    assert ground.git("ls-tree", "--name-only", joined.commit).split() == ["a.txt", "c.txt"]
    assert ground.state() == before


def test_a_conflict_names_its_paths_and_makes_no_commit(ground: GitRepository) -> None:
    base = ground.git("rev-parse", "main")
    one, other = _side(ground, {"a.txt": "one\n", "b.txt": "x\n"}), _side(ground, {"a.txt": "other\n", "b.txt": None})
    joined = merge(ground.edge, one, other, base, "Join")
    assert (joined.commit, joined.tree, joined.conflicts) == ("", "", ("a.txt", "b.txt"))


def test_the_base_given_is_the_base(ground: GitRepository) -> None:
    """Two roots without a common history, as where an agent's work was saved on its own."""
    base = ground.git("rev-parse", "main")
    one, other = _side(ground, {"c.txt": "c\n"}), _side(ground, {"d.txt": "d\n"})
    rootless = ground.git("commit-tree", f"{other}^{{tree}}", "-m", "no parent")
    joined = merge(ground.edge, one, rootless, base, "Join")
    assert ground.git("ls-tree", "--name-only", joined.commit).split() == ["a.txt", "b.txt", "c.txt", "d.txt"]


def test_a_side_that_is_the_base_costs_no_merge(ground: GitRepository) -> None:
    base = ground.git("rev-parse", "main")
    one = _side(ground, {"c.txt": "c\n"})
    assert merge(ground.edge, base, one, base, "Join").tree == ground.git("rev-parse", f"{one}^{{tree}}")
    assert merge(ground.edge, one, base, base, "Join").commit == one


@pytest.mark.parametrize("place", ["tree", "info", "untracked"])
def test_a_merge_driver_of_the_repository_is_none(ground: GitRepository, tmp_path: Path, place: str) -> None:
    mark = tmp_path / "ran"
    ground.git("config", "merge.evil.driver", f"echo ran >> {mark}; true")
    ground.git("config", "merge.default", "evil")
    if place == "info":
        (ground.path / ".git/info/attributes").write_text("* merge=evil\n")
    else:
        ground.write(".gitattributes", "* merge=evil\n")
    if place == "tree":
        ground.commit({".gitattributes": "* merge=evil\n"})
    base = ground.git("rev-parse", "main")
    mine = ground.git("stash", "create") or base
    assert mine
    one = _side(ground, {"a.txt": "one\n2\n3\n4\n5\n6\n7\n8\n9\n"}, base)
    other = _side(ground, {"a.txt": "1\n2\n3\n4\n5\n6\n7\n8\nother\n"}, base)
    mark.unlink(missing_ok=True)
    joined = merge(ground.edge, one, other, base, "Join")
    assert ground.git("show", f"{joined.commit}:a.txt").split() == ["one", *"2345678", "other"]
    assert not mark.exists()


def test_a_builtin_driver_of_the_base_holds(ground: GitRepository) -> None:
    base = ground.commit({".gitattributes": "LOG merge=union\n", "docs/.gitattributes": "*.x -merge\n", "LOG": "0\n"})
    one, other = _side(ground, {"LOG": "0\n1\n"}), _side(ground, {"LOG": "0\n2\n"})
    joined = merge(ground.edge, one, other, base, "Join")
    assert ground.git("show", f"{joined.commit}:LOG").split() == ["0", "1", "2"]


def test_a_missing_commit_is_told(ground: GitRepository) -> None:
    base = ground.git("rev-parse", "main")
    one = _side(ground, {"c.txt": "c\n"})
    with pytest.raises(GitError):
        merge(ground.edge, one, "1" * len(base), base, "Join")


def test_names_that_are_not_utf8_conflict_by_their_name(ground: GitRepository) -> None:
    name = b"\xff\nx".decode("utf-8", "surrogateescape")
    base = ground.commit({name: "0\n"})
    one, other = _side(ground, {name: "1\n"}), _side(ground, {name: "2\n"})
    assert merge(ground.edge, one, other, base, "Join").conflicts == (name,)


def test_a_branch_is_made_once_and_never_moved(ground: GitRepository) -> None:
    base = ground.git("rev-parse", "main")
    one = _side(ground, {"c.txt": "c\n"})
    make_branch(ground.edge, "gatekeeper/run", one)
    make_branch(ground.edge, "gatekeeper/run", one)
    assert ground.git("rev-parse", "refs/heads/gatekeeper/run") == one
    with pytest.raises(UsageError, match="the branch gatekeeper/run exists and points to"):
        make_branch(ground.edge, "gatekeeper/run", base)
    assert ground.git("rev-parse", "refs/heads/gatekeeper/run") == one


@pytest.mark.parametrize("name", ["", "-d", "a..b", "HEAD", "@{-1}", "a b", "a\nb", "refs/", ".x", "x.lock", "@"])
def test_what_is_no_name_of_a_branch_is_refused(ground: GitRepository, name: str) -> None:
    before = ground.state()
    with pytest.raises(UsageError, match="is no name for a branch"):
        make_branch(ground.edge, name, ground.git("rev-parse", "main"))
    assert ground.state() == before


def test_the_patch_can_be_applied(ground: GitRepository, tmp_path: Path) -> None:
    base = ground.git("rev-parse", "main")
    work = _side(ground, {"a.txt": "x\r\n", "bin": bytes(range(256)), "b.txt": None, "dir/ü ö": "no newline"})
    ground.git("config", "diff.mnemonicPrefix", "true")
    ground.git("config", "color.ui", "always")
    ground.git("config", "diff.noprefix", "true")
    patch = patch_of_run(ground.edge, base, work)
    done = subprocess.run(["git", "apply", "--index"], input=patch, cwd=ground.path, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert ground.git("write-tree") == ground.git("rev-parse", f"{work}^{{tree}}")
