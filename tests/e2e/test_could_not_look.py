"""Whatever keeps a gate from looking is exit 3 with a reason and a remedy: never passed, and never taken for a finding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_planted_defects import BASE, MODULE, Files, body
from tests.repository import GitRepository, Run

GOOD: Files = {"sums.py": body("return first")}


def judged(repository: GitRepository, base: Files, change: Files, *arguments: str) -> Run:
    """Commit a base, stage a change and run."""
    repository.commit(BASE | base)
    repository.stage(change)
    return repository.gatekeeper(*arguments)


def unlooked(run: Run, gate: str, words: str) -> None:
    """Assert that a gate said it could not look, with these words, and what to do."""
    assert run.exit == 3, run.stdout + run.stderr
    verdict = run.verdict(gate)
    assert verdict["status"] == "error"
    assert words in verdict["summary"], verdict["summary"]
    assert verdict["hint"]


def test_pytest_is_missing(repository: GitRepository, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = tmp_path / "bare" / "bin" / "python"
    run = judged(repository, {".gatekeeper.yml": f"python: {python}\n"}, GOOD, "--gate", "tests")
    unlooked(run, "tests", "pytest")
    assert f"{python} -m pip install pytest" in run.verdict("tests")["hint"]


def test_the_interpreter_does_not_exist(repository: GitRepository) -> None:
    run = judged(repository, {".gatekeeper.yml": "python: nowhere/python\n"}, GOOD, "--gate", "tests")
    unlooked(run, "tests", "")


def test_no_tests_ran(repository: GitRepository) -> None:
    run = judged(repository, {"tests/test_sums.py": ""}, GOOD, "--gate", "tests")
    unlooked(run, "tests", "no test")


def test_pytest_left_without_a_report(repository: GitRepository) -> None:
    run = judged(repository, {"conftest.py": "import os\nos._exit(0)\n"}, GOOD, "--gate", "tests", "--gate", "coverage")
    unlooked(run, "tests", "report")
    assert run.status("coverage") == "error"


def test_the_exit_code_was_forged(repository: GitRepository) -> None:
    conftest = "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
    bad: Files = {"sums.py": MODULE.replace("+", "-")}
    run = judged(repository, {"conftest.py": conftest}, bad, "--gate", "tests")
    unlooked(run, "tests", "")


def test_the_time_limit(repository: GitRepository) -> None:
    slow = {"tests/test_slow.py": "import time\n\ndef test_slow():\n    time.sleep(60)\n"}
    config = {".gatekeeper.yml": "gates:\n  tests: {timeout: 3}\n"}
    run = judged(repository, {**slow, **config}, GOOD, "--gate", "tests")
    unlooked(run, "tests", "time limit of 3 s")


def test_pylint_crashed(repository: GitRepository) -> None:
    config = "[MAIN]\nload-plugins=exploding\ninit-hook=import sys; sys.path.insert(0, '.')\n"
    plugin = "def register(linter):\n    raise RuntimeError('boom')\n"
    run = judged(repository, {".pylintrc": config, "exploding.py": plugin}, GOOD, "--gate", "review")
    unlooked(run, "review", "pylint")


def test_a_command_is_missing(repository: GitRepository) -> None:
    run = judged(
        repository, {".gatekeeper.yml": "gates:\n  spell: {run: 'no-such-tool {files}'}\n"}, GOOD, "--gate", "spell"
    )
    unlooked(run, "spell", "no-such-tool")


def test_a_command_wrote_no_report(repository: GitRepository) -> None:
    config = "gates:\n  lint: {run: 'true', reads: {sarif: out.sarif}}\n"
    run = judged(repository, {".gatekeeper.yml": config}, GOOD, "--gate", "lint")
    unlooked(run, "lint", "")


def test_the_wrong_package_was_imported(repository: GitRepository, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sums.py").write_text(MODULE)
    conftest = f"import sys\nsys.path.insert(0, {str(elsewhere)!r})\n"
    run = judged(repository, {"conftest.py": conftest}, GOOD, "--gate", "tests")
    unlooked(run, "tests", "import")


def test_the_base_is_missing(repository: GitRepository) -> None:
    repository.commit(BASE)
    run = repository.gatekeeper("--base", "origin/gone")
    assert run.exit == 3
    assert "'origin/gone' names no commit" in run.stderr
    assert "git fetch" in run.stderr


def test_outside_of_a_repository(tmp_path: Path) -> None:
    run = GitRepository(tmp_path).gatekeeper()
    assert run.exit == 3
    assert "is not in a Git repository" in run.stderr


@pytest.mark.parametrize(
    ("config", "words"),
    [("gates:\n  reviews: {}\n", "review"), ("gates:\n  review: {minimum: high}\n", ".gatekeeper.yml:2")],
)
def test_a_wrong_configuration_is_usage(repository: GitRepository, config: str, words: str) -> None:
    run = judged(repository, {}, {".gatekeeper.yml": config})
    assert run.exit == 2
    assert words in run.stderr


def test_an_error_outranks_a_failure(repository: GitRepository) -> None:
    config = "gates:\n  red: {run: 'false'}\n  gone: {run: no-such-tool}\n"
    run = judged(repository, {".gatekeeper.yml": config}, GOOD, "--gate", "red", "--gate", "gone")
    assert run.exit == 3
    assert (run.status("red"), run.status("gone")) == ("failed", "error")


def test_an_extension_was_not_built_again(repository: GitRepository) -> None:
    """What the tests would run is not what the change holds."""
    base: Files = {"pkg/__init__.py": '"""A package."""\n', "pkg/fast.c": "int one;\n", ".gitignore": "*.so\n"}
    repository.write("pkg/fast.so", b"built long ago")
    os.utime(repository.path / "pkg" / "fast.so", (1_000_000_000, 1_000_000_000))
    run = judged(repository, base, {"pkg/fast.c": "int two;\n"}, "--gate", "tests")
    unlooked(run, "tests", "older than their changed sources: pkg/fast.so")
