"""The memory of the default branch in the Action: recalled before the judging, left after it, and never needed."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.action import events
from tests.action.conftest import PullRequest, installed
from tests.action.runner import ROOT, Done, Runner, commands_of
from tests.contract.fake_forge import TOKEN, Fault
from tests.contract.fake_memory import NAME, storing, zipped

RECALL, JUDGE = "Recall what the default branch remembers", "Judge"
WRITE, LEAVE = "Write down what is remembered", "Leave it for later runs"
CONFIG = """\
gates: {coverage: off, docs: off, review: {minimum: 0}, tests: {select: always}}
"""
PROJECT = {
    ".gatekeeper.yml": CONFIG,
    "app.py": "def one():\n    return 1\n\n\ndef two():\n    return 2\n",
    "tests/test_app.py": "import app\n\n\ndef test_one():\n    assert app.one() == 1\n\n\ndef test_two():\n    assert app.two() == 2\n",
}
WITH_MEMORY = {"memory": "true", "python": sys.executable}


@pytest.fixture
def pull(repository, tmp_path, forge):
    """A pull request to a project with tests, and a forge that keeps artifacts."""
    repository.commit(PROJECT)
    with storing(forge.memory) as memory:
        pull = PullRequest(
            repository, tmp_path, forge, {"app.py": PROJECT["app.py"].replace("return 2", "return 1 + 1")}
        )
        memory.arrive(pull.base)
        yield pull


def machine(pull: PullRequest, name: str, event_name: str, **more: str) -> Runner:
    """A fresh machine with the same paths, and nothing remembered."""
    of_pull = event_name == "pull_request"
    temp, workspace = pull.folder / "temp", pull.folder / "workspace"
    for place in (temp, workspace):
        shutil.rmtree(place, ignore_errors=True)
    installed(temp)
    commit = pull.merge if of_pull else pull.base
    event: Any = events.pull_request(pull.head, pull.base) if of_pull else events.push(pull.base, pull.base)
    event = {"schedule": "0 0 * * *"} if event_name == "schedule" else event
    variables = {
        "GITHUB_API_URL": pull.forge.address, "GITHUB_SHA": commit, "GITHUB_RUN_ID": name, "RUNNER_NAME": name,
        "GATEKEEPER_CACHE": str(pull.folder / f"cache-{name}"), **more,
    }  # fmt: skip
    ref = "refs/pull/2/merge" if of_pull else "refs/heads/main"
    return Runner(pull.checkout(commit, 0), temp, event_name, event, variables, TOKEN, ref)


def report(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(done.outputs["report"]).read_text())
    return {verdict["gate"]: verdict for verdict in found["verdicts"]}


def test_what_the_default_branch_left_is_used_on_another_machine(pull, forge):
    left = machine(pull, "11", "schedule").use(ROOT, WITH_MEMORY)
    assert left.exit == 0, left.log
    assert "looks from cold" in left.steps[RECALL].log
    given = left.steps[LEAVE].given
    assert given["name"] == NAME
    content = Path(given["path"])
    assert content.name == "gatekeeper-memory.tgz"
    forge.memory.leave(forge.memory.run(11, pull.base, event="schedule"), zipped(content.read_bytes()))
    done = machine(pull, "12", "pull_request").use(ROOT, WITH_MEMORY)
    assert done.exit == 0, done.log
    assert "fetched what run 11 of gatekeeper.yml on main left at" in done.steps[RECALL].log
    assert re.search(r"took over [1-9].*, 1 map of tests and the times of \d+ jobs", done.steps[RECALL].log)
    assert "1 reused" in report(done)["tests"]["summary"], report(done)["tests"]
    assert (done.steps[WRITE].exit, done.steps[LEAVE].exit) == (None, None)
    cold = report(machine(pull, "13", "pull_request").use(ROOT, {**WITH_MEMORY, "memory": "false"}))
    assert "reused" not in cold["tests"]["summary"]


def test_without_the_input_nothing_is_asked_or_left(pull, forge):
    for event in ("pull_request", "schedule"):
        done = machine(pull, "11", event).use(ROOT, {"gates": "review", "comment": "off"})
        assert {done.steps[name].exit for name in (RECALL, WRITE, LEAVE)} == {None}
    assert forge.seen == []


@pytest.mark.parametrize(
    ("event", "ref", "is_left"),
    [
        ("push", "refs/heads/main", True),
        ("push", "refs/heads/changes", False),
        ("push", "refs/tags/main", False),
        ("workflow_dispatch", "refs/heads/main", False),
        ("merge_group", "refs/heads/gh-readonly-queue/main/pr-2", False),
        ("schedule", "refs/heads/main", True),
    ],
)
def test_only_the_default_branch_leaves_a_memory(pull, event, ref, is_left):
    runner = machine(pull, "11", "push")
    runner.event_name, runner.ref = event, ref
    runner.event = {
        "push": events.push(pull.base, pull.base, ref),
        "merge_group": events.merge_group(pull.base, pull.base),
        "workflow_dispatch": events.dispatch(),
        "schedule": {"schedule": "0 0 * * *"},
    }[event]
    done = runner.use(ROOT, {**WITH_MEMORY, "gates": "review"})
    assert (done.steps[WRITE].exit, done.steps[LEAVE].exit) == ((0, 0) if is_left else (None, None)), done.log


def test_what_is_blocked_leaves_its_memory_too_and_what_could_not_check_leaves_none(pull):
    runner = machine(pull, "11", "schedule")
    done = runner.use(ROOT, {**WITH_MEMORY, "gates": "nothing"})
    assert (done.exit, done.steps[WRITE].exit, done.steps[LEAVE].exit) == (2, None, None)
    (runner.workspace / "tests" / "test_app.py").write_text("def test_one():\n    assert False\n")
    for words in (["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "Break it"]):
        pull_git(runner.workspace, *words)
    done = runner.use(ROOT, WITH_MEMORY)
    assert (done.exit, done.steps[WRITE].exit, done.steps[LEAVE].exit) == (1, 0, 0), done.log


def pull_git(folder: Path, *words: str) -> None:
    from tests.repository import GitRepository

    GitRepository(folder).git(*words)


@pytest.mark.parametrize(
    ("fault", "content"),
    [
        (Fault("GET", "/activity", 403, {"message": "Resource not accessible by integration"}), b""),
        (Fault("GET", "/zip", 410, {"message": "Artifact has expired"}), b""),
        (Fault("GET", "/runs", how="garbage"), b""),
        (Fault("GET", "/activity", 418, {"message": "no\n::error::owned\n##[error]owned"}), b""),
        (None, b"no archive"),
        (None, b"::error::owned\n"),
    ],
    ids=["forbidden", "expired", "garbage", "hostile", "damaged", "command"],
)
def test_whatever_becomes_of_the_memory_the_verdict_is_the_same(pull, forge, fault, content):
    forge.memory.leave(forge.memory.run(11, pull.base), zipped(content))
    forge.faults += [fault] if fault else []
    done = machine(pull, "12", "pull_request").use(ROOT, {**WITH_MEMORY, "gates": "review", "comment": "off"})
    assert done.exit == 0, done.log
    assert "so this run looks from cold" in done.steps[RECALL].log
    assert commands_of(done.steps[RECALL].log) == []


def test_the_recalling_step_has_the_token_and_what_reads_the_file_has_not(pull, forge):
    forge.memory.leave(forge.memory.run(11, pull.base), zipped(b"x"))
    runner = machine(pull, "12", "pull_request")
    python = runner.temp / "gatekeeper" / "venv" / "bin" / "python"
    log = pull.folder / "tokens.txt"
    python.write_text(python.read_text().replace("exec", f'echo "$5 $6 ${{GITHUB_TOKEN:-none}}" >>"{log}"\nexec', 1))
    done = runner.use(ROOT, {**WITH_MEMORY, "gates": "review", "comment": "off"})
    assert TOKEN not in done.log
    lines = log.read_text().splitlines()
    assert [line for line in lines if TOKEN in line] == [f"fetch --id=default {TOKEN}"]
    assert "import -C none" in lines
    assert [step.name for step in done.steps.values() if TOKEN in step.env.values()] == [RECALL]


NASTY = "'; touch owned; $(touch owned) `touch owned` \" --output=owned"


@pytest.mark.parametrize("name", ["working-directory", "id", "memory"])
@pytest.mark.parametrize("text", [NASTY, "--output=owned", "--help", ""])
def test_no_input_reaches_a_shell_or_becomes_an_option(pull, forge, name, text):
    forge.memory.leave(forge.memory.run(11, pull.base), zipped(b"x"))
    runner = machine(pull, "12", "pull_request")
    done = runner.use(
        ROOT, {"memory": "true", "gates": "review", "comment": "off", name: text}, skip=("Install", JUDGE)
    )
    assert done.steps[RECALL].exit == (None if name == "memory" else 0)
    assert not list(runner.workspace.glob("owned*"))
    assert not list(runner.temp.glob("**/owned*"))
