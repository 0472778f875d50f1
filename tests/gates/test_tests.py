"""The tests gate, over real projects and real runs of pytest."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.formats.pytest_request import COMMAND, PYTEST, report_path
from gatekeeper.gates.tests import GATE
from gatekeeper.model.finding import Severity
from gatekeeper.model.job import Outcome
from gatekeeper.model.verdict import Status
from tests.gates.project_runs import QUIET, do, drive, file_change, lay_out, request_for, run_tests

APP = {
    "pytest.ini": QUIET,
    "app/__init__.py": "def add(a, b):\n    return a + b\n",
    "tests/test_app.py": "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
}


def test_passing_tests_pass(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, APP)
    assert (verdict.status, verdict.measured, verdict.required, verdict.unit) == (Status.PASSED, 100.0, 100.0, "%")
    assert verdict.summary.startswith("1 passed in ")
    assert verdict.findings == ()


def test_a_failed_test_is_shown_with_its_assertion_and_place(tmp_path: Path) -> None:
    bad = "from app import add\n\n\ndef test_bad():\n    assert add(1, 2) == 4\n\ndef test_skip():\n    import pytest\n    pytest.skip('x')\n"
    verdict = run_tests(tmp_path, {**APP, "tests/test_bad.py": bad})
    assert verdict.status is Status.FAILED
    assert verdict.summary.startswith("1 failed, 1 passed, 1 skipped in ")
    assert verdict.measured == 50.0
    (finding,) = verdict.findings
    assert (finding.rule, finding.severity, finding.path, finding.line) == (
        "test-failed",
        Severity.HIGH,
        "tests/test_bad.py",
        5,
    )
    assert finding.message == "test_bad: assert 3 == 4" or "assert 3 == 4" in finding.message
    assert "where 3 = add(1, 2)" in finding.detail
    assert finding.detail.startswith("    def test_bad():\n>       assert"), "the margin of the first line is kept"
    assert finding.blocks


def test_a_failure_in_a_fixture_is_an_error_of_the_test(tmp_path: Path) -> None:
    text = "import pytest\n\n\n@pytest.fixture\ndef broken():\n    raise RuntimeError('no database')\n\n\ndef test_x(broken):\n    pass\n"
    verdict = run_tests(tmp_path, {**APP, "tests/test_x.py": text})
    assert verdict.status is Status.FAILED
    assert verdict.summary.startswith("1 error, 1 passed")
    assert (verdict.findings[0].message, verdict.findings[0].line) == ("test_x: RuntimeError: no database", 6)


def test_a_file_that_cannot_be_collected_fails_the_gate(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "tests/test_broken.py": "import nothing_like_this\n"})
    assert verdict.status is Status.FAILED
    (finding,) = verdict.findings
    assert (finding.rule, finding.path, finding.line) == ("collection-error", "tests/test_broken.py", 1)
    assert "No module named 'nothing_like_this'" in finding.message
    assert verdict.measured == 0.0
    assert "1 file could not be collected" in verdict.summary
    assert verdict.hint.startswith(
        f"nothing_like_this is not installed for the interpreter that ran the tests, {sys.executable}"
    )


def test_what_a_conftest_cannot_import_is_named_with_the_interpreter(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "tests/conftest.py": "import nothing_like_this.at_all\n"})
    assert verdict.status is Status.ERROR
    assert verdict.hint.startswith(
        f"nothing_like_this is not installed for the interpreter that ran the tests, {sys.executable}"
    )


def test_a_module_of_the_project_that_is_not_there_is_no_matter_of_the_environment(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "tests/test_broken.py": "import app.nothing\n"})
    assert (verdict.status, verdict.hint) == (Status.FAILED, "")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param({"tests/test_app.py": "x = 1\n"}, "no tests were found", id="zero tests"),
        pytest.param(
            {"tests/test_app.py": "import pytest\npytest.skip('all', allow_module_level=True)\n"},
            "no tests were found",
            id="all skipped at collection",
        ),
        pytest.param(
            {"tests/test_app.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_x():\n    pass\n"},
            "all 1 tests were skipped",
            id="all skipped",
        ),
        pytest.param({"conftest.py": "import os\nos._exit(0)\n"}, "left no report", id="exit at once"),
        pytest.param(
            {"conftest.py": "import os\ndef pytest_sessionfinish():\n    os._exit(0)\n"}, "left no report", id="exit at the end"
        ),
        pytest.param(
            {"conftest.py": "import atexit, os\natexit.register(os._exit, 0)\n", "tests/test_b.py": "def test_b():\n    assert 0\n"},
            "ended with exit code 0",
            id="exit after the report",
        ),
        pytest.param(
            {
                "conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
                "tests/test_b.py": "def test_b():\n    assert 0\n",
            },
            "exit code 0, although 1 did not pass",
            id="exit status set to 0",
        ),
        pytest.param(
            {"conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 1\n"},
            "no test failed",
            id="exit status set to 1",
        ),
        pytest.param(
            {"conftest.py": "import pytest\ndef pytest_runtest_setup():\n    pytest.exit('enough', returncode=0)\n"},
            "have no outcome",
            id="pytest.exit(0)",
        ),
        pytest.param(
            {"conftest.py": "def pytest_runtest_setup():\n    raise KeyboardInterrupt\n"}, "interrupted", id="interrupted"
        ),
        pytest.param({"pytest.ini": "[pytest]\naddopts = --no-such-option\n"}, "pytest could not start", id="usage"),
        pytest.param({"pytest.ini": "[pytest]\naddopts = --collect-only\n"}, "have no outcome", id="collect only"),
        pytest.param({"conftest.py": "def pytest_runtestloop():\n    1 / 0\n"}, "internal error", id="internal error"),
        pytest.param(
            {"tests/test_app.py": "import os, signal\ndef test_x():\n    os.kill(os.getpid(), signal.SIGKILL)\n"},
            "killed by signal 9",
            id="killed",
        ),
    ],
)  # fmt: skip
def test_what_could_not_be_looked_at_is_an_error(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    verdict = run_tests(tmp_path, {**APP, **files})
    assert verdict.status is Status.ERROR
    assert reason in verdict.summary


def test_a_syntax_error_is_shown_at_its_line(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "app/more.py": "x = 1\ny = (\n", "tests/test_b.py": "\n\nimport app.more\n"})
    (finding,) = verdict.findings
    assert (finding.path, finding.line) == ("app/more.py", 2)
    assert "SyntaxError" in finding.message


def test_an_empty_suite_may_be_allowed(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "tests/test_app.py": "x = 1\n"}, allow_empty=True)
    assert (verdict.status, verdict.summary) == (Status.SKIPPED, "no tests were found")


def test_stopping_at_the_first_failure_is_a_failure(tmp_path: Path) -> None:
    files = {**APP, "pytest.ini": QUIET + "  -x\n", "tests/test_a.py": "def test_a():\n    assert 0\n"}
    verdict = run_tests(tmp_path, files, retries=2)
    assert verdict.status is Status.FAILED
    assert [finding.rule for finding in verdict.findings] == ["test-failed"]
    assert any("1 tests did not run" in note for note in verdict.notes)


def test_the_users_cache_of_failures_decides_nothing_and_nothing_is_written(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    lay_out(tree, {".pytest_cache/v/cache/lastfailed": json.dumps({"tests/test_app.py::test_add": True})})
    files = {**APP, "pytest.ini": QUIET + "  --lf\n", "tests/test_b.py": "def test_b():\n    pass\n"}
    before = set(files) | {".pytest_cache/v/cache/lastfailed"}
    verdict = run_tests(tmp_path, files, in_place=True)
    assert verdict.summary.startswith("2 passed")
    assert {str(place.relative_to(tree)) for place in tree.rglob("*") if place.is_file()} == before


def test_a_package_from_elsewhere_is_a_wrong_origin(tmp_path: Path) -> None:
    lay_out(tmp_path / "elsewhere", {"app/__init__.py": "def add(a, b):\n    return 3\n"})
    conftest = f"import sys\nsys.path.insert(0, {str(tmp_path / 'elsewhere')!r})\n"
    verdict = run_tests(tmp_path, {**APP, "conftest.py": conftest})
    assert verdict.status is Status.ERROR
    assert "wrong import origin: app came from" in verdict.summary
    assert str(tmp_path / "elsewhere") in verdict.summary
    assert str(tmp_path / "tree" / "app" / "__init__.py") in verdict.summary


def test_packages_without_a_module_in_the_tree_are_left_alone(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "space/x.py": "y = 1\n"}, packages=("app", "space", "json", "absent"))
    assert verdict.status is Status.PASSED


def test_src_layout_and_child_processes_import_the_candidate(tmp_path: Path) -> None:
    child = "import subprocess, sys\n\n\ndef test_child():\n    subprocess.run([sys.executable, '-c', 'import app'], check=True, cwd='/')\n"
    files = {"pytest.ini": QUIET, "src/app/__init__.py": "x = 1\n", "tests/test_app.py": child}
    assert run_tests(tmp_path, files, import_roots=("src",)).status is Status.PASSED


@pytest.mark.usefixtures("installed_plugins")
def test_xdist_runs_are_understood(tmp_path: Path) -> None:
    files = {**APP, "pytest.ini": QUIET + "  -n2\n", "tests/test_b.py": "def test_b():\n    assert 0\n"}
    verdict = run_tests(tmp_path, files)
    assert verdict.status is Status.FAILED
    assert verdict.summary.startswith("1 failed, 1 passed")
    assert "run by 2 pytest-xdist workers" in verdict.notes


@pytest.mark.usefixtures("installed_plugins")
def test_xdist_names_a_file_that_cannot_be_collected_once(tmp_path: Path) -> None:
    files = {**APP, "pytest.ini": QUIET + "  -n2\n", "tests/test_b.py": "import nothing_like_this\n"}
    verdict = run_tests(tmp_path, files)
    assert verdict.status is Status.FAILED
    assert len(verdict.findings) == 1


def test_subtests_count_with_their_test(tmp_path: Path) -> None:
    text = """
        import unittest

        class TestAll(unittest.TestCase):
            def test_good(self):
                with self.subTest("a"):
                    self.skipTest("not here")
                with self.subTest("b"):
                    pass

            def test_bad(self):
                with self.subTest("a"):
                    assert 1 == 2
                with self.subTest("b"):
                    pass
    """
    verdict = run_tests(tmp_path, {**APP, "tests/test_s.py": text})
    assert verdict.status is Status.FAILED
    assert verdict.summary.startswith("1 failed, 2 passed")
    assert verdict.findings[0].line == 12


@pytest.mark.usefixtures("installed_plugins")
def test_the_threshold_of_pytest_cov_is_no_test(tmp_path: Path) -> None:
    files = {
        **APP,
        "pytest.ini": QUIET + "  --cov=app --cov-fail-under=100\nfilterwarnings = error\n",
        "app/x.py": "y = 1\n",
    }
    assert run_tests(tmp_path, files).status is Status.PASSED


FLAKY = """
    from pathlib import Path
    import pytest

    @pytest.mark.parametrize("value", ["a/b", "c d"])
    def test_flaky(value):
        place = Path(__file__).with_name(value.replace("/", "-") + ".ran")
        there = place.exists()
        place.write_text("")
        assert there
"""


def test_a_flaky_test_is_named_and_does_not_block(tmp_path: Path) -> None:
    verdict = run_tests(tmp_path, {**APP, "tests/test_flaky.py": FLAKY}, retries=2)
    assert verdict.status is Status.PASSED
    assert verdict.measured == 100.0
    assert "2 flaky" in verdict.summary
    assert [(f.rule, f.severity, f.blocks) for f in verdict.findings] == [("flaky-test", Severity.LOW, False)] * 2
    assert "flaky: tests/test_flaky.py::test_flaky[a/b]" in verdict.notes


def test_without_retries_a_flaky_test_blocks(tmp_path: Path) -> None:
    assert run_tests(tmp_path, {**APP, "tests/test_flaky.py": FLAKY}).status is Status.FAILED


def test_a_true_failure_survives_its_retries(tmp_path: Path) -> None:
    files = {**APP, "tests/test_flaky.py": FLAKY, "tests/test_b.py": "def test_b():\n    assert 0\n"}
    lay_out(tmp_path / "tree", files)
    request = request_for(tmp_path, [file_change("app/__init__.py", "x")], retries=2)
    outcomes, (verdict,) = drive((GATE, request))
    assert list(outcomes) == [PYTEST, "tests.retry1", "tests.retry2"]
    assert json.loads(GATE.plan(request, outcomes)[2].stdin)["only"] == ["tests/test_b.py::test_b"]
    assert verdict.status is Status.FAILED
    assert [f.rule for f in verdict.findings] == ["test-failed", "flaky-test", "flaky-test"]


def test_a_project_in_a_folder_names_paths_of_the_repository(tmp_path: Path) -> None:
    files = {f"pkg/{name}": text for name, text in APP.items()}
    files["pkg/tests/test_b.py"] = "def test_b():\n    assert 0\n"
    verdict = run_tests(tmp_path, files, root="pkg", import_roots=("pkg",))
    assert [(f.path, f.line) for f in verdict.findings] == [("pkg/tests/test_b.py", 2)]


def test_progress_is_told_in_lines_of_its_own(tmp_path: Path) -> None:
    noisy = "import os\n\n\ndef test_noise(capfd):\n    with capfd.disabled():\n        os.write(1, b'::gatekeeper {not json')\n        print('half a line', end='')\n"
    lay_out(tmp_path / "tree", {**APP, "tests/test_noise.py": noisy})
    request = request_for(tmp_path, [file_change("app/__init__.py", "x")])
    (job,) = GATE.plan(request, {})
    import os
    import subprocess

    told = subprocess.run(
        job.argv,
        cwd=job.cwd,
        env={**os.environ, **dict(job.env)},
        input=job.stdin.encode(),
        capture_output=True,
        check=False,
    )
    lines = told.stdout.decode().splitlines()
    assert lines and all(line.startswith("::gatekeeper {") for line in lines)
    assert json.loads(lines[-1].removeprefix("::gatekeeper "))["done"] == 2


def test_an_unchanged_project_is_skipped(tmp_path: Path) -> None:
    request = request_for(tmp_path, [])
    assert GATE.plan(request, {}) == ()
    assert GATE.judge(request, {}).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("the active environment", "-m pip install pytest"),
        (".venv made by uv", "uv add --dev pytest"),
        ("the environment of poetry", "poetry add --group dev pytest"),
        ("the environment of hatch", "hatch run pip install pytest"),
    ],
)
def test_a_missing_pytest_is_an_error_with_the_remedy(tmp_path: Path, reason: str, hint: str) -> None:
    request = request_for(tmp_path, [file_change("a.py", "x")], tools={"pip": "1"})
    request = replace(request, environment=replace(request.environment, reason=reason))
    assert GATE.plan(request, {}) == ()
    verdict = GATE.judge(request, {})
    assert (verdict.status, hint in verdict.hint) == (Status.ERROR, True)


def test_a_report_of_another_run_is_not_believed(tmp_path: Path) -> None:
    lay_out(tmp_path / "tree", APP)
    request = request_for(tmp_path, [file_change("app/__init__.py", "x")])
    outcome = do(GATE.plan(request, {})[0])
    path = report_path(request, PYTEST)
    forged = json.dumps({**json.loads(outcome.files[path]), "nonce": "0" * 32})
    verdict = GATE.judge(request, {PYTEST: replace(outcome, files={path: forged})})
    assert (verdict.status, "not of this run" in verdict.summary) == (Status.ERROR, True)


def test_a_time_limit_is_an_error(tmp_path: Path) -> None:
    request = request_for(tmp_path, [file_change("a.py", "x")])
    verdict = GATE.judge(request, {PYTEST: Outcome(PYTEST, stderr="slow", problem="ended after the time limit of 5 s")})
    assert verdict.status is Status.ERROR
    assert "time limit of 5 s" in verdict.summary
    assert verdict.findings[0].detail == "slow"


JUNIT = (
    '<testsuite tests="2"><testcase name="a" classname="s"/><testcase name="b" classname="s">{}</testcase></testsuite>'
)
FAILURE = '<failure message="expected 1">at b</failure>'


@pytest.mark.parametrize(
    ("code", "text", "status", "words"),
    [
        (0, JUNIT.format(""), Status.PASSED, "2 passed"),
        (1, JUNIT.format(FAILURE), Status.FAILED, "1 failed, 1 passed"),
        (0, JUNIT.format(FAILURE), Status.ERROR, "exit code 0, although 1 tests did not pass"),
        (1, JUNIT.format(""), Status.ERROR, "names no failed test"),
        (0, '<testsuite tests="0"></testsuite>', Status.ERROR, ""),
        (0, "<testsuite", Status.ERROR, ""),
        (0, None, Status.ERROR, "left no junit report at out/junit.xml"),
    ],
)
def test_a_command_and_its_report_must_agree(
    tmp_path: Path, code: int, text: str | None, status: Status, words: str
) -> None:
    settings = {"run": "npx jest {files}", "reads": {"junit": "out/junit.xml", "lcov": "coverage/lcov.info"}}
    request = request_for(tmp_path, [file_change("src/a.ts", "x\n")], **settings)
    (job,) = GATE.plan(request, {})
    assert job.argv == ("npx", "jest", "src/a.ts")
    assert job.outputs == (f"{request.root}/out/junit.xml", f"{request.root}/coverage/lcov.info")
    files = {} if text is None else {job.outputs[0]: text}
    verdict = GATE.judge(request, {COMMAND: Outcome(COMMAND, exit_code=code, files=files)})
    assert verdict.status is status
    assert words in verdict.summary


@pytest.mark.parametrize(("code", "status"), [(0, Status.PASSED), (3, Status.FAILED)])
def test_a_command_without_a_report_is_judged_by_its_exit_code(tmp_path: Path, code: int, status: Status) -> None:
    request = request_for(tmp_path, [file_change("a.go", "x\n")], run="go test ./...")
    assert GATE.judge(request, {COMMAND: Outcome(COMMAND, exit_code=code)}).status is status


@pytest.mark.parametrize("file", ["../../.bashrc", "/etc/passwd", "a/../../b"])
def test_a_report_outside_of_the_project_is_refused(tmp_path: Path, file: str) -> None:
    request = request_for(tmp_path, [file_change("a.go", "x\n")], run="go test", reads={"junit": file})
    assert GATE.plan(request, {}) == ()
    assert GATE.judge(request, {}).status is Status.ERROR


def test_the_counts_are_those_that_pytest_prints(tmp_path: Path) -> None:
    tests = """
        import pytest
        def test_good(): pass
        @pytest.mark.xfail
        def test_bad(): assert False
        @pytest.mark.skip
        def test_left(): pass
    """
    verdict = run_tests(tmp_path, {**APP, "tests/test_app.py": tests})
    assert verdict.status is Status.PASSED
    assert verdict.summary.startswith("1 passed, 1 skipped, 1 xfailed in ")


def test_what_only_a_build_makes_is_named(tmp_path: Path) -> None:
    changes = [file_change("src/app/_speed.c", "int x;\n"), file_change("docs/x.c", "int x;\n")]
    request = request_for(tmp_path, changes)
    request = replace(request, candidate=replace(request.candidate, borrowed=("src/app/_speed.so", "node_modules")))
    notes = GATE.judge(request, {}).notes
    assert notes[0] == "built files taken over from the working tree: src/app/_speed.so"
    assert "what was built last of src/app/_speed.c: build it" in notes[1]
    assert GATE.judge(request_for(tmp_path, [file_change("app.py", "x = 1\n")]), {}).notes == ()
