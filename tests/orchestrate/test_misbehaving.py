"""Agents that misbehave: the user keeps everything, every line is accounted for, nothing runs on, and it is said."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.orchestrate.misbehaving import Misbehaving
from tests.orchestrate.shop import CART, DISCOUNTED
from tests.repository import GitRepository

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what runs on is found by /proc")
WORKED = (CART + DISCOUNTED).strip()


def test_one_that_does_nothing_and_ends_well_has_failed(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "nothing")
    ran = ground.task()
    assert ran.exit == 1, ran.said
    assert "it changed nothing" in ran.said
    assert "not all of the work was done" in ran.said
    ground.assert_untouched()


@pytest.mark.parametrize(
    ("behaviour", "keys", "words"),
    [
        ("hangs", "idle_limit: 1s", "it was stopped after it had shown nothing for"),
        ("talks_for_ever", "time_limit: 2s", "time limit"),
    ],
)
def test_one_that_does_not_end_is_ended_and_its_work_counts(
    repository: GitRepository, behaviour: str, keys: str, words: str
) -> None:
    ground = Misbehaving.open(repository, behaviour, keys)
    ran = ground.task()
    assert ran.exit == 0, ran.said
    assert words in ran.said
    assert repository.git("show", f"{ground.shop.branch()}:src/shop/cart.py") == WORKED
    ground.assert_untouched()


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("floods", "Approved"),
        ("kills_itself", "it was ended by SIGKILL"),
        ("fails_with_work_done", "it ended with exit code 1: cannot reach the model"),
        ("forks_away", "Approved"),
        ("forks_away_bare", "Approved"),
        ("cleans_up", "Approved"),
        ("breaks_its_git", "Approved"),
        ("prunes_worktrees", "Approved"),
    ],
)
def test_what_lies_in_the_worktree_counts_however_it_ended(
    repository: GitRepository, behaviour: str, words: str
) -> None:
    ground = Misbehaving.open(repository, behaviour)
    ran = ground.task()
    assert ran.exit == 0, ran.said
    assert words in ran.said
    assert repository.git("show", f"{ground.shop.branch()}:src/shop/cart.py") == WORKED
    ground.assert_untouched()


def test_one_that_goes_on_writing_is_ended_before_it_is_read(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "writes_on")
    ran = ground.task()
    assert ran.exit in (0, 1), ran.said
    assert ground.saved("src/shop/cart.py") != []
    ground.assert_untouched()


def test_what_lies_outside_its_lane_is_saved_and_not_taken(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "strays")
    ran = ground.task(files=("src/**", "docs/guide.md"))
    assert ran.exit == 0, ran.said
    assert "not taken, since it lies outside its lane: docs/guide.md (of" in ran.said
    assert "setup.cfg" in ran.said
    assert "outside.txt was written beside the worktrees; it lies in" in ran.said
    branch = ground.shop.branch()
    changed = repository.git("diff", "--name-only", "main", branch).split()
    assert changed == ["docs/guide.md", "src/shop/cart.py", "tests/test_discounts.py"]
    assert "Decent" in repository.git("show", f"{branch}:docs/guide.md")
    assert "# Mine" in ground.saved("docs/guide.md")
    assert "[x]" in ground.saved("setup.cfg")
    # there is no sandbox: what it writes elsewhere by whole paths stays where it is
    assert repository.git("status", "--porcelain", "--", "stray.txt") == "?? stray.txt"
    (repository.path / "stray.txt").unlink()
    ground.assert_untouched()


def test_links_lead_nowhere_that_is_taken(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "goes_through_links")
    ran = ground.task(files=("src/**", "docs/guide.md"))
    assert "leads out of the repository" in ran.said
    assert "docs/guide.md" in ran.said
    assert "Decent" in repository.git("show", f"{ground.shop.branch()}:docs/guide.md")
    assert "# Through a link" in ground.saved("docs/guide.md")
    ground.assert_untouched()


def test_branches_that_it_moved_are_put_back_or_named(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "commits")
    gone = repository.git("rev-parse", "gone")
    ran = ground.task()
    assert ran.exit == 0, ran.said
    assert "an agent moved refs/heads/topic" in ran.said
    assert "an agent made refs/tags/v1" in ran.said
    assert f"git update-ref refs/heads/gone {gone} brings it back" in ran.said
    ground.assert_untouched("refs/heads/gone")
    assert ground.references("moved/heads/topic")


def test_one_that_removes_its_worktree_has_nothing_to_show(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "removes_its_worktree")
    ran = ground.task()
    assert ran.exit == 1, ran.said
    assert "removed its worktree" in ran.said
    ground.assert_untouched()


def test_what_it_prints_is_shown_and_not_obeyed(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "talks_dirty")
    ran = ground.task()
    assert ran.exit == 0, ran.said
    assert not {"\x1b", "\x07", "\u202e", "\u2066", "\r"} & set(ran.stdout + ran.stderr)
    printed = (ran.stdout + ran.stderr).splitlines()
    assert not [line for line in printed if line.lstrip().startswith(("::", "##["))]
    assert ran.said.count("Approved: every gate passes") <= 2
    ground.assert_untouched()


def test_it_finds_no_token_that_was_not_named(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("GITHUB_TOKEN", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "MY_SECRET", "SSH_AUTH_SOCK", "GIT_ASKPASS")
    for name in (*names, "HOUSE_KEY"):
        monkeypatch.setenv(name, f"value-of-{name}")
    ground = Misbehaving.open(repository, "looks_for_tokens", "env: [HOUSE_KEY]")
    ran = ground.task()
    assert ran.exit == 0, ran.said
    told = (ground.place / "environment").read_text("utf-8")
    assert "HOUSE_KEY=value-of-HOUSE_KEY" in told
    assert [name for name in names if f"value-of-{name}" in told] == []
    ground.assert_untouched()


def test_what_it_put_into_the_git_folder_is_named_and_holds_the_approval_up(repository: GitRepository) -> None:
    ground = Misbehaving.open(repository, "writes_into_git")
    git_folder = repository.path / ".git"
    ran = ground.task("--apply")
    assert ran.exit == 1, ran.said
    assert "the repository itself was altered while agents were at work" in ran.said
    assert (
        f"{git_folder}/config was changed during the run: alias.st, filter.x.clean; if that was not you: cp" in ran.said
    )
    assert f"{git_folder}/hooks/pre-commit was made during the run; if that was not you: rm" in ran.said
    assert f"{git_folder}/info/attributes was made during the run" in ran.said
    ground.assert_untouched("metadata")
    for command in re.findall(r"if that was not you: ((?:cp -p \S+|rm) \S+)", ran.said):
        subprocess.run(shlex.split(command), check=True)
    ground.assert_untouched()
    again = ground.shop.orchestrate("--resume")
    assert again.exit == 0, again.said
    assert not list(ground.place.rglob("pwned"))
    ground.assert_untouched()
