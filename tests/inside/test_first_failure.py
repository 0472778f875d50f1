"""A run of pytest that ends at its first failure, with files in an order of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.pytest_request import PYTEST, nonce_of, report_path
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.gates.coverage import GATE as COVERAGE
from gatekeeper.gates.tests import GATE
from gatekeeper.gates.tests.hurried import may_hurry
from gatekeeper.inside.first_failure import arranged
from gatekeeper.model.gate_override import GateOverride
from gatekeeper.model.policy import Setting
from gatekeeper.model.selection import Selection, TestOrder
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request
from tests.gates.project_runs import QUIET, drive, file_change, lay_out, request_for

NAMES = st.text("abcd", max_size=1)
GOOD = "def test_one(): pass\ndef test_two(): pass\n"
BAD = "def test_one(): pass\ndef test_two(): assert 0\ndef test_three(): pass\n"
ORDER = TestOrder(("b_test.py",), ("d_test.py", "a_test.py"))
STOPS = (
    "import pytest\n\n\n@pytest.hookimpl(trylast=True)\ndef pytest_runtest_logfinish():\n    SESSION[0].{} = 'enough'\n"
)
SESSION = "\n\nSESSION = []\n\n\ndef pytest_sessionstart(session):\n    SESSION.append(session)\n"


@given(st.lists(st.tuples(NAMES, st.integers())), st.lists(NAMES, unique=True), st.lists(NAMES, unique=True))
def test_items_change_places_by_whole_files(items: list[tuple[str, int]], first: list[str], last: list[str]) -> None:
    found = arranged(items, {"first": first, "last": last}, lambda item: item[0])
    assert sorted(found) == sorted(items)
    for path in "abcd":
        assert [item for item in found if item[0] == path] == [item for item in items if item[0] == path]
    others = [item for item in found if item[0] not in {*first, *last}]
    assert others == [item for item in items if item[0] not in {*first, *last}]


@given(st.lists(NAMES, unique=True), st.lists(NAMES, unique=True), st.lists(NAMES, unique=True))
def test_files_in_one_piece_are_sorted(paths: list[str], first: list[str], last: list[str]) -> None:
    items = [(path, number) for path in paths for number in range(2)]
    found = [path for path, _ in arranged(items, {"first": first, "last": last}, lambda item: item[0])][::2]
    named = [path for path in first if path in paths]
    late = [path for path in last if path in paths and path not in first]
    assert found == [*named, *(path for path in paths if path not in {*first, *last}), *late]


def test_a_group_of_many_files_stays_together() -> None:
    items = [(path, number) for number in range(2) for path in "abc"]
    found = arranged(items, {"first": ["c"], "last": ["a"]}, lambda item: item[0])
    assert found == [("c", 0), ("b", 0), ("a", 0), ("c", 1), ("b", 1), ("a", 1)]


def hurried(folder: Path, files: Mapping[str, str], **wants: object) -> tuple[Verdict, TestReport]:
    """The verdict on a project with these files under fail fast, and the report of its run."""
    lay_out(folder / "tree", {"pytest.ini": QUIET, **files})
    request = request_for(folder, [file_change("app.py", "x = 1\n")], **wants)
    request = replace(request, fail_fast=True, selection=Selection(order=ORDER))
    outcomes, (verdict,) = drive((GATE, request))
    return verdict, read_test_report(outcomes[PYTEST].files[report_path(request, PYTEST)], nonce_of(request, PYTEST))


def ids(report: TestReport) -> list[str]:
    return [test.id.replace("_test.py::test_", " ") for test in report.tests]


def test_files_run_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    verdict, report = hurried(tmp_path, dict.fromkeys(["a_test.py", "b_test.py", "c_test.py", "d_test.py"], GOOD))
    assert ids(report) == ["b one", "b two", "c one", "c two", "d one", "d two", "a one", "a two"]
    assert (verdict.status, report.ended_at_first, report.reordered) == (Status.PASSED, False, True)
    assert not any("order" in note for note in verdict.notes)


def test_the_first_failure_ends_the_run(tmp_path: Path) -> None:
    verdict, report = hurried(tmp_path, {"a_test.py": GOOD, "b_test.py": GOOD, "c_test.py": BAD})
    assert ids(report) == ["b one", "b two", "c one", "c two"]
    assert (verdict.status, report.ended_at_first, report.exit_status) == (Status.FAILED, True, 1)
    assert verdict.summary.startswith("1 failed, 3 passed in ")
    assert verdict.summary.endswith(" s; pytest ended at the first failure, 3 tests did not run")
    assert not any("stopped early" in note for note in verdict.notes)


def test_settings_of_the_project_give_way(tmp_path: Path) -> None:
    verdict, report = hurried(tmp_path, {"a_test.py": GOOD, "b_test.py": BAD}, args=("--maxfail=7",))
    assert (verdict.status, ids(report)) == (Status.FAILED, ["b one", "b two"])


@pytest.mark.parametrize("how", ["shouldstop", "shouldfail"])
def test_a_run_that_something_else_stops_is_an_error(tmp_path: Path, how: str) -> None:
    verdict, report = hurried(
        tmp_path, {"conftest.py": STOPS.format(how) + SESSION, "a_test.py": GOOD, "b_test.py": GOOD}
    )
    assert ids(report) == ["b one"]
    assert verdict.status is Status.ERROR
    assert "ended at the first failure" not in verdict.summary


def test_a_stop_by_something_else_after_a_failure_is_what_it_was(tmp_path: Path) -> None:
    stop = STOPS.format("shouldstop") + SESSION
    verdict, report = hurried(
        tmp_path, {"conftest.py": stop, "b_test.py": "def test_it(): assert 0\ndef test_b(): 0\n"}
    )
    assert (verdict.status, report.ended_at_first, report.exit_status) == (Status.FAILED, False, 1)
    assert "pytest stopped early (enough); 1 tests did not run" in verdict.notes


def test_a_failed_tear_down_and_a_file_that_cannot_be_collected_end_it_too(tmp_path: Path) -> None:
    late = "import pytest\n@pytest.fixture\ndef it():\n    yield\n    assert 0\ndef test_it(it): pass\ndef test_b(): pass\n"
    verdict, report = hurried(tmp_path / "one", {"b_test.py": late})
    assert (verdict.status, ids(report)) == (Status.FAILED, ["b it"])
    verdict, report = hurried(tmp_path / "two", {"a_test.py": GOOD, "b_test.py": "import nowhere\n"})
    assert (verdict.status, ids(report)) == (Status.FAILED, [])
    assert verdict.summary.startswith("1 file could not be collected; ")
    assert verdict.summary.endswith("; pytest ended at the first failure")


def test_fixtures_of_a_module_are_made_once(tmp_path: Path) -> None:
    fixture = """
        import pytest
        MADE = []
        @pytest.fixture(scope="module", params=[1, 2])
        def it(request):
            MADE.append(request.param)
        def test_one(it): pass
        def test_two(it): assert len(MADE) == MADE[-1]
    """
    verdict, report = hurried(tmp_path, {"a_test.py": GOOD, "b_test.py": fixture, "d_test.py": fixture})
    assert (verdict.status, report.reordered) == (Status.PASSED, True)


def test_a_fixture_of_the_session_is_made_as_often_as_without(tmp_path: Path) -> None:
    fixture = """
        import pytest
        MADE = []
        @pytest.fixture(scope="session", params=[1, 2])
        def it(request):
            MADE.append(request.param)
            return MADE
    """
    test = "def test_one(it): assert it in ([1], [1, 2])\ndef test_two(it): assert it in ([1], [1, 2])\n"
    files = {"conftest.py": fixture, "a_test.py": test, "b_test.py": test, "c_test.py": test}
    verdict, report = hurried(tmp_path, files)
    assert (verdict.status, report.reordered) == (Status.PASSED, True)
    assert [each[0] for each in ids(report)] == list("bbccaabbccaa")


def forgiving() -> list[tuple[str, dict[str, object]]]:
    return [("retries", {"retries": 1}), ("advisory", {"advisory": True})]


@pytest.mark.parametrize(("name", "settings"), forgiving())
def test_what_forgives_has_all_tests_run(tmp_path: Path, name: str, settings: dict[str, object]) -> None:
    verdict, report = hurried(tmp_path, {"a_test.py": GOOD, "b_test.py": BAD}, **settings)
    assert len(report.tests) == 5, name
    assert report.reordered is report.ended_at_first is False
    assert verdict.status is Status.FAILED


def test_only_a_gate_that_certainly_blocks_may_hurry(tmp_path: Path) -> None:
    request = replace(request_for(tmp_path, []), fail_fast=True)

    def with_policy(**settings: object) -> Request:
        told = {key: Setting(value) for key, value in settings.items()}
        return replace(request, policy=replace(request.policy, settings=told))

    assert may_hurry(request)
    assert may_hurry(with_policy(retries=0, advisory=False))
    assert not may_hurry(replace(request, fail_fast=False))
    assert not may_hurry(replace(request, selected=frozenset({"coverage"})))
    assert not may_hurry(with_policy(retries=1))
    assert not may_hurry(with_policy(advisory=True))
    override = GateOverride("tests", "ann@example.org", "known", date(2099, 1, 1), paths=("docs/**",))
    assert not may_hurry(replace(request, policy=replace(request.policy, overrides=(override,))))


def test_the_coverage_of_a_run_that_ended_early_has_no_figure(tmp_path: Path) -> None:
    lay_out(
        tmp_path / "tree",
        {"pytest.ini": QUIET, "app.py": "x = 1\n", "b_test.py": BAD.replace("assert", "import app; assert")},
    )
    both = ("tests", "coverage")
    requests = [
        replace(request_for(tmp_path, [file_change("app.py", "x = 1\n")], gate, both), fail_fast=True) for gate in both
    ]
    _, (tests, coverage) = drive((GATE, requests[0]), (COVERAGE, requests[1]))
    assert (tests.status, coverage.status) == (Status.FAILED, Status.ERROR)
    assert coverage.summary == "no coverage was measured: pytest ended at the first failure"
    assert coverage.measured is None
