"""What is judged when this or that is asked for, in every state that a repository can be in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatekeeper.edges.changes import read_change
from gatekeeper.edges.git import find_repository
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.change import ChangeKind
from gatekeeper.model.errors import GatekeeperError, UsageError
from tests.repository import GitRepository


def changed(repository: GitRepository, wish: Wish | None = None) -> list[str]:
    """The paths of the change that a wish names."""
    target = find_target(repository.edge, wish or Wish())
    return sorted(file.path for file in read_change(repository.edge, target).files)


def test_staged_is_the_index_and_not_the_working_tree(repository: GitRepository) -> None:
    repository.commit({"a.py": "a = 1\n", "b.py": "b = 1\n"})
    repository.stage({"a.py": "a = 2\n"})
    repository.write("a.py", "a = 3\n")
    repository.write("b.py", "b = 3\n")
    target = find_target(repository.edge, Wish(staged=True))
    change = read_change(repository.edge, target)
    assert [(file.path, file.text, file.base_text) for file in change.files] == [("a.py", "a = 2\n", "a = 1\n")]


def test_the_first_commit_is_all_new(repository: GitRepository) -> None:
    repository.stage({"a.py": "a = 1\n"})
    change = read_change(repository.edge, find_target(repository.edge, Wish()))
    assert [(file.kind, file.added_lines) for file in change.files] == [(ChangeKind.ADDED, frozenset({1}))]


def test_without_a_wish_staged_goes_before_the_branch_and_the_branch_before_the_working_tree(
    repository: GitRepository,
) -> None:
    repository.commit({"a.py": "1"})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.write("loose.py", "1")
    assert changed(repository) == ["loose.py"]
    repository.commit({"b.py": "1"})
    assert changed(repository) == ["b.py"]
    repository.stage({"c.py": "1"})
    assert changed(repository) == ["c.py"]


def test_base_is_the_merge_base(repository: GitRepository) -> None:
    repository.commit({"a.py": "1"})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"mine.py": "1"}, "Mine\n\nDocs: skip (because)")
    repository.git("switch", "--quiet", "main")
    repository.commit({"theirs.py": "something else\n"})
    repository.git("switch", "--quiet", "topic")
    assert changed(repository, Wish(base="main")) == ["mine.py"]
    assert "Docs: skip (because)" in find_target(repository.edge, Wish(base="main")).message
    assert changed(repository, Wish(start="main", end="topic")) == ["mine.py", "theirs.py"]


def test_a_detached_head_is_as_good_as_a_branch(repository: GitRepository) -> None:
    repository.commit({"a.py": "1"})
    repository.git("switch", "--quiet", "--detach")
    repository.commit({"b.py": "1"})
    assert changed(repository) == ["b.py"]


def test_all_is_every_file(repository: GitRepository) -> None:
    repository.commit({"a.py": "1", "b/c.txt": "2\n3"})
    change = read_change(repository.edge, find_target(repository.edge, Wish(whole=True)))
    assert {file.path: len(file.added_lines) for file in change.files} == {"a.py": 1, "b/c.txt": 2}


def test_a_merge_of_three_is_judged_against_its_first_parent(repository: GitRepository) -> None:
    base = repository.commit({"a.py": "1\n"})
    for name in ("x", "y"):
        repository.git("switch", "--quiet", "--create", name, base)
        repository.commit({f"{name}.py": "1\n"})
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "All", "x", "y")
    assert len(repository.git("rev-list", "--parents", "--max-count=1", "HEAD").split()) == 4
    found = find_repository(str(repository.path))
    target = find_target(found, Wish(start="HEAD^1", end="HEAD"))
    assert [file.path for file in read_change(found, target).files] == ["x.py", "y.py"]


def test_a_merge_in_progress_is_judged_once_it_is_resolved(repository: GitRepository) -> None:
    repository.commit({"a.py": "1\n"})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"a.py": "2\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"a.py": "3\n"})
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "topic")
    with pytest.raises(GatekeeperError, match="unmerged") as caught:
        find_target(repository.edge, Wish(staged=True))
    assert "git add" in caught.value.hint
    repository.stage({"a.py": "4\n"})
    assert changed(repository, Wish(staged=True)) == ["a.py"]
    assert (repository.path / ".git" / "MERGE_HEAD").exists()


def test_a_shallow_clone_without_a_base_could_not_be_checked(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({"a.py": "1"})
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"b.py": "1"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"c.py": "1"})
    clone = tmp_path / "clone"
    url = repository.path.as_uri()
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", "-b", "topic", url, str(clone)], check=True
    )
    shallow = GitRepository(clone)
    with pytest.raises(GatekeeperError, match="no common commit") as caught:
        find_target(shallow.edge, Wish(base="origin/main"))
    assert "fetch-depth: 0" in caught.value.hint
    with pytest.raises(GatekeeperError, match="names no commit"):
        find_target(shallow.edge, Wish(start="HEAD~3"))
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("name", ["--all", "--output=/tmp/x", "-", "main;id", "HEAD:a.py"])
def test_a_hostile_revision_is_a_name_and_nothing_else(repository: GitRepository, name: str) -> None:
    repository.commit({"a.py": "1"})
    with pytest.raises(GatekeeperError, match="names no commit"):
        find_target(repository.edge, Wish(base=name))


def test_to_without_from_is_wrong_usage(repository: GitRepository) -> None:
    repository.commit({"a.py": "1"})
    with pytest.raises(UsageError):
        find_target(repository.edge, Wish(end="HEAD"))


@pytest.mark.parametrize("wish", [Wish(), Wish(staged=True), Wish(worktree=True)])
def test_a_bare_repository_is_never_taken_for_one_from_which_everything_was_deleted(
    repository: GitRepository, tmp_path: Path, wish: Wish
) -> None:
    repository.commit({"a.py": "1\n"})
    subprocess.run(["git", "clone", "-q", "--bare", str(repository.path), str(tmp_path / "bare")], check=True)
    bare = find_repository(str(tmp_path / "bare"))
    with pytest.raises(UsageError, match="a bare repository has no index and no working tree") as caught:
        find_target(bare, wish)
    assert "--from A --to B" in caught.value.hint
    assert find_target(bare, Wish(whole=True)).head_tree == repository.git("rev-parse", "HEAD^{tree}")


def test_the_working_tree_has_untracked_files_and_no_ignored_ones(repository: GitRepository) -> None:
    repository.commit({"a.py": "1", ".gitignore": "secret\n"})
    repository.write("new.py", "1")
    repository.write("secret", "1")
    before = repository.state()
    assert changed(repository, Wish(worktree=True)) == ["new.py"]
    assert find_target(repository.edge, Wish(worktree=True)).kind is TargetKind.WORKTREE
    assert repository.state() == before


def test_names_of_every_kind_come_through(repository: GitRepository) -> None:
    names = [
        "with space.py",
        "tab\there.py",
        "line\nbreak.py",
        '"quoted".py',
        "$(id).py",
        "*.py",
        "-dash.py",
        "é\udcff.py",
    ]
    names.append("back\\slash.py")
    for name in names:
        (repository.path / name).write_text("x = 1\n")
    repository.git("add", "--all")
    assert changed(repository) == sorted(names)


def test_intent_to_add_is_not_in_the_commit(repository: GitRepository) -> None:
    repository.commit({"a.py": "1"})
    repository.write("later.py", "1")
    repository.git("add", "--intent-to-add", "later.py")
    repository.stage({"a.py": "2"})
    assert changed(repository, Wish(staged=True)) == ["a.py"]


def test_a_sha256_repository_works(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "r", "--object-format=sha256")
    repository.stage({"a.py": "1"})
    assert changed(repository) == ["a.py"]
    repository.git("commit", "--quiet", "--message", "one")
    assert changed(repository, Wish(whole=True)) == ["a.py"]


def test_lines_of_a_change(repository: GitRepository) -> None:
    repository.commit({"a.py": "class A:\n    def f(self):\n        return 1\n\n\ndef g():\n    return 2\n"})
    repository.stage({"a.py": "class A:\n    def f(self):\n        return 3\n\n\ndef g():\n    return 2\n"})
    file = read_change(repository.edge, find_target(repository.edge, Wish())).files[0]
    assert (file.base_line(6), file.base_line(3)) == (6, None)
    assert file.added_lines == {3}


@pytest.mark.parametrize("attribute", ["-diff", "binary"])
def test_no_attribute_hides_the_lines_of_a_text_file(repository: GitRepository, attribute: str) -> None:
    repository.commit({"a.py": "a = 1\n", "[b].txt": "one\n", "c.bin": "\0one", "d.py": "d = 1\n" * 30})
    repository.git("mv", "d.py", "e.py")
    repository.stage(
        {
            ".gitattributes": f"* {attribute}\n",
            "a.py": "a = 1\nb = 2\n",
            "[b].txt": "one\ntwo\n",
            "c.bin": "\0two",
            "e.py": "d = 1\n" * 30 + "e = 1\n",
        }
    )
    change = read_change(repository.edge, find_target(repository.edge, Wish()))
    seen = {file.path: (file.binary, sorted(file.added_lines)) for file in change.files}
    assert seen == {
        ".gitattributes": (False, [1]),
        "a.py": (False, [2]),
        "[b].txt": (False, [2]),
        "c.bin": (True, []),
        "e.py": (False, [31]),
    }


def test_no_setting_hides_that_a_submodule_is_another_commit(repository: GitRepository) -> None:
    modules = '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n\tignore = all\n'
    first = repository.commit({".gitmodules": modules})
    for commit in (first, "1" * 40):
        repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},lib")
        repository.git("commit", "--quiet", "--message", "Another commit")
    assert changed(repository, Wish(start="HEAD~1")) == ["lib"]


def test_a_replaced_object_is_judged_as_it_was_committed(repository: GitRepository) -> None:
    repository.commit({"a.py": "a = 1\n"})
    repository.commit({"a.py": "a = 2\n"})
    repository.git("replace", repository.git("rev-parse", "HEAD^{tree}"), repository.git("rev-parse", "HEAD~1^{tree}"))
    assert changed(repository, Wish(start="HEAD~1")) == ["a.py"]
