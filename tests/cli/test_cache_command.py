"""The command `gatekeeper cache`, and what a run does with what is remembered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.edges.outcomes import Outcomes
from gatekeeper.edges.places import repository_folder
from gatekeeper.edges.store import remember_seconds
from gatekeeper.edges.test_map import keep_map
from tests.repository import GitRepository

REVIEW = "gates: {coverage: off, tests: off, docs: off}\n"


def command(repository: GitRepository, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", *arguments],
        cwd=repository.path,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def store_of(repository: GitRepository) -> Outcomes:
    return Outcomes(repository_folder(repository.edge.common_dir))


def test_each_action_says_what_it_did(repository: GitRepository) -> None:
    assert command(repository, "cache", "size")[1].startswith("0 entries, 0 KB of at most 200 MB, in ")
    store_of(repository).remember([(f"k{number}", json.dumps({"n": os.urandom(300).hex()})) for number in range(4)])
    assert command(repository, "cache", "export", "kept.tgz") == (0, "wrote 4 entries into kept.tgz\n")
    assert command(repository, "cache", "prune")[1] == "forgot 0 entries, 0 KB\n"
    assert command(repository, "cache", "prune", "--megabytes", "0")[1] == "forgot 4 entries, 3 KB\n"
    assert command(repository, "cache", "import", "kept.tgz") == (0, "took over 4 entries from kept.tgz\n")
    assert command(repository, "cache", "clear") == (0, "forgot 4 entries, 3 KB\n")
    assert store_of(repository).size().entries == 0
    assert command(repository, "cache", "import", "missing")[0] == 2
    assert command(repository, "cache", "prune", "--megabytes", "x")[0] == 2
    assert command(repository, "cache")[0] == 2


def test_an_export_tells_of_tests_and_times(repository: GitRepository) -> None:
    folder = repository_folder(repository.edge.common_dir)
    keep_map(folder, "\n/p/bin/python", "1" * 40, "{}")
    assert command(repository, "cache", "export", "kept.tgz") == (
        0,
        "wrote 0 entries and 1 map of tests into kept.tgz\n",
    )
    remember_seconds(folder, [("a", 1.0), ("b", 1.0)])
    told = "0 entries, 1 map of tests and the times of 2 jobs"
    assert command(repository, "cache", "export", "kept.tgz", "--megabytes", "9")[1] == f"wrote {told} into kept.tgz\n"
    assert (
        command(repository, "cache", "export", "none.tgz", "--megabytes", "0")[1] == "wrote 0 entries into none.tgz\n"
    )
    (folder / "timings.sqlite3").unlink()
    assert command(repository, "cache", "import", "kept.tgz")[1] == f"took over {told} from kept.tgz\n"


def test_the_setting_bounds_it(repository: GitRepository) -> None:
    repository.write(".gatekeeper.yml", "cache: {megabytes: 3}\n")
    assert " of at most 3 MB, " in command(repository, "cache", "size")[1]
    repository.write(".gatekeeper.yml", "cache: {}\n")
    assert " of at most 200 MB, " in command(repository, "cache", "size")[1]
    repository.write(".gatekeeper.yml", "cache: {megabytes: -1}\n")
    assert command(repository, "cache", "size")[0] == 2


def verdict_of(repository: GitRepository, *arguments: str) -> dict[str, object]:
    _, text = command(repository, "run", "--format", "json", *arguments)
    verdict: dict[str, object] = json.loads(text)["verdicts"][0]
    return verdict


def test_a_run_reuses_and_judges_anew(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": REVIEW, "app.py": "def go():\n    return 1\n"})
    repository.stage({"app.py": "def go(x=[]):\n    return x\n"})
    tree = repository.git("write-tree")
    first = verdict_of(repository)
    again = verdict_of(repository)
    assert (first["reused"], again["reused"]) == (None, tree)
    assert [first[key] for key in ("status", "summary", "findings")] == [
        again[key] for key in ("status", "summary", "findings")
    ]
    assert verdict_of(repository, "--no-cache")["reused"] is None
    repository.write(".gatekeeper.yml", REVIEW.replace("{", "{review: {minimum: 9.5}, ", 1))
    repository.git("add", ".gatekeeper.yml")
    stricter = verdict_of(repository)
    assert stricter["reused"] == tree
    assert (first["status"], stricter["status"]) == ("passed", "failed")


def test_the_base_is_answered_by_the_run_before(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": REVIEW, "app.py": "def go():\n    return 1\n"})
    for number in (2, 3):
        repository.stage({"app.py": f"def go():\n    return {number}\n"})
        verdict = verdict_of(repository)
        repository.git("commit", "-q", "-m", "x")
    notes = verdict["notes"]
    assert isinstance(notes, list)
    assert verdict["reused"] is None
    assert any(note.startswith("pylint looked at the base in an earlier run") for note in notes)


def test_working_trees_share_it(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit({".gatekeeper.yml": REVIEW, "app.py": "def go():\n    return 1\n"})
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = GitRepository(tmp_path / "linked")
    for one in (repository, linked):
        one.stage({"app.py": "def go():\n    return 2\n"})
    assert verdict_of(repository)["reused"] is None
    assert verdict_of(linked)["reused"]


@pytest.mark.parametrize("content", [b"", b"damaged" * 1000])
def test_a_damaged_store_changes_nothing(repository: GitRepository, content: bytes) -> None:
    repository.commit({".gatekeeper.yml": REVIEW, "app.py": "def go():\n    return 1\n"})
    repository.stage({"app.py": "def go():\n    return 2\n"})
    file = repository_folder(repository.edge.common_dir) / "outcomes.sqlite3"
    file.write_bytes(content)
    assert verdict_of(repository)["status"] == "passed"
    assert verdict_of(repository)["reused"]
