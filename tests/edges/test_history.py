"""The local history of runs: what comes back, what is forgotten, and that nothing there can break a run."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from gatekeeper.edges import history
from gatekeeper.edges.history import past_runs, remember_run
from gatekeeper.model.record import GateRecord, RunRecord
from gatekeeper.model.verdict import Status

GATES = (
    GateRecord("coverage", Status.FAILED, 71.5, 85.0),
    GateRecord("docs (libs/a)", Status.SKIPPED, reason="no time, see #12"),
)
RUN = RunRecord(
    1_700_000_000, "b" * 40, "a" * 40, 1, GATES, "staged", "c" * 40, "d" * 40, "e" * 16, ".gatekeeper.yml in the index",
    "0.1.0", True, 1.5, "what is staged, against HEAD", "pre-commit", "feature",
)  # fmt: skip
GARBAGE = b"this was never a database, and it is long enough to be read as one" * 50


def test_a_run_comes_back_as_it_was_given_and_the_newest_first(tmp_path: Path) -> None:
    assert past_runs(tmp_path) == ()
    for number in range(4):
        assert remember_run(tmp_path, replace(RUN, when=RUN.when + number)) == ()
    runs = past_runs(tmp_path, 3)
    assert [run.when - RUN.when for run in runs] == [3, 2, 1]
    told = asdict(runs[-1])
    del told["first"]
    assert told == asdict(replace(RUN, when=RUN.when + 1))


def test_the_first_run_of_a_change_is_told_also_beyond_the_limit(tmp_path: Path) -> None:
    other = replace(RUN, branch="other")
    for run in (RUN, RUN, other, replace(RUN, complete=False, base="9"), replace(RUN, base="9"), other):
        remember_run(tmp_path, run)
    assert [run.first for run in past_runs(tmp_path)] == [False, True, False, True, False, True]
    assert [run.first for run in past_runs(tmp_path, 1)] == [False]
    assert [run.branch for run in past_runs(tmp_path, only_first=True)] == [RUN.branch, "other", RUN.branch]
    assert [run.base for run in past_runs(tmp_path, 1, only_first=True)] == ["9"]


def test_the_oldest_runs_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    for number in range(5):
        remember_run(tmp_path, replace(RUN, when=number))
    assert [run.when for run in past_runs(tmp_path)] == [4, 3, 2]


def test_a_branch_that_is_no_utf8_is_kept_readable(tmp_path: Path) -> None:
    assert remember_run(tmp_path, replace(RUN, branch="f\udce4 \ud800")) == ()
    assert past_runs(tmp_path)[0].branch.startswith("f")


def foreign(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE customers (name TEXT)")


def cut(file: Path) -> None:
    remember_run(file.parent, RUN)
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 8192)


def bare(file: Path) -> None:
    remember_run(file.parent, RUN)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("ALTER TABLE runs DROP COLUMN branch")


@pytest.mark.parametrize("spoil", [lambda file: file.write_bytes(GARBAGE), foreign, cut, bare])
def test_a_damaged_or_foreign_file_is_set_aside_with_a_word(tmp_path: Path, spoil: object) -> None:
    file = tmp_path / "history.sqlite3"
    spoil(file)  # type: ignore[operator]
    before = file.read_bytes()
    assert past_runs(tmp_path) == () or spoil is cut
    (told,) = remember_run(tmp_path, replace(RUN, when=7))
    assert "begun anew" in told
    assert (tmp_path / "history.sqlite3.damaged").read_bytes() == before
    assert [run.when for run in past_runs(tmp_path)] == [7]
    assert remember_run(tmp_path, RUN) == ()


def test_a_later_version_keeps_its_file(tmp_path: Path) -> None:
    remember_run(tmp_path, RUN)
    with closing(sqlite3.connect(tmp_path / "history.sqlite3")) as database, database:
        database.execute("PRAGMA user_version = 2")
    (told,) = remember_run(tmp_path, RUN)
    assert "later version" in told
    assert past_runs(tmp_path) == ()
    assert not (tmp_path / "history.sqlite3.damaged").exists()


def test_a_folder_that_is_gone_is_no_reason_to_fail(tmp_path: Path) -> None:
    (told,) = remember_run(tmp_path / "gone", RUN)
    assert "could not be added" in told
    assert past_runs(tmp_path / "gone") == ()


def test_a_row_that_makes_no_sense_is_left_out(tmp_path: Path) -> None:
    for number in range(2):
        remember_run(tmp_path, replace(RUN, when=number))
    with closing(sqlite3.connect(tmp_path / "history.sqlite3")) as database, database:
        database.execute("UPDATE runs SET gates = '[[1]]' WHERE ended = 0")
    assert [run.when for run in past_runs(tmp_path)] == [1]


def test_several_runs_at_once_lose_nothing_and_a_kill_spoils_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.edges.test_history import RUN\n"
        "from gatekeeper.edges.history import remember_run\n"
        "for _ in range(int(sys.argv[2])):\n    assert remember_run(Path(sys.argv[1]), RUN) == ()\n"
        "    sys.stdout.write('.'); sys.stdout.flush()\n"
    )
    root = str(Path(__file__).parents[2])
    start = [sys.executable, "-c", program, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": root}
    writers = [subprocess.Popen([*start, "15"], stdout=subprocess.PIPE, env=env) for _ in range(3)]
    assert [writer.communicate()[0] for writer in writers] == [b"." * 15] * 3
    assert len(past_runs(tmp_path)) == 45
    with subprocess.Popen([*start, "100000"], stdout=subprocess.PIPE, env=env) as writer:
        assert writer.stdout is not None
        writer.stdout.read(5)
        writer.send_signal(signal.SIGKILL)
    assert remember_run(tmp_path, RUN) == ()
    assert len(past_runs(tmp_path)) >= 51
