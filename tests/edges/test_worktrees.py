"""Worktrees of agents: made at once, collected whatever the agent did to them, and removed only once all is saved."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.worktrees import Worktrees, reference
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.orchestration import Landing
from tests.repository import GitRepository

NOW = datetime(2026, 11, 22, 19, 30, 12, tzinfo=UTC)
FILES: dict[str, str | bytes] = {
    "src/a.py": "a = 1\n",
    "src/b.py": "b = 1\n",
    "README.md": "# Hello\n",
    "run.sh": "#\n",
}


class Ground:
    """A repository with an orchestration in it."""

    def __init__(self, repository: GitRepository) -> None:
        self.repository = repository
        self.base = repository.commit(FILES)
        self.run = RunFolder.create(repository.edge, NOW)
        self.worktrees = Worktrees(repository.edge, self.run)

    def make(self, name: str = "work") -> Path:
        """A worktree at the first commit."""
        return self.worktrees.make(name, 1, self.base)

    def collect(self, *lane: str, name: str = "work", litter: tuple[str, ...] = ()) -> Landing:
        """What lay in the worktree."""
        return self.worktrees.collect(name, 1, lane or ("**",), litter, "Do the work")

    def show(self, commit: str, path: str) -> str:
        """A file of a commit."""
        return self.repository.git("show", f"{commit}:{path}")

    def notes(self, name: str = "work") -> str:
        """What was told of what was collected."""
        return "\n".join(self.worktrees.notes(name, 1))

    def names(self, commit: str) -> set[str]:
        """The files of a commit."""
        return set(self.repository.git("ls-tree", "-r", "--name-only", "-z", commit).rstrip("\0").split("\0"))


@pytest.fixture
def ground(repository: GitRepository) -> Ground:
    return Ground(repository)


def _in(place: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True, text=True).stdout.strip()


def test_a_worktree_holds_the_commit_and_is_on_no_branch(ground: Ground) -> None:
    place = ground.make()
    assert (place / "src/a.py").read_text() == "a = 1\n"
    assert _in(place, "status", "--porcelain") == ""
    assert _in(place, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"


def test_sixteen_at_once(ground: Ground) -> None:
    before = ground.repository.state()
    with ThreadPoolExecutor(16) as pool:
        places = list(pool.map(lambda number: ground.make(f"lane-{number}"), range(16)))
    assert all((place / "src/a.py").exists() for place in places)
    for number, place in enumerate(places):
        (place / f"src/new{number}.py").write_text(f"new = {number}\n")
    with ThreadPoolExecutor(16) as pool:
        landings = list(pool.map(lambda number: ground.collect(name=f"lane-{number}"), range(16)))
    assert [landing.files for landing in landings] == [(f"src/new{number}.py",) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: ground.worktrees.remove(f"lane-{number}", 1), range(16)))
    assert not any((ground.run.folder / "worktrees").iterdir())
    assert not Path(ground.repository.path, ".git/worktrees").exists()
    after = ground.repository.state()
    assert (before["files"], before["index"]) == (after["files"], after["index"])


def test_work_is_committed_in_the_name_of_the_user_with_trailers(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\nmore = 1\n")
    (place / "src/b.py").unlink()
    (place / "run.sh").chmod(0o755)
    landing = ground.collect()
    assert landing.files == ("run.sh", "src/a.py", "src/b.py")
    assert (landing.added, landing.removed, landing.outside, landing.saved) == (2, 2, (), landing.commit)
    text = ground.repository.git("log", "-1", "--format=%an <%ae>%n%P%n%B", landing.commit)
    assert text == (
        f"Tester <tester@example.invalid>\n{ground.base}\nDo the work\n\nWorkstream: work\nRun: {ground.run.name}"
    )
    for kind in ("work", "saved"):
        assert ground.repository.git("rev-parse", reference(ground.run.name, "work", 1, kind)) == landing.commit


def test_without_an_identity_it_is_gatekeepers(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.delenv(f"GIT_{name}")
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    landing = ground.collect()
    assert ground.repository.git("log", "-1", "--format=%an %cn", landing.commit) == "Gatekeeper Gatekeeper"


def test_nothing_done_is_no_commit(ground: Ground) -> None:
    ground.make()
    assert ground.collect() == Landing("")
    ground.worktrees.remove("work", 1)
    assert ground.repository.git("for-each-ref", "refs/gatekeeper") == ""


def test_what_lies_outside_the_lane_is_saved_and_not_taken(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    (place / "README.md").write_text("# Mine\n")
    (place / "new.txt").write_text("new\n")
    (place / "run.sh").unlink()
    landing = ground.collect("src/**")
    assert (landing.files, landing.outside) == (("src/a.py",), ("README.md", "new.txt", "run.sh"))
    assert ground.names(landing.commit) == set(FILES)
    assert ground.show(landing.commit, "README.md") == "# Hello"
    assert ground.names(landing.saved) == {"README.md", "new.txt", "src/a.py", "src/b.py"}
    assert ground.show(landing.saved, "README.md") == "# Mine"


def test_only_outside_is_no_commit(ground: Ground) -> None:
    place = ground.make()
    (place / "README.md").write_text("# Mine\n")
    landing = ground.collect("src/**")
    assert (landing.commit, landing.files, landing.outside) == ("", (), ("README.md",))
    assert ground.show(landing.saved, "README.md") == "# Mine"


def test_a_file_in_place_of_a_folder_that_partly_stays_is_outside(ground: Ground) -> None:
    place = ground.make()
    shutil.rmtree(place / "src")
    (place / "src").write_text("a file now\n")
    landing = ground.collect("src", "!src/b.py")
    assert "src" in landing.outside
    assert ground.names(landing.saved) == {"README.md", "run.sh", "src"}
    assert not landing.commit or "src/b.py" in ground.names(landing.commit)


def test_a_folder_in_place_of_a_file(ground: Ground) -> None:
    place = ground.make()
    (place / "run.sh").unlink()
    (place / "run.sh").mkdir()
    (place / "run.sh/inner").write_text("x\n")
    landing = ground.collect()
    assert ground.names(landing.commit) == {"README.md", "run.sh/inner", "src/a.py", "src/b.py"}


def test_litter_and_what_tools_leave_behind_is_no_work(ground: Ground) -> None:
    place = ground.make()
    (place / ".aider.chat.history.md").write_text("talk\n")
    (place / "src/__pycache__").mkdir()
    (place / "src/__pycache__/a.pyc").write_bytes(b"")
    (place / "src/c.py").write_text("c = 1\n")
    landing = ground.collect(litter=(".aider*",))
    assert (landing.files, landing.outside) == (("src/c.py",), ())
    assert ground.names(landing.saved) == {*FILES, "src/c.py"}


def test_own_commits_of_an_agent_count_as_what_lies_there_and_are_not_lost(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    _in(place, "commit", "-qam", "Mine")
    (place / "gone.txt").write_text("committed, then removed\n")
    _in(place, "add", "gone.txt")
    _in(place, "commit", "-qm", "Mine too")
    tip = _in(place, "rev-parse", "HEAD")
    (place / "gone.txt").unlink()
    landing = ground.collect()
    assert landing.files == ("src/a.py",)
    assert ground.repository.git("log", "-1", "--format=%P", landing.commit) == ground.base
    assert ground.repository.git("log", "-1", "--format=%P", landing.saved) == f"{ground.base} {tip}"
    assert "gone.txt" in ground.names(f"{landing.saved}^2")


def _break_link(place: Path) -> None:
    (place / ".git").write_text("gitdir: /nowhere\n")


def _remove_link(place: Path) -> None:
    (place / ".git").unlink()


def _own_repository(place: Path) -> None:
    (place / ".git").unlink()
    _in(place, "init", "--quiet")


def _break_index(place: Path) -> None:
    Path(_in(place, "rev-parse", "--absolute-git-dir"), "index").write_bytes(b"broken")


def _lock_index(place: Path) -> None:
    Path(_in(place, "rev-parse", "--absolute-git-dir"), "index.lock").touch()


def _hide_edits(place: Path) -> None:
    _in(place, "update-index", "--assume-unchanged", "src/a.py")


def _remove_entry(place: Path) -> None:
    shutil.rmtree(_in(place, "rev-parse", "--absolute-git-dir"))


@pytest.mark.parametrize(
    "damage",
    [_break_link, _remove_link, _own_repository, _break_index, _lock_index, _hide_edits, _remove_entry],
)
def test_a_worktree_whose_git_is_damaged_is_saved_all_the_same(ground: Ground, damage: Callable[[Path], None]) -> None:
    place = ground.make()
    damage(place)
    (place / "src/a.py").write_text("a = 2\n")
    (place / "src/c.py").write_text("c = 1\n")
    landing = ground.collect("src/**")
    assert landing.files == ("src/a.py", "src/c.py")
    assert ground.show(landing.commit, "src/a.py") == "a = 2"
    ground.worktrees.remove("work", 1)
    assert not place.exists()
    assert ground.repository.git("worktree", "list").count("\n") == 0


def test_where_what_it_stands_on_is_gone_all_files_are_saved(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    tree = ground.repository.git("rev-parse", f"{ground.base}:src")
    Path(ground.repository.path, ".git/objects", tree[:2], tree[2:]).unlink()
    landing = ground.collect()
    assert landing.commit == ""
    assert "is damaged" in ground.notes()
    assert ground.show(landing.saved, "src/a.py") == "a = 2"
    assert ground.names(landing.saved) == set(FILES)


def test_a_removed_worktree_is_told_and_nothing_is_taken(ground: Ground) -> None:
    place = ground.make()
    shutil.rmtree(place)
    assert ground.collect() == Landing("")
    assert ground.notes() == "the agent has removed its worktree"
    ground.worktrees.remove("work", 1)


def test_a_link_in_place_of_the_worktree_is_not_followed(ground: Ground, tmp_path: Path) -> None:
    place = ground.make()
    shutil.rmtree(place)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("x")
    place.symlink_to(tmp_path / "precious")
    assert ground.collect() == Landing("")
    ground.worktrees.remove("work", 1)
    assert (tmp_path / "precious/file").exists()
    assert not place.is_symlink()


def test_repositories_inside_are_taken_as_files(ground: Ground) -> None:
    place = ground.make()
    for name, commits in (("empty", False), ("full", True)):
        inner = GitRepository.create(place / name)
        inner.write("x\ny.txt", "text\n")
        inner.write("deep/run", "#!/bin/sh\n").chmod(0o755)
        (inner.path / "link").symlink_to("deep//run")
        if commits:
            inner.git("add", ".")
            inner.git("commit", "-qm", "inner")
    landing = ground.collect()
    wanted = {f"{name}/{path}" for name in ("empty", "full") for path in ("x\ny.txt", "deep/run", "link")}
    assert set(landing.files) == wanted
    assert ground.repository.git("ls-tree", landing.commit, "full/deep/run").startswith("100755 blob")
    assert ground.show(landing.commit, "empty/link") == "deep//run"
    assert "empty is a repository of its own" in ground.notes()


def test_names_that_are_not_utf8_links_and_odd_files(ground: Ground) -> None:
    place = ground.make()
    odd = ["-rf", "a\nb.py", "ü.py", os.fsdecode(b"\xff\xfe.py"), ":(top)x", "*.py", " lead", 'quo"te\\']
    for name in odd:
        (place / name).write_text("x\n")
    (place / "out").symlink_to("../../../etc/passwd")
    (place / "fine").symlink_to("src/a.py")
    os.mkfifo(place / "pipe")
    landing = ground.collect()
    assert set(landing.files) == {*odd, "out", "fine"}
    assert "out is a link that leads out of the repository" in ground.notes()
    assert "fine is" not in ground.notes()
    assert "pipe is neither a file nor a link" in ground.notes()


def test_what_was_closed_is_opened_saved_and_removed(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    (place / "closed/inner").mkdir(parents=True)
    (place / "closed/inner/file").write_text("x\n")
    (place / "closed/inner/file").chmod(0)
    (place / "src/a.py").chmod(0)
    (place / "closed/inner").chmod(0)
    (place / "closed").chmod(0)
    landing = ground.collect()
    assert landing.files == ("closed/inner/file", "src/a.py")
    (place / "closed").chmod(0)
    ground.worktrees.remove("work", 1)
    assert not place.exists()


def test_submodules_are_left_alone_and_what_lies_in_them_is_saved(repository: GitRepository, tmp_path: Path) -> None:
    inner = GitRepository.create(tmp_path / "inner")
    inner.commit({"lib.py": "lib = 1\n"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "libs/inner")
    ground = Ground(repository)
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    assert ground.collect().saved != ""
    ground.worktrees.remove("work", 1)
    place = ground.make("other")
    (place / "libs/inner/own.py").write_text("x\n")
    landing = ground.collect(name="other")
    assert (landing.commit, landing.files, landing.outside) == ("", (), ())
    assert ground.show(landing.saved, "libs/inner/own.py") == "x"
    assert "libs/inner is a submodule" in ground.notes("other")


def test_large_files_are_saved_and_not_taken(ground: Ground) -> None:
    place = ground.make()
    with (place / "model.bin").open("wb") as file:
        file.truncate((100 << 20) + 1)
    (place / "src/a.py").write_text("a = 2\n")
    landing = ground.collect()
    assert (landing.files, landing.outside) == (("src/a.py",), ("model.bin",))
    assert "model.bin is larger than 100 MiB" in ground.notes()


def test_nothing_that_the_repository_configures_is_run(ground: Ground, tmp_path: Path) -> None:
    hook = tmp_path / "hooks"
    hook.mkdir()
    mark = tmp_path / "ran"
    for name in ("post-checkout", "pre-commit", "commit-msg", "post-index-change", "reference-transaction"):
        (hook / name).write_text(f"#!/bin/sh\necho {name} >> {mark}\n")
        (hook / name).chmod(0o755)
    ground.repository.git("config", "core.hooksPath", str(hook))
    ground.repository.git("config", "filter.x.smudge", f"sh -c 'echo smudge >> {mark}; cat'")
    ground.repository.git("config", "core.fsmonitor", f"echo fsmonitor >> {mark}")
    place = ground.make()
    # an agent can write the configuration, too
    ground.repository.git("config", "filter.x.clean", f"sh -c 'echo clean >> {mark}; cat'")
    (place / ".gitattributes").write_text("* filter=x\n")
    (place / "src/a.py").write_text("a = 2\n")
    assert ground.collect().commit
    ground.worktrees.remove("work", 1)
    assert not mark.exists()


def test_nothing_is_removed_before_it_was_saved(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    with pytest.raises(GatekeeperError, match="is not saved yet"):
        ground.worktrees.remove("work", 1)
    assert place.exists()
    ground.collect()
    ground.worktrees.remove("work", 1)
    ground.worktrees.remove("work", 1)


def test_an_attempt_is_made_once(ground: Ground) -> None:
    ground.make()
    with pytest.raises(GatekeeperError, match="has a worktree already"):
        ground.make()


def test_a_commit_that_is_none_leaves_nothing_behind(ground: Ground) -> None:
    with pytest.raises(GatekeeperError, match="no worktree could be made"):
        ground.worktrees.make("work", 1, "0" * 40)
    assert not any((ground.run.folder / "worktrees").iterdir())
    assert not Path(ground.repository.path, ".git/worktrees").exists()


def test_a_sweep_saves_and_removes_what_is_left(ground: Ground) -> None:
    first, second = ground.make("one"), ground.make("two")
    (first / "src/a.py").write_text("a = 2\n")
    told = ground.worktrees.sweep()
    saved = reference(ground.run.name, "one", 1, "saved")
    assert [line.split(" saved as")[0] for line in told] == ["one, attempt 1: 1 changed file"]
    assert ground.show(saved, "src/a.py") == "a = 2"
    assert not first.exists()
    assert not second.exists()
    assert ground.worktrees.sweep() == ()


def test_worktrees_of_others_stay(ground: Ground, tmp_path: Path) -> None:
    ground.repository.git("worktree", "add", "--quiet", str(tmp_path / "mine"), "-b", "mine")
    shutil.rmtree(tmp_path / "mine")  # Git would call it prunable
    ground.make()
    ground.collect()
    ground.worktrees.remove("work", 1)
    assert [entry.name for entry in Path(ground.repository.path, ".git/worktrees").iterdir()] == ["mine"]


@pytest.mark.parametrize("kind", ["sha256", "linked", "spaces"])
def test_other_kinds_of_repositories(tmp_path: Path, kind: str) -> None:
    options = ("--object-format=sha256",) if kind == "sha256" else ()
    repository = GitRepository.create(tmp_path / "a folder with spaces", *options)
    if kind == "linked":
        repository.commit({"first": "x\n"})
        repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "linked")
        repository = GitRepository(tmp_path / "linked")
    ground = Ground(repository)
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    landing = ground.collect()
    assert landing.files == ("src/a.py",)
    ground.worktrees.remove("work", 1)
    assert not place.exists()
    assert repository.git("status", "--porcelain") == ""


def test_trailers_stand_together(ground: Ground) -> None:
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    landing = ground.worktrees.collect("work", 1, ("**",), (), "Do it: now\n\nAgent: somebody\n")
    trailers = ground.repository.git("log", "-1", "--format=%(trailers:only)", landing.commit)
    assert trailers == f"Agent: somebody\nWorkstream: work\nRun: {ground.run.name}"


def test_what_git_refuses_to_take_is_saved_as_it_is_and_hinders_nothing_else(ground: Ground) -> None:
    place = ground.make()
    (place / ".gitattributes").write_text(
        "*.txt working-tree-encoding=UTF-16\nREADME.md working-tree-encoding=UTF-16\n"
    )
    (place / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8x")
    (place / "README.md").write_bytes(b"\xff\xfe\x00\xd8x")
    (place / "run.sh").unlink()
    for name in "src/a.py", "new.py", "other.py":
        (place / name).write_text("a = 2\n")
    landing = ground.collect()
    assert landing.files == (".gitattributes", "new.py", "other.py", "run.sh", "src/a.py")
    assert "Git refuses to take bad.txt; it is saved as it is" in ground.notes()
    for name in "bad.txt", "README.md":
        done = subprocess.run(
            ["git", "cat-file", "blob", f"{landing.saved}:{name}"],
            cwd=ground.repository.path,
            capture_output=True,
            check=True,
        )
        assert done.stdout == b"\xff\xfe\x00\xd8x"


def test_an_index_that_a_hook_names_is_not_written(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    index = ground.repository.path / ".git/other-index"
    shutil.copy2(ground.repository.path / ".git/index", index)
    before = index.read_bytes(), ground.repository.state()
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    place = ground.make()
    (place / "src/a.py").write_text("a = 2\n")
    assert ground.collect().files == ("src/a.py",)
    ground.worktrees.remove("work", 1)
    after = ground.repository.state()
    assert (index.read_bytes(), after["index"], after["files"]) == (before[0], before[1]["index"], before[1]["files"])
