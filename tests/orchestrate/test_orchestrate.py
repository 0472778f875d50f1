"""Whole orchestrations through the real command line: tasks, mending, taking over, stopping and going on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.orchestrate.shop import CART, DISCOUNTED, PATIENCE, QUICK, TESTED, Shop
from tests.repository import GitRepository

WHOLE = {"append": {"src/shop/cart.py": DISCOUNTED}, "write": {"tests/test_discounts.py": TESTED}}


@pytest.fixture
def shop(repository: GitRepository, tmp_path: Path) -> Shop:
    """The project, committed on a branch."""
    return Shop.open(repository, tmp_path / "script.json")


@pytest.fixture
def one_gate(shop: Shop) -> None:
    """Leaves one gate to the project, for what is not about gates."""
    roster = shop.repository.git("show", "main:.gatekeeper.yml")
    shop.repository.commit({".gatekeeper.yml": f"{roster}\n{QUICK}"}, "One gate")


def test_work_that_passes_becomes_a_branch_and_nothing_else_changes(shop: Shop, tmp_path: Path) -> None:
    before = shop.repository.state()
    shop.follows(WHOLE)
    ran = shop.task("--files", "src/**", "--patch", str(tmp_path / "all.patch"))
    assert ran.exit == 0, ran.said
    assert "Approved: every gate passes on the integrated tree." in ran.said
    branch = shop.branch()
    assert f"git merge {branch}" in ran.said
    assert shop.repository.git("show", f"{branch}:tests/test_discounts.py") + "\n" == TESTED
    message = shop.repository.git("log", "-1", "--format=%B", f"{branch}^2")
    assert "Workstream: primary" in message
    assert "Run: " in message
    shop.repository.git("update-ref", "-d", f"refs/heads/{branch}")
    after = shop.repository.state()
    assert {**after, "references": []} == {**before, "references": []}
    assert shop.repository.git("rev-parse", "HEAD") == shop.repository.git("rev-parse", "main")
    assert len(shop.worktrees) == 1
    shop.repository.git("apply", "--index", str(tmp_path / "all.patch"))
    assert shop.repository.git("diff", "--cached", "--name-only").split() == [
        "src/shop/cart.py",
        "tests/test_discounts.py",
    ]


def test_what_the_gates_block_goes_back_and_is_mended(shop: Shop) -> None:
    shop.follows(
        {"when": ["Mend what quality gates found"], "write": {"tests/test_discounts.py": TESTED}},
        {"append": {"src/shop/cart.py": DISCOUNTED}},
    )
    ran = shop.task("--files", "src/**")
    assert ran.exit == 0, ran.said
    assert "iteration 1 of 3: 1 finding to mend" in ran.said
    assert "Approved" in ran.said


def test_what_is_never_mended_is_handed_over_and_can_be_resumed(shop: Shop) -> None:
    shop.follows(
        {"when": ["Mend what quality gates found"]},
        {"append": {"src/shop/cart.py": DISCOUNTED}},
    )
    ran = shop.task("--files", "src/**")
    assert ran.exit == 1, ran.said
    assert "Needs you" in ran.said
    assert "of 2 changed lines are run by tests" in ran.said
    assert "src/shop/cart.py:" in ran.said.partition("What remains")[2]
    assert "gatekeeper orchestrate --resume" in ran.said
    assert len(shop.worktrees) == 1
    shop.follows({"when": ["Mend what quality gates found"], "write": {"tests/test_discounts.py": TESTED}})
    again = shop.orchestrate("--resume")
    assert again.exit == 0, again.said
    assert "Approved" in again.said
    assert shop.repository.git("show", f"{shop.branch()}:src/shop/cart.py") + "\n" == CART + DISCOUNTED


def test_commits_are_mended_and_taken_over(shop: Shop) -> None:
    shop.repository.git("switch", "--quiet", "--create", "topic")
    shop.repository.commit({"src/shop/cart.py": CART + DISCOUNTED}, "Add discounts")
    (shop.repository.path / "notes.txt").write_text("mine, and in no commit\n")
    shop.follows({"when": ["Mend what quality gates found"], "write": {"tests/test_discounts.py": TESTED}})
    ran = shop.orchestrate("--fix", "--base", "main", "--agent", "scripted", "--apply")
    assert ran.exit == 0, ran.said
    assert shop.repository.git("rev-parse", "topic") == shop.repository.git("rev-parse", shop.branch())
    assert (shop.repository.path / "tests/test_discounts.py").read_text() == TESTED
    assert shop.repository.git("status", "--porcelain") == "?? notes.txt"


@pytest.mark.usefixtures("one_gate")
def test_lanes_in_conflict_are_joined_by_working_again(shop: Shop) -> None:
    """Both write the same new document, which neither owns."""
    shop.follows(
        {"when": ["could not be"], "append": {"docs/news.md": "- A guide.\n"}, "write": {"docs/more.md": "# More\n"}},
        {"when": ["that you may change>\nsrc/**"], "write": {
            "docs/news.md": "# News\n\n- Discounts.\n", "tests/test_discounts.py": TESTED,
        }, "append": {"src/shop/cart.py": DISCOUNTED}},
        {"write": {"docs/news.md": "# News\n\n- A guide.\n", "docs/guide.md": "# Guide\n\n`discounted` too.\n"}},
    )  # fmt: skip
    ran = shop.task("--files", "src/**", "docs/guide.md")
    assert ran.exit == 0, ran.said
    assert "docs/news.md" in ran.said
    news = shop.repository.git("show", f"{shop.branch()}:docs/news.md")
    assert news == "# News\n\n- Discounts.\n- A guide."


def test_a_rehearsal_starts_nothing(shop: Shop) -> None:
    shop.follows(WHOLE)
    before = shop.repository.state()
    ran = shop.task("--files", "src/**", "--dry-run")
    assert ran.exit == 0, ran.said
    assert "Who would be started" in ran.stdout
    assert "scripted.py" in ran.stdout
    assert shop.repository.state() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("one_gate")
def test_an_interrupt_loses_nothing_and_it_goes_on(shop: Shop, number: signal.Signals, tmp_path: Path) -> None:
    shop.follows({**WHOLE, "until": str(tmp_path / "go")})
    before = shop.repository.state()["files"]
    argv = shop.argv("--task", "Add discounts to the cart", "--files", "src/**", "--agent", "scripted")
    run = subprocess.Popen(argv, cwd=shop.repository.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout is not None
    deadline = time.monotonic() + PATIENCE
    while "working  primary" not in run.stdout.readline():
        assert time.monotonic() < deadline
    run.send_signal(number)
    said = "".join(run.communicate(timeout=PATIENCE))
    assert run.returncode == 130, said
    assert "gatekeeper orchestrate --resume" in said
    assert len(shop.worktrees) == 1
    saved = shop.repository.git("for-each-ref", "--format=%(refname)", "refs/gatekeeper/orchestrations").split()
    (place,) = [name for name in saved if name.endswith("/saved")]
    assert shop.repository.git("show", f"{place}:tests/test_discounts.py") + "\n" == TESTED
    assert shop.repository.state()["files"] == before
    (tmp_path / "go").touch()
    again = shop.orchestrate("--resume")
    assert again.exit == 0, again.said


@pytest.mark.usefixtures("one_gate")
def test_an_interrupt_when_all_is_approved(shop: Shop, tmp_path: Path) -> None:
    """Nobody takes the patch, so that the run stands where it brings the result to the user."""
    shop.follows(WHOLE)
    os.mkfifo(tmp_path / "all.patch")
    argv = shop.argv("--task", "Add discounts to the cart", "--files", "src/**", "--agent", "scripted")
    argv += ["--patch", str(tmp_path / "all.patch")]
    run = subprocess.Popen(argv, cwd=shop.repository.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + PATIENCE
    while not shop.repository.git("for-each-ref", "refs/heads/gatekeeper"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)
    run.send_signal(signal.SIGTERM)
    said = "".join(run.communicate(timeout=PATIENCE))
    assert run.returncode == 130, said
    assert "all that the agents had done is saved\n  go on with: gatekeeper orchestrate --resume" in said
    again = shop.orchestrate("--resume")
    assert again.exit == 0, again.said
    assert "discounted" in shop.repository.git("show", f"{shop.branch()}:src/shop/cart.py")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing is named that is to be done"),
        (["--task", "x", "--fix"], "only one thing can be done at a time"),
        (["--task", "x", "--base", "main"], "--base belongs to --fix"),
        (["--fix", "--files", "src"], "--files belongs to --task"),
        (["--task", "x", "--agent", "nobody"], 'no shipped description of an agent named "nobody"'),
        (["--resume"], "there is no run here"),
        (["--fix", "--base", "main"], "HEAD has nothing that"),
        (["--task", "x", "--patch", "nowhere/all.patch"], "there is no folder for nowhere/all.patch"),
        (["--task", "x", "--agents", "0"], "a whole number from 1 to 256 is wanted"),
    ],
)
def test_what_cannot_be_asked_for(shop: Shop, arguments: list[str], words: str) -> None:
    ran = shop.orchestrate(*arguments)
    assert ran.exit == 2, ran.said
    assert words in ran.said


def test_an_agent_without_a_program(repository: GitRepository, tmp_path: Path) -> None:
    shop = Shop.open(repository, tmp_path / "script.json", "jobs: 2\n")
    ran = shop.orchestrate("--task", "Add discounts", "--files", "src/**")
    assert ran.exit == 2, ran.said
    assert "the agent implementer has no program" in ran.said
    assert "--agent" in ran.said


@pytest.mark.usefixtures("one_gate")
def test_the_end_as_a_document(shop: Shop) -> None:
    shop.follows(WHOLE)
    done = subprocess.run(
        [*shop.argv("--task", "Add discounts", "--files", "src/**", "--agent", "scripted"), "--format", "json"],
        cwd=shop.repository.path, capture_output=True, text=True, timeout=PATIENCE, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert document["ending"] == "approved"


@pytest.mark.usefixtures("one_gate")
def test_fixers_come_before_any_agent(shop: Shop) -> None:
    shop.follows({"append": {"src/shop/cart.py": DISCOUNTED.replace("(1 - share)", "( 1 -   share )")},
        "write": {"tests/test_discounts.py": TESTED}})  # fmt: skip
    argv = ["--task", "Add discounts", "--files", "src/**", "--agent", "scripted"]
    roster = shop.repository.git("show", "main:.gatekeeper.yml")
    shop.repository.commit({".gatekeeper.yml": f"{roster}\nfix: {{ruff-format: true}}\n"}, "Format, by agents")
    ran = shop.orchestrate(*argv)
    assert ran.exit == 0, ran.said
    assert "ruff-format corrected 1 file" in ran.said
    assert "total(prices) * (1 - share)" in shop.repository.git("show", f"{shop.branch()}:src/shop/cart.py")


def test_an_agent_whose_program_is_not_there_is_told_before_anything_begins(
    repository: GitRepository, tmp_path: Path
) -> None:
    roster = "agents: [{name: house, pillar: primary, run: [house-agent, '{prompt_file}']}]\n"
    shop = Shop.open(repository, tmp_path / "script.json", roster)
    before = shop.repository.state()
    ran = shop.orchestrate("--task", "Add discounts", "--files", "src/**")
    assert ran.exit == 2, ran.said
    assert "the agent house cannot be started: there is no program house-agent" in ran.said
    assert shop.repository.state() == before


@pytest.mark.usefixtures("one_gate")
def test_a_result_that_cannot_be_taken_over_or_written_is_still_approved(shop: Shop, tmp_path: Path) -> None:
    shop.follows(WHOLE)
    edited = shop.repository.path / "src/shop/cart.py"
    edited.write_text(CART + "\n# mine\n")
    ran = shop.task("--files", "src/**", "--apply", "--patch", str(tmp_path))  # a folder
    assert ran.exit == 1, ran.said
    assert "src/shop/cart.py has edits of yours" in ran.said
    assert "cannot be written (Is a directory); `git diff --binary" in ran.said
    assert f"git merge {shop.branch()}" in ran.said
    assert edited.read_text() == CART + "\n# mine\n"
    again = shop.orchestrate("--resume")
    assert "was approved; there is nothing left to do" in again.said


@pytest.mark.usefixtures("one_gate")
def test_a_reader_who_goes_away_does_not_end_the_work(shop: Shop) -> None:
    shop.follows(WHOLE)
    argv = shop.argv("--task", "Add discounts", "--files", "src/**", "--agent", "scripted")
    run = subprocess.Popen(argv, cwd=shop.repository.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert run.stdout is not None
    run.stdout.readline()
    run.stdout.close()
    run.wait(PATIENCE)
    assert shop.repository.git("show", f"{shop.branch()}:tests/test_discounts.py") + "\n" == TESTED
