"""What is remembered of earlier runs, and that nothing there can break a run."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.edges.store import expected_seconds, remember_seconds, remember_workstreams, workstream_seconds


def test_the_median_of_the_last_runs_is_expected(tmp_path: Path) -> None:
    assert expected_seconds(tmp_path) == {}
    for seconds in (100, 100, 1, 2, 3, 4, 50):
        remember_seconds(tmp_path, [("tests.pytest", seconds), ("review.lint", 2 * seconds)])
    assert expected_seconds(tmp_path) == {"tests.pytest": 3, "review.lint": 6}


def test_a_run_of_some_tests_says_nothing_of_one_of_all(tmp_path: Path) -> None:
    apart = {"tests.pytest": "tests.pytest of some"}
    remember_seconds(tmp_path, [("tests.pytest", 60), ("review.lint", 4)])
    assert expected_seconds(tmp_path, apart)["tests.pytest"] == 60, "better too long than nothing"
    remember_seconds(tmp_path, [("tests.pytest", 2), ("review.lint", 4)], apart)
    assert expected_seconds(tmp_path, apart)["tests.pytest"] == 2
    assert expected_seconds(tmp_path)["tests.pytest"] == 60
    assert expected_seconds(tmp_path, apart)["review.lint"] == 4


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "timings.sqlite3").write_bytes(b"not a database at all, and long enough to be read as one" * 50)
    assert expected_seconds(tmp_path) == {}
    remember_seconds(tmp_path, [("a", 1)])
    assert expected_seconds(tmp_path) == {"a": 1}


def test_a_folder_that_is_gone_is_no_reason_to_fail(tmp_path: Path) -> None:
    remember_seconds(tmp_path / "gone", [("a", 1)])
    assert expected_seconds(tmp_path / "gone") == {}


def test_workstreams_are_remembered_beside_the_jobs_and_only_the_last_of_each(tmp_path: Path) -> None:
    assert workstream_seconds(tmp_path) == {}
    remember_seconds(tmp_path, [("tests.pytest", 7)])
    assert workstream_seconds(tmp_path) == {}
    for seconds in range(30):
        remember_workstreams(tmp_path, [("bugfix/tests/judge/small", seconds), ("docs/docs/judge/small", 1)])
    kept = workstream_seconds(tmp_path)
    assert kept["bugfix/tests/judge/small"] == tuple(map(float, range(10, 30)))
    assert len(kept["docs/docs/judge/small"]) == 20
    assert expected_seconds(tmp_path) == {"tests.pytest": 7}
