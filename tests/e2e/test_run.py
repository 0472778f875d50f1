"""The command line as a whole: parallel gates, options, interrupts, projects of a monorepo, and what is left behind."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.test_planted_defects import BASE, MODULE, TEST, body
from tests.repository import GitRepository

OFF = "  review: off\n  coverage: off\n  tests: off\n  docs: off\n"
SLEEPS = "gates:\n" + OFF + "".join(f"  {name}: {{run: sleep 1}}\n" for name in "abcd")


def start(repository: GitRepository, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """Start a run and go on."""
    return subprocess.Popen(
        [sys.executable, "-m", "gatekeeper", *arguments],
        cwd=repository.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,  # type: ignore[call-overload]
    )


def processes_with(word: str) -> list[int]:
    """The processes that have this word among their arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_four_sleeps_run_at_the_same_time(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": SLEEPS.replace("sleep 1", "sleep 3"), "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    run = repository.gatekeeper()
    assert run.exit == 0
    metrics = run.report["metrics"]
    assert metrics["makespan"] < 9  # one after another they take 12; bench/sleep.py measures how little more than 3
    assert metrics["speed_up"] > 1.5


def test_jobs_bounds_what_runs_at_once(repository: GitRepository) -> None:
    config = SLEEPS.replace("sleep 1", "sleep 0.2")
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    assert repository.gatekeeper("--jobs", "1").report["metrics"]["makespan"] > 0.8


def test_fail_fast_does_not_wait(repository: GitRepository) -> None:
    config = f"gates:\n{OFF}  slow: {{run: sleep 100}}\n  red: {{run: 'false'}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    started = time.monotonic()
    run = repository.gatekeeper("--fail-fast")
    assert time.monotonic() - started < 60
    assert (run.exit, run.status("slow"), run.status("red")) == (1, "skipped", "failed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_nothing_running_and_nothing_to_restore(
    repository: GitRepository, number: signal.Signals
) -> None:
    word = f"61.{number}{os.getpid()}"
    config = f"gates:\n{OFF}  slow: {{run: \"sh -c 'setsid sleep {word} & sleep {word}'\"}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    repository.write("a.txt", "3\n")
    before = repository.state()
    process = start(repository, "run", start_new_session=True)
    deadline = time.monotonic() + 20
    while len(processes_with(word)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    process.send_signal(number)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 130, error
    assert b"interrupted" in error
    assert processes_with(word) == []
    assert repository.state() == before
    config = f"gates:\n{OFF}  quick: {{run: 'true'}}\n"
    repository.stage({".gatekeeper.yml": config})
    assert repository.gatekeeper().exit == 0


def test_two_runs_at_once_do_not_disturb_each_other(repository: GitRepository) -> None:
    config = f"gates:\n{OFF}  look: {{run: \"sh -c 'sleep 0.5; grep -q 2 a.txt'\"}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    runs = [start(repository, "run") for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    for run in runs:
        run.communicate()


@pytest.mark.parametrize("first", ["", "import coverage; "])
def test_a_closed_pipe_is_no_pass(repository: GitRepository, first: str) -> None:
    """The exit code is ours also where we are measured, and so leave through the clearing up of the interpreter."""
    program = f"{first}import sys; sys.argv[0] = 'gatekeeper'; from gatekeeper.__main__ import run; run()"
    repository.commit({".gatekeeper.yml": SLEEPS, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", program, "run"],
            cwd=repository.path,
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode in (0, 3)
    assert b"Traceback" not in done.stderr


def test_a_terminal_gets_a_board_and_its_cursor_back(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": SLEEPS, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gatekeeper", "run"],
        cwd=repository.path,
        stdout=slave,
        stderr=slave,
        stdin=slave,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
        start_new_session=True,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
        if b"\x1b[?25l" in shown:
            process.send_signal(signal.SIGINT)
    os.close(master)
    assert process.wait(20) == 130
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l"), shown


def test_each_project_of_a_monorepo_is_judged_by_its_own_policy(repository: GitRepository) -> None:
    config = "gates:\n  review: off\n  docs: off\n"
    repository.commit(
        {
            ".gatekeeper.yml": config,
            "one/.gatekeeper.yml": "gates:\n  coverage: {minimum: 10}\n",
            "one/sums.py": MODULE,
            "one/tests/test_sums.py": TEST,
            "two/.gatekeeper.yml": "gates:\n  coverage: off\n",
            "two/sums.py": MODULE,
            "two/tests/test_sums.py": TEST,
        }
    )
    repository.stage({"one/sums.py": body("return first"), "two/sums.py": MODULE.replace("+", "-")})
    run = repository.gatekeeper()
    verdicts = {(v["gate"], v["project"]): v["status"] for v in run.report["verdicts"]}
    assert run.exit == 1, run.stdout + run.stderr
    assert verdicts == {("tests", "one"): "passed", ("coverage", "one"): "passed", ("tests", "two"): "failed"}


def test_an_advisory_gate_shows_and_does_not_block(repository: GitRepository) -> None:
    config = f"gates:\n{OFF}  red: {{run: 'false', advisory: true}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    run = repository.gatekeeper()
    assert (run.exit, run.status("red")) == (0, "failed")


def test_paths_limit_a_gate(repository: GitRepository) -> None:
    config = f"gates:\n{OFF}  red: {{run: 'false {{files}}', paths: ['src/**']}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    assert repository.gatekeeper().status("red") == "skipped"
    repository.stage({"src/b.txt": "2\n"})
    assert repository.gatekeeper().status("red") == "failed"


def test_the_hook_judges_the_index_that_git_commits(repository: GitRepository) -> None:
    """`git commit -- path` commits from an index of its own, which only the hook knows."""
    config = f"gates:\n{OFF}  look: {{run: \"sh -c 'cat a.txt b.txt > {repository.path.parent}/seen'\"}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n", "b.txt": "1\n"})
    hook = repository.write(".git/hooks/pre-commit", f"#!/bin/sh\nexec '{sys.executable}' -m gatekeeper run -q\n")
    hook.chmod(0o755)
    repository.stage({"b.txt": "staged\n"})
    repository.write("a.txt", "named\n")
    repository.git("commit", "--quiet", "--message", "only a", "--", "a.txt")
    assert (repository.path.parent / "seen").read_text() == "named\n1\n"


def test_a_test_that_calls_git_in_a_hook_cannot_reach_the_repository(repository: GitRepository) -> None:
    test = 'import subprocess\n\ndef test_git(tmp_path):\n    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)\n'
    test += '    subprocess.run(["git", "config", "leak.test", "yes"], cwd=tmp_path, check=True)\n'
    repository.commit({**BASE, "tests/test_git.py": test})
    hook = repository.write(
        ".git/hooks/pre-commit", f"#!/bin/sh\nexec '{sys.executable}' -m gatekeeper run -q --gate tests\n"
    )
    hook.chmod(0o755)
    repository.stage({"sums.py": body("return first")})
    repository.git("commit", "--quiet", "--message", "with a hook")
    assert "leak" not in (repository.path / ".git" / "config").read_text()


@pytest.mark.parametrize("format_", ["json", "markdown", "plain"])
def test_each_format_writes_to_standard_output_and_to_a_file(
    repository: GitRepository, format_: str, tmp_path: Path
) -> None:
    config = f"gates:\n{OFF}  red: {{run: 'false'}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    process = start(repository, "run", "--format", format_)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"red" in output
    if format_ == "json":
        document = json.loads(output)
        assert (document["exit"], document["verdicts"][0]["gate"]) == (1, "red")
    file = tmp_path / "report"
    process = start(repository, "run", "--format", format_, "--output", str(file))
    process.communicate(timeout=60)
    assert "red" in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--staged", "--all"], b"only one target"),
        (["run", "--gate", "nothing"], b"no gate called 'nothing'"),
        (["run", "--output", "/nowhere/x"], b"cannot be written"),
        (["run", "--jobs", "many"], b"a whole number"),
        (["run", "--jobs", "0"], b"at least 1 job"),
        (["run", "-C", "nowhere"], b"there is no folder"),
        (["frobnicate"], b"invalid choice"),
        ([], b"required"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_to_do(
    repository: GitRepository, arguments: list[str], words: bytes
) -> None:
    repository.commit(BASE)
    process = start(repository, *arguments)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert words in error


def test_the_demo_blocks_and_then_passes(repository: GitRepository) -> None:
    process = start(repository, "demo", env={**os.environ, "COLUMNS": "100"})
    output, error = process.communicate(timeout=120)
    assert process.returncode == 0, output + error
    assert b"Blocked: review, coverage, tests and docs failed." in output
    assert output.rstrip().endswith(b"Passed.")
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    printed = iter(_without_times(output.decode()))
    for line in _without_times(readme.partition("(the times are of one run):\n\n```\n")[2].partition("```")[0]):
        assert line in ("", "…") or line in printed, f"README.md: {line!r} is not printed at its place"


def _without_times(text: str) -> list[str]:
    return [re.sub(r"\s+[\d.]+ m?s\b", " TIME", line) for line in text.splitlines()]


def test_an_older_report_outlives_a_run_that_could_not_be_made(repository: GitRepository, tmp_path: Path) -> None:
    repository.commit(BASE)
    file = tmp_path / "report.json"
    file.write_text("older")
    process = start(repository, "run", "--base", "gone", "--format", "json", "--output", str(file))
    process.communicate(timeout=60)
    assert process.returncode == 3
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["report.json"]
    assert file.read_text() == "older"


def test_a_mode_of_the_repository_tightens_by_its_trigger_and_a_built_in_one_on_request(
    repository: GitRepository,
) -> None:
    config = "gates:\n  coverage: {minimum: 10}\n  review: off\n  tests: off\n  docs: off\n"
    repository.commit({**BASE, ".gatekeeper.yml": config})
    repository.stage({"sums.py": body("return first")})
    assert repository.gatekeeper().verdict("coverage")["required"] == 10
    assert repository.gatekeeper("--orchestrate").verdict("coverage")["required"] == 85
    mode = "---\nname: Strict\noverrides: {test_coverage_min: 60}\nauto_activate_triggers: [feature_request]\n---\n# Strict\n"
    repository.stage({".gatekeeper/modes/Strict.md": mode})
    run = repository.gatekeeper()
    assert run.verdict("coverage")["required"] == 60
    assert any("Strict" in note for note in run.report["notes"])
    assert repository.gatekeeper("--no-mode").verdict("coverage")["required"] == 10


def test_a_run_holds_itself_against_the_plan_of_its_change(repository: GitRepository) -> None:
    repository.commit({**BASE, ".gatekeeper.yml": "gates:\n  coverage: off\n  docs: off\n"})
    repository.git("switch", "--quiet", "--create", "fix/sums")
    added = (
        TEST.replace("import add", "import add, other") + "\n\ndef test_other() -> None:\n    assert other(1) == 1\n"
    )
    repository.commit({"sums.py": body("return first"), "tests/test_sums.py": added}, "fix: give back the number")
    run = repository.gatekeeper("--base", "main")
    assert run.exit == 0, run.stdout + run.stderr
    plan, account = run.report["plan"]["change"], run.report["plan"]["account"]
    assert plan["kind"] == "bugfix"
    assert {stream["pillar"] for stream in plan["workstreams"]} >= {"primary", "review", "tests", "docs", "validation"}
    assert 0 < account["gate_coverage"] < 1
    assert "sums.py: docs" in account["unexamined"]
    assert "plan: a bugfix of 1 unit" in run.stdout
    assert "not examined: sums.py: docs" in run.stdout
    run = repository.gatekeeper("--base", "main", "--gate", "review")
    assert (run.exit, run.report["plan"]["change"]) == (0, None)  # who names gates does not mean to carry the plan out
    assert "not examined" not in run.stdout


def test_a_file_that_moves_to_another_project_is_missed_in_its_own(repository: GitRepository) -> None:
    config = "projects: [one, two]\ngates:\n  review: off\n  docs: off\n  coverage: off\n"
    tests = {f"{name}/tests/test_sums_{name}.py": TEST for name in ("one", "two")}
    repository.commit({".gatekeeper.yml": config, "one/sums.py": MODULE, "two/sums.py": MODULE, **tests})
    repository.git("mv", "one/sums.py", "two/more.py")
    run = repository.gatekeeper()
    verdicts = {v["project"]: v["status"] for v in run.report["verdicts"]}
    assert run.exit == 1, run.stdout + run.stderr
    assert verdicts == {"one": "failed", "two": "passed"}


def test_a_gate_that_is_off_cannot_be_asked_for(repository: GitRepository) -> None:
    repository.commit({**BASE, ".gatekeeper.yml": "gates:\n  tests: off\n"})
    run = repository.gatekeeper("--gate", "tests")
    assert run.exit == 2
    assert "'tests' is switched off" in run.stderr


def test_no_gate_at_all_is_said(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": f"gates:\n{OFF}", "a.txt": "1"})
    assert "Nothing was checked: no gate is on." in repository.gatekeeper().stdout


def test_what_a_killed_run_left_running_keeps_its_folders(repository: GitRepository) -> None:
    word = f"63.{os.getpid()}"
    config = f"gates:\n{OFF}  slow: {{run: sleep {word}}}\n"
    repository.commit({".gatekeeper.yml": config, "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    process = start(repository, "run")
    deadline = time.monotonic() + 20
    left: list[int] = []
    while not left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = processes_with(word)
    for other in processes_with("sh"):  # the guard of the run would end what is left
        with suppress(OSError):
            if f"PPid:\t{process.pid}\n" in Path(f"/proc/{other}/status").read_text():
                os.kill(other, signal.SIGKILL)
    process.kill()
    process.communicate(timeout=20)
    repository.stage({".gatekeeper.yml": f"gates:\n{OFF}  quick: {{run: 'true'}}\n"})
    assert repository.gatekeeper().exit == 0
    slots = sorted(entry.name for entry in Path(os.environ["GATEKEEPER_CACHE"]).glob("*/slot-*"))
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left
    assert slots == ["slot-0", "slot-1"]
