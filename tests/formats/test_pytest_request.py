"""The jobs that work in the project's interpreter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.formats.pytest_request import (
    CoverageReading,
    PytestRun,
    coverage_job,
    files_read,
    missing_tools,
    nonce_of,
    pytest_job,
    report_path,
)
from gatekeeper.model.job import Job
from gatekeeper.ports import Request
from tests.gates.project_runs import request_for


def test_the_job_of_a_run(tmp_path: Path) -> None:
    request = request_for(tmp_path, [], root="pkg", import_roots=("pkg/src", "pkg"), args=("-q",), timeout=7)
    job = pytest_job(request, PytestRun("tests.pytest", "tests", "label", request.candidate.directory, measure=True))
    tree = str(tmp_path / "tree")
    assert job.argv == (request.environment.python, f"{request.programs}/inside/run_tests.py")
    assert (job.cwd, job.seconds_limit, job.outputs) == (f"{tree}/pkg", 7.0, (report_path(request, "tests.pytest"),))
    assert dict(job.env)["PYTHONPATH"] == f"{tree}/pkg/src:{tree}/pkg"
    asked = json.loads(job.stdin)
    assert (asked["nonce"], asked["root"], asked["args"]) == (nonce_of(request, "tests.pytest"), f"{tree}/pkg", ["-q"])
    assert asked["measure"]["data"].startswith(request.scratch)


def test_the_users_own_tree_gets_no_bytecode_and_a_shadow_may(tmp_path: Path) -> None:
    for in_place in (True, False):
        request = request_for(tmp_path, [], in_place=in_place)
        job = pytest_job(request, PytestRun("a", "tests", "", request.candidate.directory))
        assert ("PYTHONDONTWRITEBYTECODE" in dict(job.env)) is in_place
        base = pytest_job(request, PytestRun("a", "tests", "", request.candidate.base_directory))
        assert "PYTHONDONTWRITEBYTECODE" not in dict(base.env)
        assert dict(base.env)["PYTHONPATH"] == str(tmp_path / "base")


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    request = request_for(tmp_path, [])
    name = "/tree/a\udcff\n.py"
    job = coverage_job(request, CoverageReading("coverage.report", "coverage", "tests.pytest", "/tree", (name,)))
    job.stdin.encode("ascii")
    assert json.loads(job.stdin)["files"] == [name]


def test_every_job_has_a_nonce_of_its_own(tmp_path: Path) -> None:
    request = request_for(tmp_path, [])
    assert len({nonce_of(request, job) for job in ("tests.pytest", "tests.retry1", "coverage.report")}) == 3


@pytest.mark.parametrize(
    ("tools", "reason"),
    [
        ({"pytest": "8", "coverage": "7"}, ""),
        ({"pytest": "8"}, "coverage is not installed"),
        ({}, "pytest and coverage are not installed"),
    ],
)
def test_missing_tools_are_named(tmp_path: Path, tools: dict[str, str], reason: str) -> None:
    said, hint = missing_tools(request_for(tmp_path, [], tools=tools), "pytest", "coverage")
    assert said.startswith(reason)
    assert bool(said) is bool(reason) is bool(hint)


def test_only_the_run_of_all_tests_is_told_which_files_are_read(tmp_path: Path) -> None:
    request = request_for(tmp_path, [])
    run = PytestRun("tests.pytest", "tests", "", request.candidate.directory, measure=True)
    base = PytestRun("coverage.base", "coverage", "", request.candidate.base_directory, measure=True)
    few = replace(request, measured=("/tree/a.py", "/tree/b.py"))

    def only(request: Request, run: PytestRun) -> object:
        return json.loads(pytest_job(request, run).stdin)["measure"]["only"]

    assert only(few, run) == ["/tree/a.py", "/tree/b.py"]
    assert only(request, run) is only(replace(request, measured=()), run) is only(few, base) is None


def test_the_files_that_are_read_are_those_of_all_readings_of_the_tests(tmp_path: Path) -> None:
    request = request_for(tmp_path, [])

    def reading(measured_by: str, *files: str, total: bool = False) -> Job:
        return coverage_job(request, CoverageReading("id", "coverage", measured_by, "/tree", files, total))

    tests = pytest_job(request, PytestRun("tests.pytest", "tests", "", "/tree"))
    one, two = reading("tests.pytest", "/tree/b.py"), reading("tests.pytest", "/tree/a.py", "/tree/b.py")
    base = reading("coverage.base", total=True)
    assert files_read([tests, one, two, base]) == ("/tree/a.py", "/tree/b.py")
    assert files_read([one, reading("tests.pytest", total=True)]) is None
    assert files_read([tests]) == ()
