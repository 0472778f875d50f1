"""Commits are judged by real runs; whatever is wrong with a run or its report is no pass."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatekeeper.agents.gates import REPORT, GateRuns, _say
from gatekeeper.model.orchestration import Judgement, Said
from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status
from tests.repository import GitRepository

OFF = "gates:\n  review: off\n  coverage: off\n  tests: off\n  docs: off\n"
LOOKS = OFF + "  look: {run: grep -q good a.txt}\n"


def judged(repository: GitRepository, base: str, commit: str, folder: Path, *gates: str) -> Judgement:
    """What the gates say."""
    return GateRuns(0.0).judge(str(repository.path), base, commit, gates, folder, lambda said: None)


def test_a_commit_is_judged_and_its_progress_told(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    good = repository.commit({"a.txt": "good as ever\n"})
    bad = repository.commit({"a.txt": "spoiled\n"})
    repository.write("a.txt", "an edit that nobody committed\n")
    before = repository.state()
    said: list[Said] = []
    passed = GateRuns(0.0).judge(str(repository.path), base, good, (), tmp_path / "one", said.append)
    blocked = judged(repository, base, bad, tmp_path / "two")
    assert passed.report is not None and blocked.report is not None
    assert (passed.commit, passed.problem, passed.report.exit) == (good, "", Exit.PASSED)
    assert (blocked.report.exit, blocked.report.verdicts[0].status) == (Exit.BLOCKED, Status.FAILED)
    assert passed.seconds > 0
    assert said[0].text.startswith("started look")
    assert said[-1].text.startswith("judged look: PASSED")
    assert repository.state() == before


def test_only_the_gates_that_are_named_judge(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS + "  other: {run: 'false'}\n", "a.txt": "good\n"})
    head = repository.commit({"a.txt": "still good\n"})
    told = judged(repository, base, head, tmp_path / "s", "look")
    assert told.report is not None
    assert [verdict.gate for verdict in told.report.verdicts] == ["look"]


def test_a_commit_cannot_lower_its_own_bar(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    head = repository.commit({"a.txt": "spoiled\n", ".gatekeeper.yml": OFF + "  look: {run: 'true'}\n"})
    told = judged(repository, base, head, tmp_path / "s")
    assert told.report is not None
    assert told.report.exit is Exit.BLOCKED
    assert [change.path for change in told.report.policy_changes] == [".gatekeeper.yml"]


@pytest.mark.parametrize(
    ("name", "value"), [("GATEKEEPER_SKIP", "look"), ("GATEKEEPER_FAIL_FAST", "nonsense"), ("GIT_INDEX_FILE", "/x/y")]
)
def test_what_surrounds_the_orchestration_changes_nothing(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    head = repository.commit({"a.txt": "spoiled\n"})
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("GATEKEEPER_SKIP_REASON", "no time")
    told = judged(repository, base, head, tmp_path / "s")
    assert told.report is not None
    assert told.report.exit is Exit.BLOCKED


def test_what_could_not_be_looked_at_is_no_pass(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": OFF + "  look: {run: /no/such/program}\n", "a.txt": "1\n"})
    head = repository.commit({"a.txt": "2\n"})
    told = judged(repository, base, head, tmp_path / "s")
    assert told.report is not None
    assert (told.report.exit, told.report.verdicts[0].status) == (Exit.COULD_NOT_CHECK, Status.ERROR)


def test_a_configuration_that_is_wrong_is_a_problem(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    head = repository.commit({".gatekeeper.yml": "gates: 7\n"})
    told = judged(repository, base, head, tmp_path / "s")
    assert told.report is None
    assert "exit code 2" in told.problem
    assert ".gatekeeper.yml" in told.problem


@pytest.mark.parametrize("commit", ["0" * 40, "--help", "no\nsuch"])
def test_a_commit_that_is_not_there_is_a_problem(repository: GitRepository, tmp_path: Path, commit: str) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    told = judged(repository, base, commit, tmp_path / "s")
    assert told.report is None
    assert told.problem


def test_an_older_report_is_not_taken_for_this_one(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    head = repository.commit({"a.txt": "still good\n"})
    folder = tmp_path / "s"
    assert judged(repository, base, head, folder).report is not None
    told = GateRuns(0.0).judge(str(tmp_path / "nowhere"), base, head, (), folder, lambda said: None)
    assert told.report is None
    assert not (folder / REPORT).exists()


def test_several_are_judged_at_once(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": LOOKS, "a.txt": "good\n"})
    commits = [repository.commit({"a.txt": f"{word}\n"}) for word in ("good one", "bad", "good two")]
    runs = GateRuns(0.0)
    with ThreadPoolExecutor(3) as pool:
        told = list(
            pool.map(lambda c: runs.judge(str(repository.path), base, c, (), tmp_path / c, lambda said: None), commits)
        )
    assert [one.report.exit for one in told if one.report] == [Exit.PASSED, Exit.BLOCKED, Exit.PASSED]
    assert [one.commit for one in told] == commits


def test_stopping_ends_a_run(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({".gatekeeper.yml": OFF + "  slow: {run: sleep 600}\n", "a.txt": "1\n"})
    head = repository.commit({"a.txt": "2\n"})
    runs, begun, told = GateRuns(0.0), threading.Event(), list[Judgement]()

    def hear(said: Said) -> None:
        if "started" in said.text:
            begun.set()

    thread = threading.Thread(
        target=lambda: told.append(runs.judge(str(repository.path), base, head, (), tmp_path / "s", hear))
    )
    thread.start()
    assert begun.wait(60)
    runs.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert told[0].report is None
    assert "stopped" in told[0].problem


def test_the_base_is_measured_by_the_gates_as_they_are(repository: GitRepository, tmp_path: Path) -> None:
    config = OFF + "  look: {run: 'grep -q good {files}'}\n"
    base = repository.commit({".gatekeeper.yml": config, "src/a.txt": "bad\n", "src/b.txt": "good\n", "c.txt": "1\n"})
    before = repository.state()
    for lane, status, files in (
        (("src/a.txt",), Status.FAILED, {"src/a.txt"}),
        (("src/**",), Status.PASSED, {"src/a.txt", "src/b.txt"}),
        ((".gatekeeper.yml", "src/b.txt"), Status.PASSED, {"src/b.txt"}),
    ):
        told = GateRuns(0.0).baseline(repository.edge, base, lane, ("look",), tmp_path / "s", lambda said: None)
        assert told.report is not None, told.problem
        assert {file.path for file in told.report.change.files} == files
        assert told.report.verdicts[0].status is status
    assert repository.state() == before


def test_a_lane_without_files_has_no_base(repository: GitRepository, tmp_path: Path) -> None:
    base = repository.commit({"a.txt": "1\n"})
    told = GateRuns(0.0).baseline(repository.edge, base, ("new.py",), (), tmp_path / "s", lambda said: None)
    assert (told.report, told.problem) == (None, "the base has no file of this lane")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"     0 s  started  tests.pytest: running the tests", ["started tests.pytest: running the tests"]),
        (b"2 min 05 s  \xe2\x80\xa6 tests 3/9, test_\x1b[31mx", ["\u2026 tests 3/9, test_x"]),
        (b"1 h 02 min  judged   docs: passed\r", ["judged docs: passed"]),
        (b"  note: 3 s  started", []),
        (b"", []),
        (b"\xff\xfe", []),
    ],
)
def test_what_is_told_of_a_run(line: bytes, told: list[str]) -> None:
    said: list[Said] = []
    _say(line, said.append)
    assert [one.text for one in said] == told
