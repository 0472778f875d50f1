"""What agents do to the branches of the user is named, and put back where it is proven."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.user_refs import moved_refs, snapshot_refs
from gatekeeper.edges.worktrees import Worktrees
from tests.repository import GitRepository

NOW = datetime(2026, 11, 22, 19, 30, 12, tzinfo=UTC)


class Ground:
    """A repository with an orchestration, whose agent has a commit of its own."""

    def __init__(self, repository: GitRepository) -> None:
        self.repository = repository
        self.base = repository.commit({"a.py": "a = 1\n"})
        repository.git("branch", "other")
        self.run = RunFolder.create(repository.edge, NOW)
        self.worktrees = Worktrees(repository.edge, self.run)
        snapshot_refs(repository.edge, self.run)
        self.place = self.worktrees.make("work", 1, self.base)
        (self.place / "a.py").write_text("a = 2\n")
        self.git("commit", "-qam", "mine")
        self.tip = self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        """Run Git as the agent does."""
        return subprocess.run(
            ["git", *arguments], cwd=self.place, check=True, capture_output=True, text=True
        ).stdout.strip()

    def told(self) -> tuple[str, ...]:
        """What is told after the work was collected and its worktree removed."""
        self.worktrees.collect("work", 1, ("**",), (), "Work")
        self.worktrees.remove("work", 1)
        return moved_refs(self.repository.edge, self.run)


@pytest.fixture
def ground(repository: GitRepository) -> Ground:
    return Ground(repository)


def test_where_nothing_moved_nothing_is_told(ground: Ground) -> None:
    assert ground.told() == ()


@pytest.mark.parametrize("command", [("update-ref", "refs/heads/main"), ("branch", "-f", "other")])
def test_a_branch_that_an_agent_moved_is_put_back(ground: Ground, command: tuple[str, ...]) -> None:
    ground.git(*command, ground.tip)
    name = command[-1].removeprefix("refs/heads/") if command[0] == "update-ref" else "other"
    (told,) = ground.told()
    kept = f"refs/gatekeeper/orchestrations/{ground.run.name}/moved/heads/{name}"
    assert f"an agent moved refs/heads/{name} from {ground.base[:9]}" in told
    assert ground.repository.git("rev-parse", f"refs/heads/{name}") == ground.base
    assert ground.repository.git("rev-parse", kept) == ground.tip
    assert ground.repository.git("status", "--porcelain") == ""
    assert moved_refs(ground.repository.edge, ground.run) == ()


def test_a_branch_that_an_agent_made_is_taken_away_and_kept(ground: Ground) -> None:
    ground.git("checkout", "-q", "-b", "feature")
    (told,) = ground.told()
    assert "an agent made refs/heads/feature; it was removed" in told
    assert ground.repository.git("branch", "--list", "feature") == ""


def test_what_the_user_commits_meanwhile_is_the_users(ground: Ground) -> None:
    own = ground.repository.commit({"b.py": "b = 1\n"})
    assert ground.told() == ()
    assert ground.repository.git("rev-parse", "main") == own


def test_what_the_user_took_over_from_an_agent_stays(ground: Ground) -> None:
    ground.repository.git("merge", "-q", "--ff-only", ground.tip)
    assert ground.told() == ()
    assert ground.repository.git("rev-parse", "main") == ground.tip


def test_what_the_user_does_in_another_worktree_is_the_users(ground: Ground, tmp_path: Path) -> None:
    ground.repository.git("worktree", "add", "-q", str(tmp_path / "mine"), "other")
    GitRepository(tmp_path / "mine").commit({"c.py": "c = 1\n"})
    assert ground.told() == ()


def test_what_cannot_be_proven_is_named_with_the_command(ground: Ground) -> None:
    stranger = ground.repository.git("commit-tree", f"{ground.base}^{{tree}}", "-m", "from nowhere")
    ground.git("branch", "-f", "other", stranger)
    (told,) = ground.told()
    assert f"git update-ref refs/heads/other {ground.base} {stranger}" in told
    assert ground.repository.git("rev-parse", "other") == stranger


def test_a_branch_that_was_removed_is_named(ground: Ground) -> None:
    ground.git("branch", "-D", "other")
    assert ground.told() == (
        f"refs/heads/other was removed during the run; git update-ref refs/heads/other {ground.base} brings it back",
    )


def test_without_logs_nothing_is_put_back(ground: Ground) -> None:
    (ground.repository.path / ".git/logs/HEAD").unlink()
    ground.git("update-ref", "refs/heads/other", ground.tip)
    (told,) = ground.told()
    assert "if that was an agent" in told


def test_a_moved_branch_is_saved_in_a_stash_too(ground: Ground) -> None:
    (ground.place / "a.py").write_text("a = 3\n")
    ground.git("stash")
    told = ground.told()
    assert any("refs/stash was made during the run" in line for line in told)
    assert ground.repository.git("stash", "show", "-p", "stash@{0}").endswith("+a = 3")


def test_it_is_noticed_while_the_agent_is_still_at_work(ground: Ground) -> None:
    ground.git("branch", "-f", "other", ground.tip)
    (told,) = moved_refs(ground.repository.edge, ground.run)
    assert "an agent moved refs/heads/other" in told
    assert ground.told() == ()


def test_the_result_of_another_run_is_nothing_to_tell(ground: Ground) -> None:
    ground.repository.git("branch", "gatekeeper/20261122-193012-0000")
    assert ground.told() == ()
