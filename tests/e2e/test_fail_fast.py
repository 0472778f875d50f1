"""With `--fail-fast`, pytest ends at its first failure, and the files come first whose tests are the likeliest to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_select import CONFIG, FILES
from tests.repository import GitRepository, Run

NOTING = """\
import os


def pytest_runtest_call(item):
    with open(os.environ["GATEKEEPER_NOTES"], "a") as file:
        file.write(item.name + "\\n")
"""
MANY = "import pytest\n\n\n@pytest.mark.parametrize('number', range(8))\ndef test_many(number):\n    pass\n"


class Judge:
    """Judges a repository and tells which tests ran, in their order."""

    def __init__(self, repository: GitRepository, notes: Path) -> None:
        self.repository = repository
        self.notes = notes
        more = {"tests/conftest.py": NOTING, "tests/test_a.py": "def test_a():\n    pass\n", "tests/test_z.py": MANY}
        repository.commit({**FILES, **more})

    def edit(self, old: str, new: str) -> None:
        """Replace a text of the module and stage it."""
        text = (self.repository.path / "app/__init__.py").read_text()
        assert text.count(old) == 1
        self.repository.stage({"app/__init__.py": text.replace(old, new)})

    def __call__(self, *arguments: str) -> tuple[Run, list[str]]:
        self.notes.write_text("")
        run = self.repository.gatekeeper(*arguments, env={"GATEKEEPER_NOTES": str(self.notes)})
        return run, self.notes.read_text().split()


@pytest.fixture
def judge(repository: GitRepository, tmp_path: Path) -> Judge:
    return Judge(repository, tmp_path / "notes")


def test_what_failed_runs_first_the_next_time_and_ends_the_run(judge: Judge) -> None:
    judge.edit("a - b", "b + a")
    first, ran = judge("--fail-fast")
    assert (first.exit, ran) == (1, ["test_a", "test_add", "test_sub"])
    second, ran = judge("--fail-fast")
    assert (second.exit, second.status("tests"), ran) == (1, "failed", ["test_sub"])
    verdict = second.verdict("tests")
    assert verdict["summary"].endswith("; pytest ended at the first failure, 11 tests did not run")
    assert verdict["summary"].startswith("1 failed in ")
    assert [finding["path"] for finding in verdict["findings"]] == ["tests/test_sub.py"]
    assert "no test was left out: nothing is known of them yet" in verdict["notes"]
    assert verdict["notes"][-1].startswith("files of tests ran in another order than that of pytest")
    assert second.status("coverage") == "skipped"
    assert second.verdict("coverage")["summary"] == "stopped, since tests had failed (fail fast)"
    judge.edit("b + a", "-b + a")
    third, ran = judge("--fail-fast")
    assert (third.exit, ran[:2], len(ran)) == (0, ["test_sub", "test_none"], 12), third.stdout
    assert third.verdict("coverage")["measured"] == 100
    fourth, ran = judge("--fail-fast")
    assert (fourth.exit, ran, fourth.verdict("coverage")["measured"]) == (0, [], 100)
    assert fourth.verdict("tests")["summary"].startswith("12 reused from ")


def test_a_run_that_ended_early_teaches_nothing_else(judge: Judge) -> None:
    judge.edit("a - b", "-b + a")
    whole, ran = judge()
    assert (whole.exit, len(ran)) == (0, 12)
    judge.edit("LIMIT = 3", "LIMIT = 4\nassert 0")  # no file of tests that imports it can be collected
    cut, ran = judge("--fail-fast")
    assert (cut.exit, cut.status("tests"), ran) == (1, "failed", [])
    assert cut.verdict("tests")["summary"].endswith("; pytest ended at the first failure")
    judge.edit("\nassert 0", "")
    judge.edit("-b + a", "b + a")
    cut, ran = judge("--fail-fast")
    assert (cut.exit, ran[-1], cut.verdict("tests")["summary"].count(" reused from ")) == (1, "test_sub", 1)
    judge.edit("LIMIT = 4", "LIMIT = 3")
    judge.edit("b + a", "-b + a")
    again, ran = judge("--fail-fast")
    assert (again.exit, ran) == (0, []), "what is known of the whole run still holds"


@pytest.mark.parametrize(
    ("tests", "arguments"),
    [
        ("select: always, retries: 1", ("--fail-fast",)),
        ("select: always, advisory: true", ("--fail-fast",)),
        ("select: always", ()),
        ("select: always", ("--fail-fast", "--retries", "1")),
        ("select: always", ("--fail-fast", "--gate", "coverage")),
    ],
)
def test_where_a_failed_test_may_be_forgiven_all_run(judge: Judge, tests: str, arguments: tuple[str, ...]) -> None:
    config = CONFIG.replace("select: always", tests) + "# Another file in any case.\n"
    judge.repository.commit({".gatekeeper.yml": config})
    judge.edit("a - b", "b + a")
    run, ran = judge(*arguments)
    assert len(set(ran)) == 12
    assert "ended at the first failure" not in run.stdout + str(run.report)


def test_workers_of_xdist_end_at_the_first_failure_too(judge: Judge) -> None:
    settings = {"pytest.ini": "[pytest]\naddopts = -p xdist -n2\n"}
    judge.repository.commit({**settings, "tests/test_z.py": MANY.replace("range(8)", "range(300)")})
    judge.edit("a - b", "b + a")
    run, ran = judge("--fail-fast")
    assert (run.exit, run.status("tests")) == (1, "failed"), run.stdout
    assert "; pytest ended at the first failure, " in run.verdict("tests")["summary"]
    assert len(ran) < 304
    judge.edit("b + a", "-b + a")
    assert judge("--fail-fast")[0].exit == 0


def test_without_knowledge_the_change_decides_the_order(judge: Judge) -> None:
    judge.repository.commit({".gatekeeper.yml": CONFIG.replace("select: always", "select: never")})
    judge.repository.stage(
        {"tests/test_sub.py": "def test_sub():\n    pass\n", "tests/test_new.py": "def test_new(): 0\n"}
    )
    run, ran = judge("--fail-fast")
    assert (run.exit, ran[:4]) == (0, ["test_new", "test_sub", "test_a", "test_add"])
