"""The coverage gate, over real projects, with what real runs of pytest measure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.formats.pytest_request import COMMAND, PYTEST
from gatekeeper.gates.coverage import GATE
from gatekeeper.gates.coverage.scoring import _apart
from gatekeeper.gates.tests import GATE as TESTS
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.finding import Severity
from gatekeeper.model.job import Outcome
from gatekeeper.model.verdict import Status
from tests.gates.project_runs import QUIET, drive, file_change, lay_out, request_for, run_both

HALF = """
    def half(value):
        if value:
            return 1

        # nobody comes here
        other = 2
        return other
"""
APP = {
    "pytest.ini": QUIET,
    "app/__init__.py": "",
    "app/half.py": HALF,
    "tests/test_half.py": "from app.half import half\n\n\ndef test_half():\n    assert half(True) == 1\n",
}


def test_missing_lines_are_named_with_their_source(tmp_path: Path) -> None:
    tests, coverage = run_both(tmp_path, APP)
    assert tests.status is Status.PASSED
    assert (coverage.status, coverage.measured, coverage.required) == (Status.FAILED, 60.0, 85.0)
    assert coverage.summary == "3 of 5 changed lines are run by tests (60 %)"
    (finding,) = coverage.findings
    assert (finding.rule, finding.severity, finding.path) == ("not-covered", Severity.MEDIUM, "app/half.py")
    assert (finding.line, finding.end_line, finding.message) == (6, 7, "lines 6-7 are run by no test")
    assert finding.detail == "    6     other = 2\n    7     return other"
    assert finding.blocks


def test_enough_is_enough_and_what_is_missing_is_still_told(tmp_path: Path) -> None:
    _, coverage = run_both(tmp_path, APP, minimum=60)
    assert coverage.status is Status.PASSED
    assert [finding.blocks for finding in coverage.findings] == [False]


def test_only_what_the_change_brought_counts(tmp_path: Path) -> None:
    base = {"pytest.ini": QUIET, "app/__init__.py": "", "app/half.py": HALF.replace("return 1", "return 0")}
    _, coverage = run_both(tmp_path, APP, base)
    assert (coverage.status, coverage.measured) == (Status.PASSED, 100.0)
    assert coverage.summary.startswith("1 of 1 changed lines")


CALLS = """
    import app


    def unused():
        return dict(
            # one
            a=1,

            b=2,
        )


    @app.mark(
        1,
    )
    def used(
        value=1,
    ):
        return value
"""


@pytest.mark.parametrize(
    ("old", "new", "summary"),
    [
        ("b=2", "b=3", "0 of 1 changed lines"),
        ("# one", "# two", "nothing to cover"),
        ("value=1", "value=2", "1 of 1 changed lines"),
        ("        1,\n", "        2,\n", "1 of 1 changed lines"),
    ],
)
def test_a_change_inside_of_a_statement_is_a_change_of_it(tmp_path: Path, old: str, new: str, summary: str) -> None:
    base = {
        "pytest.ini": QUIET,
        "app/__init__.py": "def mark(number):\n    return lambda function: function\n",
        "app/calls.py": CALLS,
        "tests/test_calls.py": "from app.calls import used\n\n\ndef test_used():\n    assert used()\n",
    }
    _, coverage = run_both(tmp_path, {**base, "app/calls.py": CALLS.replace(old, new)}, base)
    assert coverage.summary.startswith(summary)


def test_a_branch_into_missing_lines_is_told_with_them(tmp_path: Path) -> None:
    files = {**APP, "pyproject.toml": "[tool.coverage.run]\nbranch = true\n"}
    _, coverage = run_both(tmp_path, files)
    assert coverage.summary == "4 of 7 changed lines and branches are run by tests (57.1 %)"
    assert [f.message for f in coverage.findings] == ["lines 6-7 are run by no test, as none goes there from line 2"]


def test_what_stands_there_for_type_checkers_does_not_count(tmp_path: Path) -> None:
    text = """
        import typing as t

        if t.TYPE_CHECKING:
            from shapes import (
                Circle,
            )
        else:
            Circle = None


        def first(shapes):
            return shapes[0]
    """
    test = "from app.half import first\n\n\ndef test_first():\n    assert first([1]) == 1\n"
    branches = "[tool.coverage.run]\nbranch = true\n"
    files = {**APP, "app/half.py": text, "tests/test_half.py": test, "pyproject.toml": branches}
    _, coverage = run_both(tmp_path, files)
    assert (coverage.measured, coverage.findings) == (100.0, ())


def test_with_all_every_line_of_product_code_counts(tmp_path: Path) -> None:
    _, coverage = run_both(tmp_path, APP, kind=TargetKind.ALL)
    assert coverage.summary == "3 of 5 lines are run by tests (60 %)"


def test_branches_count_where_the_project_measures_them(tmp_path: Path) -> None:
    text = "def f(value):\n    if value:\n        value += 1\n    return value\n"
    files = {
        **APP,
        "app/half.py": text,
        "tests/test_half.py": "from app.half import f\n\n\ndef test_f():\n    assert f(1) == 2\n",
        "pyproject.toml": "[tool.coverage.run]\nbranch = true\n",
    }
    _, coverage = run_both(tmp_path, files)
    assert coverage.summary == "5 of 6 changed lines and branches are run by tests (83.3 %)"
    assert [f.message for f in coverage.findings] == ["no test goes from line 2 to line 4"]
    assert coverage.status is Status.FAILED


def test_a_file_that_no_test_imports_is_missing_as_a_whole(tmp_path: Path) -> None:
    _, coverage = run_both(tmp_path, {**APP, "app/never.py": "x = 1\ny = 2\n", "loose/deep/never.py": "z = 1\n"})
    assert coverage.status is Status.FAILED
    missing = {f.path: f.message for f in coverage.findings}
    assert missing["app/never.py"] == "lines 1-2 are run by no test"
    assert missing["loose/deep/never.py"] == "line 1 is run by no test"


@pytest.mark.parametrize("source", ["app", "./app", "other"])
def test_the_configured_source_decides_what_is_measured(tmp_path: Path, source: str) -> None:
    files = {
        **APP,
        "app/never.py": "x = 1\n",
        "loose.py": "z = 1\n",
        ".coveragerc": f"[run]\nsource = {source}\n",
        "other/__init__.py": "",
    }
    _, coverage = run_both(tmp_path, files, minimum=0)
    if source == "other":
        assert coverage.status is Status.SKIPPED
    else:
        assert {f.path for f in coverage.findings} == {"app/half.py", "app/never.py"}
    assert any("loose.py (outside of the configured source)" in note for note in coverage.notes)


@pytest.mark.parametrize("names", ["aap, tests", "aap.core"])
def test_a_configured_source_that_is_not_there_is_could_not_look(tmp_path: Path, names: str) -> None:
    files = {**APP, ".coveragerc": f"[run]\nsource = {names}\n"}
    _, coverage = run_both(tmp_path, files)
    assert coverage.status is Status.ERROR
    if "tests" in names:  # with nothing of the project there is no data at all
        assert "a source that this project does not have: aap" in coverage.summary
        assert "[tool.coverage.run]" in coverage.hint


def test_code_for_another_python_is_named_with_the_way_to_leave_it_out(tmp_path: Path) -> None:
    files = {
        **APP,
        "app/half.py": """
            import sys
            if sys.version_info < (3, 0):
                import tomli
            def f(x):
                return 1
            def g(x):
                if x:
                    return 1
                return 2
        """,
        "tests/test_half.py": "from app import half\n\n\ndef test_f():\n    assert half.f(1)\n",
    }
    _, coverage = run_both(tmp_path, files)
    assert coverage.status is Status.FAILED
    assert "another Python or platform runs (app/half.py:3) can be left out by `exclude_also`" in coverage.hint


def test_omitted_files_and_excluded_lines_follow_the_configuration(tmp_path: Path) -> None:
    files = {
        **APP,
        "app/half.py": "def f():\n    return 1\n\n\ndef g():  # pragma: no cover\n    return 2\n\n\ndef debug():\n    return 3\n",
        "app/left.py": "x = 1\n",
        "app/report.py": "x = 1\n",
        "tests/test_half.py": "from app import half\n\n\ndef test_f():  # pragma: no cover\n    assert half.f()\n",
        "setup.cfg": "[coverage:run]\nomit = app/left.py\n[coverage:report]\nomit = */report.py\nexclude_also = def debug\n",
    }
    _, coverage = run_both(tmp_path, files)
    assert (coverage.status, coverage.measured) == (Status.PASSED, 100.0)
    assert "the change excludes 1 more line: app/half.py:5" in coverage.notes
    assert (
        "the change alters what coverage counts: setup.cfg (report.exclude_also, report.omit, run.omit)"
        in coverage.notes
    )
    assert any(
        "app/left.py (omitted by the configuration)" in note and "app/report.py" in note for note in coverage.notes
    )


def test_a_change_without_statements_has_nothing_to_cover(tmp_path: Path) -> None:
    base = {**APP, "app/half.py": HALF.replace("nobody", "somebody")}
    tests, coverage = run_both(tmp_path, APP, base)
    assert tests.status is Status.PASSED
    assert (coverage.status, coverage.summary, coverage.measured) == (Status.SKIPPED, "nothing to cover", None)


def test_tests_and_docs_are_no_product_code(tmp_path: Path) -> None:
    names = ["tests/test_x.py", "docs/conf.py", "examples/x.py", "noxfile.py", "README.md"]
    request = request_for(tmp_path, [file_change(name, "x = 1\n") for name in names], "coverage")
    assert GATE.plan(request, {}) == ()
    assert GATE.judge(request, {}).summary == "nothing to cover"


CHILD = """
    import multiprocessing, subprocess, sys

    def test_half():
        code = "from app.half import half; half(0); half(1)"
        subprocess.run([sys.executable, "-c", code], check=True, cwd="/")
"""


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {".coveragerc": "[run]\nsource = app\n"},
        {".coveragerc": "[run]\nsource = ./app\npatch = subprocess\nrelative_files = true\nparallel = true\n"},
        {"pyproject.toml": "[tool.coverage.run]\nbranch = true\ndynamic_context = 'test_function'\n"},
    ],
)
def test_what_child_processes_run_is_counted(tmp_path: Path, extra: dict[str, str]) -> None:
    _, coverage = run_both(tmp_path, {**APP, "tests/test_half.py": CHILD, **extra})
    assert (coverage.status, coverage.measured) == (Status.PASSED, 100.0)


def test_what_multiprocessing_runs_is_counted_where_the_project_says_so(tmp_path: Path) -> None:
    child = """
        import multiprocessing
        from app.half import half

        def test_half():
            context = multiprocessing.get_context("fork")
            for value in (0, 1):
                process = context.Process(target=half, args=(value,))
                process.start()
                process.join()
    """
    files = {**APP, "tests/test_half.py": child, ".coveragerc": "[run]\nconcurrency = multiprocessing\nsource = app\n"}
    _, coverage = run_both(tmp_path, files)
    assert (coverage.status, coverage.measured) == (Status.PASSED, 100.0)
    assert not list((tmp_path / "tree").glob(".coverage.*"))


@pytest.mark.usefixtures("installed_plugins")
def test_what_the_workers_of_xdist_run_is_counted(tmp_path: Path) -> None:
    files = {
        **APP,
        "pytest.ini": QUIET + "  -n2 --cov=app --cov-fail-under=100\n",
        "tests/test_other.py": "from app.half import half\n\n\ndef test_other():\n    assert half(0) == 2\n",
        "app/more.py": "x = 1\n",
    }
    tests, coverage = run_both(tmp_path, files)
    assert tests.status is Status.PASSED
    assert coverage.summary == "5 of 6 changed lines are run by tests (83.3 %)"


def test_src_layout(tmp_path: Path) -> None:
    files = {
        name.replace("app/", "src/app/", 1) if name.startswith("app/") else name: text for name, text in APP.items()
    }
    _, coverage = run_both(tmp_path, {**files, "src/app/n.py": "x = 1\n"}, import_roots=("src",))
    assert {f.path for f in coverage.findings} == {"src/app/half.py", "src/app/n.py"}
    assert coverage.measured == 50.0


def test_a_project_in_a_folder(tmp_path: Path) -> None:
    files = {f"pkg/{name}": text for name, text in APP.items()}
    _, coverage = run_both(tmp_path, files, root="pkg", import_roots=("pkg",))
    assert [(f.path, f.line) for f in coverage.findings] == [("pkg/app/half.py", 6)]


def test_failed_tests_have_measured_all_the_same(tmp_path: Path) -> None:
    tests, coverage = run_both(tmp_path, {**APP, "tests/test_bad.py": "def test_bad():\n    assert 0\n"})
    assert (tests.status, coverage.status, coverage.measured) == (Status.FAILED, Status.FAILED, 60.0)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"conftest.py": "import os\nos._exit(0)\n"}, "left no report"),
        ({"tests/test_half.py": "import nothing_like_this\n"}, "no test was run"),
        ({".coveragerc": "[run]\nplugins = nothing_like_this\n"}, "coverage could not measure"),
        (
            {"conftest.py": "import coverage\ndef pytest_sessionfinish():\n    coverage.Coverage.current().erase()\n"},
            "no coverage data was written",
        ),
        ({"app/broken.py": "def f(:\n"}, "app/broken.py cannot be read: SyntaxError"),
    ],
)
def test_what_was_not_measured_is_an_error(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    _, coverage = run_both(tmp_path, {**APP, **files})
    assert coverage.status is Status.ERROR
    assert coverage.summary.startswith("no coverage was measured: ")
    assert reason in coverage.summary
    assert coverage.hint


@pytest.mark.parametrize(("minimum", "status"), [(50, Status.PASSED), (60, Status.PASSED), (61, Status.FAILED)])
def test_the_total_can_be_gated(tmp_path: Path, minimum: float, status: Status) -> None:
    _, coverage = run_both(tmp_path, APP, APP | {"README.md": "x"}, total=minimum)
    assert coverage.status is Status.SKIPPED  # nothing changed at all
    _, coverage = run_both(tmp_path / "b", {**APP, "tests/x.txt": "x"}, APP, total=minimum)
    assert (coverage.status, coverage.measured) == (status, 60.0)
    assert "60 % of the project" in coverage.summary
    assert [f.rule for f in coverage.findings] == (["total-too-low"] if status is Status.FAILED else [])


@pytest.mark.parametrize("worse", [True, False])
def test_a_drop_can_be_forbidden(tmp_path: Path, worse: bool) -> None:
    base = {**APP, "app/half.py": "def half(value):\n    return 1\n"} if worse else APP
    head = {**APP, "tests/more.txt": "x"}
    _, coverage = run_both(tmp_path, head, base, drop="forbid", minimum=0)
    assert coverage.status is (Status.FAILED if worse else Status.PASSED)
    assert [f.rule for f in coverage.findings if f.blocks] == (["total-dropped"] if worse else [])
    assert ("100 % before" if worse else "60 % before") in coverage.summary


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (94.801, 94.823, ("94.8 %", "94.82 %")),
        (94.7, 94.8, ("94.7 %", "94.8 %")),
        (None, 94.8, ("nothing", "94.8 %")),
        (60.0, 60.0, ("60 %", "60 %")),
        (99.99991, 99.99999, ("99.99991 %", "99.99999 %")),
    ],
)
def test_a_drop_never_looks_like_none(now: float | None, before: float, words: tuple[str, str]) -> None:
    assert _apart(now, before) == words


def test_the_job_that_reads_names_its_proof(tmp_path: Path) -> None:
    request = request_for(tmp_path, [file_change("app/a.py", "x = 1\n")], "coverage", ("tests", "coverage"))
    (job,) = GATE.plan(request, {})
    assert [need.job for need in job.needs] == [PYTEST]
    assert json.loads(job.stdin)["files"] == [f"{request.root}/app/a.py"]
    (tests,) = TESTS.plan(replace(request, policy=replace(request.policy, name="tests")), {})
    assert json.loads(tests.stdin)["measure"]["data"] == json.loads(job.stdin)["data"]


def test_without_coverage_in_the_environment_only_the_tests_run(tmp_path: Path) -> None:
    changes = [file_change("app/a.py", "x = 1\n")]
    request = request_for(tmp_path, changes, "coverage", ("tests", "coverage"), tools={"pytest": "8"})
    assert GATE.plan(request, {}) == ()
    verdict = GATE.judge(request, {})
    assert (verdict.status, "pip install coverage" in verdict.hint) == (Status.ERROR, True)
    assert json.loads(TESTS.plan(request, {})[0].stdin)["measure"] is None


def test_nothing_is_left_in_the_environment(tmp_path: Path) -> None:
    import coverage as package

    site = Path(package.__file__).parents[1]
    before = sorted(site.iterdir())
    run_both(tmp_path, APP)
    assert sorted(site.iterdir()) == before


LCOV = "TN:\nSF:{}\nDA:1,1\nDA:2,0\nend_of_record\n"


@pytest.mark.parametrize("name", ["src/a.ts", "{root}/src/a.ts"])
def test_a_report_of_another_language_is_read(tmp_path: Path, name: str) -> None:
    changes = [
        file_change("src/a.ts", "one\ntwo\n"),
        file_change("src/new.ts", "// words\n\nlet x\n"),
        file_change("jest.config.ts", "x\n"),
    ]
    settings = {"reads": {"lcov": "coverage/lcov.info"}}
    request = request_for(tmp_path, changes, "coverage", ("tests", "coverage"), **settings)
    files = {f"{request.root}/coverage/lcov.info": LCOV.format(name.format(root=request.root))}
    assert GATE.plan(request, {}) == ()
    verdict = GATE.judge(request, {COMMAND: Outcome(COMMAND, exit_code=0, files=files)})
    assert (verdict.status, verdict.measured) == (Status.FAILED, 33.3)
    assert [(f.path, f.line) for f in verdict.findings] == [("src/a.ts", 2), ("src/new.ts", 3)]
    assert any("jest.config.ts (not in the report)" in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ({}, "no test command was run"),
        ({COMMAND: Outcome(COMMAND, exit_code=0)}, "left no lcov report"),
        ({COMMAND: Outcome(COMMAND, problem="time limit")}, "time limit"),
    ],
)
def test_a_missing_report_of_another_language_is_an_error(
    tmp_path: Path, outcomes: dict[str, Outcome], reason: str
) -> None:
    request = request_for(tmp_path, [file_change("src/a.ts", "x\n")], "coverage", reads={"lcov": "lcov.info"})
    verdict = GATE.judge(request, outcomes)
    assert (verdict.status, reason in verdict.summary) == (Status.ERROR, True)


def test_a_wrong_origin_has_no_coverage(tmp_path: Path) -> None:
    lay_out(tmp_path / "elsewhere", {"app/__init__.py": "", "app/half.py": "def half(v):\n    return 1\n"})
    conftest = f"import sys\nsys.path.insert(0, {str(tmp_path / 'elsewhere')!r})\n"
    _, coverage = run_both(tmp_path, {**APP, "conftest.py": conftest})
    assert (coverage.status, "wrong import origin" in coverage.summary) == (Status.ERROR, True)


def test_a_first_commit_has_nothing_to_drop_from(tmp_path: Path) -> None:
    request = request_for(tmp_path, [file_change("app/a.py", "x = 1\n")], "coverage", drop="forbid")
    request = replace(request, target=replace(request.target, base_tree="4b825dc642cb6eb9a060e54bf8d69288fbee4904"))
    assert [job.id for job in GATE.plan(request, {})] == ["coverage.report"]


def test_jobs_end_before_what_needs_them(tmp_path: Path) -> None:
    lay_out(tmp_path / "tree", APP)
    changes = [file_change("app/half.py", (tmp_path / "tree/app/half.py").read_text())]
    both = ("tests", "coverage")
    outcomes, _ = drive(
        (TESTS, request_for(tmp_path, changes, "tests", both)), (GATE, request_for(tmp_path, changes, "coverage", both))
    )
    assert list(outcomes) == [PYTEST, "coverage.report"]
