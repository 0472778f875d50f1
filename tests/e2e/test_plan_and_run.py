"""What a run remembers for the plans to come, and what it says of the plan that it carried out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema_rs
import pytest

from gatekeeper.schemas import read_schema
from tests.repository import GitRepository

CODE = '"""Sums."""\n\n\ndef add(one: int, other: int) -> int:\n    """The sum of two numbers."""\n    return {}\n'
TEST = "from sums import add\n\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
CONFIG = "gates: {coverage: off, docs: off}\n"
CHEAP = "gates: {review: off, coverage: off, tests: off, docs: off, look: {run: 'grep -q add sums.py'}}\n"
AGENTS = """
agents:
  - {name: money-reviewer, pillar: review, paths: ["sums.py"], reason: sums are money}
  - {name: api-writer, pillar: docs, when: public-api}
"""


@pytest.fixture
def sums(repository: GitRepository) -> GitRepository:
    repository.commit({".gatekeeper.yml": CONFIG, "sums.py": CODE.format("one + other"), "tests/test_sums.py": TEST})
    repository.git("switch", "--quiet", "--create", "fix/sums")
    repository.commit({"sums.py": CODE.format("other + one")}, "fix: the order")
    return repository


def plan(repository: GitRepository, *arguments: str) -> bytes:
    """What `gatekeeper plan` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "plan", "--base", "main", *arguments],
        cwd=repository.path, env=dict(os.environ), capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout


def bases(document: bytes) -> dict[str, str]:
    """Where the estimate of each workstream comes from."""
    return {w["id"]: w["estimate"]["basis"] for w in json.loads(document)["workstreams"]}


def test_three_runs_are_the_history_of_the_next_plan(sums: GitRepository) -> None:
    before = plan(sums, "--format", "json")
    assert set(bases(before).values()) == {"fallback table (small), since history has 0 such runs"}
    for _ in range(3):
        assert sums.gatekeeper("--base", "main", "--no-cache").exit == 0  # what is remembered tells no duration
    after = plan(sums, "--format", "json")
    told = bases(after)
    assert told["review"] == told["tests"] == told["validation"] == "median of 3 runs (bugfix, small)"
    assert told["primary"] == told["prepare-tests"] == "fallback table (small), since history has 0 such runs"
    assert plan(sums, "--format", "json") == after


def test_the_criteria_are_ticked_in_every_form(sums: GitRepository) -> None:
    sums.commit({"tests/test_sums.py": TEST.replace("3", "4")}, "fix: more")
    run = sums.gatekeeper("--base", "main")
    assert run.exit == 1
    document = run.report["plan"]["change"]
    jsonschema_rs.validator_for(read_schema("plan")).validate(document)
    jsonschema_rs.validator_for(read_schema("report")).validate(run.report)
    held = {c["text"]: (c["met"], c["seen"]) for w in document["workstreams"] for c in w["criteria"]}
    assert held["score at least 7 of 10"][0] is True
    assert held["all tests pass"] == (False, "1 failed")
    assert held["coverage of the changed lines at least 85 %"] == (None, "not measured")
    assert held["every gate passes on the whole change"] == (False, "not tests")
    assert "not met: all tests pass (1 failed)" in " ".join(run.stdout.split())
    told = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "run", "--base", "main", "--format", "markdown"],
        cwd=sums.path, capture_output=True, check=False, text=True,
    ).stdout  # fmt: skip
    assert "  - [ ] all tests pass &#40;not met: 1 failed&#41;\n" in told
    assert "  - [x] score at least 7 of 10 " in told


def test_a_target_that_was_missed_blocks_nothing(sums: GitRepository) -> None:
    run = sums.gatekeeper("--base", "main")
    assert run.exit == 0
    alarms = run.report["plan"]["account"]["alarms"]
    (alarm,) = [alarm for alarm in alarms if "gate_coverage_min" in alarm["saw"]]
    assert alarm["fault"] == "target missed"
    assert alarm["about"] == ["sums.py: docs"]
    assert "target missed: gate_coverage_min" in run.stdout


@pytest.mark.long
def test_the_first_time_pass_rate_is_told_from_ten_changes_on(sums: GitRepository) -> None:
    sums.commit({".gatekeeper.yml": CHEAP}, "ci: one gate")  # of which gate a run is, is of no account here
    for number in range(11):
        sums.git("switch", "--quiet", "--create", f"fix/{number}")
        sums.stage({"sums.py": CODE.format(f"one + other  # {number}")})
        run = sums.gatekeeper("--staged")
        assert run.exit == 0, run.stdout
        rate = run.report["plan"]["account"]["first_time"]
        assert (rate is None) is (number < 10)
    assert (rate["share"], rate["changes"]) == (1.0, 10)
    assert 0.7 < rate["low"] < 0.75
    assert "first-time pass rate: 100 % of 10 changes (between 72 % and 100 %" in " ".join(run.stdout.split())


def test_agents_of_the_configuration_come_first(sums: GitRepository) -> None:
    sums.git("switch", "--quiet", "main")
    sums.commit({".gatekeeper.yml": CONFIG + AGENTS})
    sums.git("switch", "--quiet", "fix/sums")
    sums.git("rebase", "--quiet", "main")
    found = {w["id"]: w["agent"] for w in json.loads(plan(sums, "--format", "json"))["workstreams"]}
    assert found["review"] == {"name": "money-reviewer", "reason": "sums are money"}
    assert found["docs"]["name"] == "technical-writer"
    sums.commit(
        {"sums.py": CODE.format("1") + "\n\ndef double(one: int) -> int:\n    return 2 * one\n"}, "feat: double"
    )
    found = {w["id"]: w["agent"] for w in json.loads(plan(sums, "--format", "json"))["workstreams"]}
    assert found["docs"] == {"name": "api-writer", "reason": "public API: new double in sums.py:9"}


def test_history_and_owners_are_shown_as_hints(repository: GitRepository) -> None:
    paths = [f"src/{folder}/{name}.py" for folder in ("app", "core", "web") for name in ("a", "b")]
    for number in range(3):
        repository.commit({"src/app/a.py": f"x = {number}\n", "src/core/a.py": f"x = {number}\n"})
    repository.commit({".github/CODEOWNERS": "/src/web @web\n/src/core @web\n", **dict.fromkeys(paths, "y = 1\n")})
    repository.git("switch", "--quiet", "--create", "work")
    repository.commit(dict.fromkeys(paths, "y = 2\n" * 200))
    streams = json.loads(plan(repository, "--format", "json"))["workstreams"]
    hints = [
        (w["id"], need["on"], need["basis"], need["proof"]) for w in streams for need in w["needs"] if need["hint"]
    ]
    both = "src/app/a.py and src/core/a.py changed together in 4 of the 4 commits of src/core/a.py"
    owned = "src/core/a.py and src/web/a.py are both owned by @web (.github/CODEOWNERS:1)"
    assert hints == [("primary-2", "primary-1", "co-change", both), ("primary-3", "primary-2", "CODEOWNERS", owned)]
    assert plan(repository).decode().count("only a hint: ") == 2
    assert "- Only a hint: " in plan(repository, "--format", "markdown").decode()


def test_a_mode_shortens_the_fix_loop(sums: GitRepository) -> None:
    assert json.loads(plan(sums, "--format", "json"))["targets"]["max_fix_iterations"] == 3
    sums.git("switch", "--quiet", "main")
    sums.commit({".gatekeeper/modes/strict.md": "---\nname: strict\noverrides: {max_fix_iterations: 1}\n---\n"})
    sums.git("switch", "--quiet", "fix/sums")
    sums.git("rebase", "--quiet", "main")
    assert "mended and judged again at most once; then a person decides" in plan(sums, "--mode", "strict").decode()
