"""Bringing the user's branch, index and files forward: all of it, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.edges.apply_head import apply_to_user
from gatekeeper.edges.apply_journal import place_of
from gatekeeper.edges.apply_steps import recover_apply
from gatekeeper.model.errors import GatekeeperError
from tests.repository import GitRepository

BASE: dict[str, str | bytes] = {
    "src/a.py": "a = 1\n", "src/gone.py": "gone\n", "old/only.txt": "x\n", "file": "was a file\n", "dir/x": "x\n",
    "keep.txt": "keep\n", "run": "#!/bin/sh\n",
}  # fmt: skip


class Ground:
    """A repository on main, and a commit with work that stands on it."""

    def __init__(self, repository: GitRepository) -> None:
        self.repository = repository
        self.base = repository.commit(BASE)
        repository.git("checkout", "--quiet", "--detach")
        repository.git("rm", "-rq", "src/gone.py", "old", "file", "dir")
        repository.stage({"src/a.py": "a = 2\n", "new/deep/b.py": "b = 1\n", "file/inner": "i\n", "dir": "a file\n"})
        (repository.path / "link").symlink_to("src/a.py")
        (repository.path / "run").chmod(0o755)
        repository.git("add", "--all")
        repository.git("commit", "--quiet", "--message", "work")
        self.work = repository.git("rev-parse", "HEAD")
        repository.git("checkout", "--quiet", "main")

    def apply(self) -> tuple[str, ...]:
        """Apply the work."""
        return apply_to_user(self.repository.edge, self.base, self.work)

    def assert_applied(self) -> None:
        """Everything is as if Git had merged it."""
        assert self.repository.git("rev-parse", "refs/heads/main") == self.work
        assert self.repository.git("symbolic-ref", "HEAD") == "refs/heads/main"
        assert self.repository.git("diff", "HEAD", "--stat") == ""
        assert not (self.repository.path / "old").exists()
        assert self.leftovers() == []

    def leftovers(self) -> list[str]:
        """What is not to be there afterwards."""
        home = place_of(self.repository.edge).parent
        found = [each.name for each in home.glob("apply*") if each.name != "apply.lock"]
        return found + [each.name for each in self.repository.path.glob(".git/*.lock")]


@pytest.fixture
def ground(repository: GitRepository) -> Ground:
    return Ground(repository)


def test_branch_index_and_files_move_together(ground: Ground) -> None:
    assert ground.apply() == ()
    ground.assert_applied()
    assert ground.repository.git("status", "--porcelain") == ""
    assert (ground.repository.path / "link").is_symlink()
    assert os.access(ground.repository.path / "run", os.X_OK)
    assert "gatekeeper: apply" in ground.repository.git("reflog", "-1", "HEAD")


def test_edits_elsewhere_stay(ground: Ground) -> None:
    ground.repository.write("keep.txt", "edited\n")
    ground.repository.stage({"staged.txt": "staged\n"})
    ground.repository.write("loose.txt", "loose\n")
    ground.apply()
    status = ground.repository.git("status", "--porcelain").splitlines()
    assert sorted(line.strip() for line in status) == ["?? loose.txt", "A  staged.txt", "M keep.txt"]
    assert (ground.repository.path / "keep.txt").read_text() == "edited\n"


def test_a_detached_head_moves_alone(ground: Ground) -> None:
    ground.repository.git("checkout", "--quiet", "--detach")
    ground.apply()
    assert ground.repository.git("rev-parse", "HEAD") == ground.work
    assert ground.repository.git("rev-parse", "main") == ground.base


def _edit(path: Path) -> None:
    (path / "src/a.py").write_text("a = 'mine'\n")


def _edit_unseen(path: Path) -> None:
    subprocess.run(["git", "update-index", "--assume-unchanged", "src/a.py"], cwd=path, check=True)
    _edit(path)


def _stage(path: Path) -> None:
    _edit(path)
    subprocess.run(["git", "add", "src/a.py"], cwd=path, check=True)
    (path / "src/a.py").write_text("a = 1\n")


def _remove(path: Path) -> None:
    (path / "src/a.py").unlink()


def _new_in_the_way(path: Path) -> None:
    (path / "new/deep").mkdir(parents=True)
    (path / "new/deep/b.py").write_text("mine\n")


def _ignored_in_the_way(path: Path) -> None:
    (path / ".git/info/exclude").write_text("new/\n")
    _new_in_the_way(path)


def _file_for_a_folder(path: Path) -> None:
    (path / "new").write_text("mine\n")


def _more_in_the_folder(path: Path) -> None:
    (path / "dir/mine").write_text("mine\n")


def _link_for_a_folder(path: Path) -> None:
    (path / "new").symlink_to("/tmp")


@pytest.mark.parametrize(
    ("meddle", "named"),
    [
        (_edit, "src/a.py has edits of yours"),
        (_edit_unseen, "src/a.py has edits of yours"),
        (_stage, "src/a.py has edits of yours"),
        (_remove, "src/a.py has edits of yours"),
        (_new_in_the_way, "new/deep/b.py would be overwritten"),
        (_ignored_in_the_way, "new/deep/b.py would be overwritten"),
        (_file_for_a_folder, "new would be overwritten"),
        (_more_in_the_folder, "dir/mine would be overwritten"),
        (_link_for_a_folder, "new would be overwritten"),
    ],
)
def test_what_the_user_has_done_there_is_named_and_stays(ground: Ground, meddle: object, named: str) -> None:
    assert callable(meddle)
    meddle(ground.repository.path)
    before = ground.repository.state()
    with pytest.raises(GatekeeperError, match=named):
        ground.apply()
    assert ground.repository.state() == before
    assert ground.leftovers() == []


def test_a_head_that_moved_is_refused(ground: Ground) -> None:
    ground.repository.commit({"other": "x\n"})
    before = ground.repository.state()
    with pytest.raises(GatekeeperError, match="HEAD has moved since the run began"):
        ground.apply()
    assert ground.repository.state() == before


def test_what_does_not_come_after_head_is_refused(ground: Ground) -> None:
    apart = ground.repository.git("commit-tree", f"{ground.work}^{{tree}}", "-m", "apart")
    with pytest.raises(GatekeeperError, match="does not come after"):
        apply_to_user(ground.repository.edge, ground.base, apart)


def test_a_merge_under_way_is_refused(ground: Ground) -> None:
    (ground.repository.path / ".git/MERGE_HEAD").write_text(f"{ground.work}\n")
    with pytest.raises(GatekeeperError, match="a merge is under way"):
        ground.apply()


def test_nothing_that_the_repository_configures_is_run(ground: Ground, tmp_path: Path) -> None:
    mark, hooks = tmp_path / "ran", tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-merge", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {mark}\n")
        (hooks / name).chmod(0o755)
    (ground.repository.path / ".git/info/attributes").write_text("* filter=x\n")
    for name, value in (("core.hooksPath", str(hooks)), ("filter.x.smudge", f"echo smudge >> {mark}; cat")):
        ground.repository.git("config", name, value)
    ground.apply()
    assert not mark.exists()


# Dies after the step of this name, as if it were killed there; the rename within one step counts as two steps.
_DYING = """
import os, sys
from pathlib import Path
from gatekeeper.edges import apply_head, apply_steps
from gatekeeper.edges.apply_head import _prepare, _refuse_edits, changes
from gatekeeper.edges.apply_steps import alone, steps
from gatekeeper.edges.git import find_repository
path, base, work, last, moved = sys.argv[1:]
repository = find_repository(path)
with alone(repository) as (held, draft):
    changed = changes(held, held.tree(base), held.tree(work))
    _refuse_edits(held, changed, draft)
    moves = _prepare(held, changed, (base, work), draft)
    left = int(moved)
    rename = Path.rename
    def counted(self, target):
        global left
        if left == 0:
            os.kill(os.getpid(), 9)
        left -= 1
        return rename(self, target)
    for name, step in steps(held, moves):
        if name == last and int(moved) >= 0:
            Path.rename = counted
        step()
        if name == last:
            os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(
    ("last", "moved", "done"),
    [
        ("lock", -1, False), ("verify", -1, False),
        *(("move aside", number, False) for number in (0, 1, 3, -1)),
        *(("move in", number, False) for number in (1, 2, 4, -1)),
        ("branch", -1, True), ("index", -1, True), ("clear", 0, True),
    ],
)  # fmt: skip
def test_a_kill_leaves_all_of_it_or_nothing(ground: Ground, last: str, moved: int, done: bool) -> None:
    before = ground.repository.state()
    argv = [sys.executable, "-c", _DYING, str(ground.repository.path), ground.base, ground.work, last, str(moved)]
    ended = subprocess.run(argv, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    told = recover_apply(ground.repository.edge)
    assert ("completed" if done else "taken back") in told
    if done:
        ground.assert_applied()
    else:
        assert ground.repository.state() == before
        assert ground.leftovers() == []
        ground.apply()
        ground.assert_applied()
    assert recover_apply(ground.repository.edge) == ""


def test_an_edit_after_the_kill_stays(ground: Ground) -> None:
    argv = [sys.executable, "-c", _DYING, str(ground.repository.path), ground.base, ground.work, "move in", "-1"]
    subprocess.run(argv, capture_output=True, check=False)
    ground.repository.write("src/a.py", "a = 'mine'\n")
    with pytest.raises(GatekeeperError, match=r"src/a\.py has been edited since, and stays as it is"):
        recover_apply(ground.repository.edge)
    assert (ground.repository.path / "src/a.py").read_text() == "a = 'mine'\n"
    assert (ground.repository.path / "src/gone.py").read_text() == "gone\n"
    assert ground.repository.git("rev-parse", "HEAD") == ground.base
    assert recover_apply(ground.repository.edge) == ""


def test_a_journal_that_leads_elsewhere_is_not_followed(ground: Ground) -> None:
    place = place_of(ground.repository.edge)
    place.mkdir(parents=True)
    (place / "manifest.json").write_text(
        '{"ends": ["a", "b"], "files": [["../../x", "", "y"]], "made": [], "index": ""}'
    )
    with pytest.raises(GatekeeperError, match="neither completed nor taken back"):
        recover_apply(ground.repository.edge)


def test_a_locked_index_is_told_and_nothing_is_changed(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.edges.apply_steps.PATIENCE", 0.1)
    lock = ground.repository.path / ".git/index.lock"
    lock.touch()
    before = ground.repository.state()
    with pytest.raises(GatekeeperError, match="the index is locked"):
        ground.apply()
    assert lock.exists()
    lock.unlink()
    assert ground.repository.state() == before
    assert ground.leftovers() == []
