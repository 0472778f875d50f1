"""`gatekeeper modes` in real repositories."""

from __future__ import annotations

import argparse
import json

import pytest

from gatekeeper.cli import modes
from gatekeeper.model.errors import UsageError
from gatekeeper.model.mode import EVERY_MODE, ModeWish


@pytest.fixture
def listed(repository, capsys):
    def run(*arguments):
        parser = argparse.ArgumentParser()
        modes.register(parser)
        code = modes.run(parser.parse_args(["-C", str(repository.path), *arguments]))
        return code, capsys.readouterr().out

    return run


def test_the_list_says_state_and_why(repository, listed):
    repository.commit({"a.py": ""})
    repository.stage({f"{n}.py": f"def f{n}():\n    return {n}\n" for n in range(4)})
    repository.stage({".gatekeeper/modes/s.md": "---\nname: Serial_Execution\noverrides: {block: low}\n---\n"})
    assert "available: Parallel_Orchestration" in listed()[1]
    code, text = listed("--orchestrate")
    assert code == 0
    assert text.startswith(
        "modes for what is staged, against HEAD\n\nactive: Parallel_Orchestration  (high priority, b"
    )
    assert "\n  multi_file_operations: 5 files > 3\n" in text
    assert "\n  sets quality_score_min 7, test_coverage_min 85\n" in text
    assert "\ncannot be active: Serial_Execution  (medium priority, .gatekeeper/modes/s.md)\n" in text
    assert "not beside Parallel_Orchestration, which is active" in text


def test_json_has_everything(repository, listed):
    repository.commit({"a.py": ""})
    code, text = listed("--worktree", "--json", "--orchestrate")
    data = json.loads(text)
    assert code == 0
    assert data["modes"][0]["state"] == "active"
    assert data["modes"][0]["why"] == ["--mode"]
    assert data["modes"][0]["overrides"] == {"quality_score_min": 7, "test_coverage_min": 85}
    assert [trigger["fired"] for trigger in data["triggers"]] == [False] * 4


def test_what_cannot_be_settled_is_listed_and_ends_with_2(repository, listed):
    repository.commit({"a.py": ""})
    repository.stage({f".gatekeeper/modes/{n}.md": f"---\nname: {n}\ngroup: g\n---\n" for n in "ab"})
    code, text = listed("--mode", "a", "--mode", "b")
    assert code == 2
    assert text.count("cannot be active: ") == 2


def test_the_branch_speaks_for_the_kind_of_the_change(repository, listed):
    repository.commit({"a.py": "x = 1\n"})
    repository.git("checkout", "-q", "-b", "fix/crash")
    repository.commit({"a.py": "x = 2\n"})
    data = json.loads(listed("--base", "main", "--json")[1])
    assert data["kind"] == "bugfix"
    assert data["triggers"][3]["fired"]


@pytest.mark.parametrize(
    ("arguments", "wish"),
    [
        ([], ModeWish()),
        (["--mode", "a", "--mode", "a", "--orchestrate"], ModeWish(("a", "Parallel_Orchestration"))),
        (["--no-mode"], ModeWish((), frozenset({EVERY_MODE}))),
        (["--no-mode", "a", "--no-mode", "b"], ModeWish((), frozenset("ab"))),
        (["--no-mode", "--json"], ModeWish((), frozenset({EVERY_MODE}))),
    ],
)
def test_the_wish_that_options_express(arguments, wish):
    parser = argparse.ArgumentParser()
    modes.register(parser)
    assert modes.wish_of(parser.parse_args(arguments)) == wish


def test_an_unknown_mode_is_refused(repository, listed):
    repository.commit({"a.py": ""})
    with pytest.raises(UsageError, match="did you mean `Parallel_Orchestration`"):
        listed("--mode", "Paralel_Orchestration")
