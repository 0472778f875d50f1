"""The edge to other programs, with real programs: floods, hangs, missing ones, and children of children."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatekeeper.edges.child_environment import child_environment
from gatekeeper.edges.process import Ended, Processes


def python(code: str, **options: object) -> Ended:
    """Run a piece of Python to its end."""
    return Processes().run([sys.executable, "-c", code], "/", **options)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_output_and_exit_code_are_told() -> None:
    ended = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert (ended.exit_code, ended.stdout, ended.stderr, ended.problem) == (7, "out\n", "err\n", "")


def test_much_on_stderr_does_not_hang() -> None:
    ended = python("import sys; sys.stderr.write('e' * 200_000); print('done')", seconds_limit=20)
    assert (len(ended.stderr), ended.stdout, ended.problem) == (200_000, "done\n", "")


def test_input_is_fed_and_may_be_ignored() -> None:
    assert python("import sys; print(len(sys.stdin.read()))", stdin="é" * 300_000).stdout == "300000\n"
    assert python("print('no')", stdin="x" * 300_000).stdout == "no\n"


def test_progress_is_taken_out_of_the_output() -> None:
    said: list[bytes] = []
    code = "print('a'); print('::gatekeeper {1}'); print('b', end='')"
    ended = python(code, said=said.append)
    assert (said, ended.stdout) == ([b"{1}"], "a\nb")


def test_a_missing_program_is_a_problem() -> None:
    ended = Processes().run(["/nowhere/tool"], "/")
    assert ended.exit_code is None
    assert "could not be started: No such file" in ended.problem


def test_a_missing_folder_is_not_told_as_a_missing_program() -> None:
    assert Processes().run([sys.executable, "-c", ""], "/nowhere/part").problem == "there is no folder /nowhere/part"


def test_a_flood_is_a_problem_and_bounded() -> None:
    ended = python("import sys\nfor _ in range(40): sys.stdout.write('x' * (1 << 20))", seconds_limit=60)
    assert "printed more than 32 MiB" in ended.problem
    assert len(ended.stdout) == 32 << 20


def test_a_signal_is_a_problem() -> None:
    ended = python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert ended.problem == "it was ended by SIGSEGV"


def test_a_hang_is_ended_with_its_grandchildren(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    code = (
        f"import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {stubborn!r}], start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    started = time.monotonic()
    ended = python(code, seconds_limit=3)
    assert ended.problem == "it was stopped after its time limit of 3 s"
    assert time.monotonic() - started < 20
    time.sleep(0.1)
    assert not alive(int(note.read_text()))


def test_a_grandchild_with_the_pipe_does_not_keep_us_waiting() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)']); print('x')"
    started = time.monotonic()
    ended = python(code)
    assert (ended.exit_code, ended.stdout) == (0, "x\n")
    assert time.monotonic() - started < 20


def test_stop_ends_everything_and_starts_nothing_more(tmp_path: Path) -> None:
    processes = Processes()
    ends: list[Ended] = []
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    worker = threading.Thread(target=lambda: ends.append(processes.run([sys.executable, "-c", code], "/")))
    worker.start()
    while not note.exists() or not note.read_text():
        time.sleep(0.01)
    processes.stop()
    worker.join(10)
    assert ends[0].problem == "it was stopped"
    assert not alive(int(note.read_text()))
    assert "the run was stopped" in processes.run([sys.executable, "-c", ""], "/").problem


def test_cpu_time_is_that_of_the_children_too() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    assert python(code).cpu_seconds > 0.05


def test_the_environment_holds_no_git_no_token_and_no_python_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GITHUB_TOKEN", "PYTHONPATH", "PYTEST_ADDOPTS", "COVERAGE_PROCESS_START"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("KEPT", "yes")
    environment = child_environment([("PYTHONPATH", "/roots")])
    assert environment["PYTHONPATH"] == "/roots"
    assert environment["KEPT"] == "yes"
    assert not {"GIT_DIR", "GIT_INDEX_FILE", "GITHUB_TOKEN", "PYTEST_ADDOPTS", "COVERAGE_PROCESS_START"} & set(
        environment
    )
    assert os.environ["GIT_DIR"] == "x"


@pytest.mark.parametrize("name", ["CI_JOB_TOKEN", "GITLAB_TOKEN", "PYPI_API_TOKEN", "NPM_TOKEN", "INPUT_GITHUB-TOKEN"])
def test_a_token_of_a_platform_or_a_registry_is_kept_from_programs(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "secret")
    assert name not in child_environment()


def test_a_guard_that_nobody_dismissed_does_not_end_the_run(tmp_path: Path) -> None:
    code = (
        "import gc, sys, time\n"
        "from gatekeeper.edges.process import Processes\n"
        f"lock = open({str(tmp_path / 'lock')!r}, 'w')\n"
        "processes = Processes(lock.fileno())\n"
        "processes.run(['true'], '/')\n"
        "guard = processes._guard._process\n"
        "guard.stdin.close()\n"
        "guard.wait()\n"
        "print('alive')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="macOS before Python 3.13")
def test_a_group_is_killed_while_its_number_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is reaped after all else: from then on a new process may get its number, and lead a group of that name."""
    signals = []
    killpg = os.killpg

    def seen(group: int, number: int) -> None:
        signals.append((group, os.waitid(os.P_PID, group, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None))
        killpg(group, number)

    monkeypatch.setattr(os, "killpg", seen)
    ended = python("import os; print(os.getpid())")
    assert (signals, ended.exit_code) == ([(int(ended.stdout), True)], 0)
    with pytest.raises(ChildProcessError):
        os.waitpid(int(ended.stdout), os.WNOHANG)


def test_stopped_from_many_threads_the_guard_is_dismissed_once(tmp_path: Path) -> None:
    """A second time would close a file of somebody else, or one that is not open."""
    for _ in range(10):
        with (tmp_path / "lock").open("w") as lock, ThreadPoolExecutor(8) as pool:
            processes = Processes(lock.fileno())
            processes.run(["true"], "/")
            together = threading.Barrier(8)
            for stopped in [pool.submit(lambda: (together.wait(), processes.stop())) for _ in range(8)]:  # noqa: B023
                stopped.result()


def test_a_guard_looks_again_before_it_kills(tmp_path: Path) -> None:
    """What it found may have ended since, and its number may be that of another."""
    with subprocess.Popen(["sleep", "60"]) as bystander:
        finder = tmp_path / "grep"
        told = tmp_path / "told"
        finder.write_text(
            f'#!/bin/sh\n[ "$1" = -lsz ] || exec {shutil.which("grep")} "$@"\n'
            f"[ -e {told} ] || echo /proc/{bystander.pid}/environ\n: >{told}\n"
        )
        finder.chmod(0o755)
        code = "import os; from gatekeeper.edges.guard import Guard; print(Guard('N=v')._process.pid, flush=True); os._exit(0)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            stdout=subprocess.PIPE,
            check=True,
        )
        deadline = time.monotonic() + 60
        while alive(int(done.stdout)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert told.exists()
        assert bystander.poll() is None
        bystander.kill()


def test_every_line_is_handed_on_where_none_is_marked() -> None:
    heard: list[bytes] = []
    code = "print('one', flush=True); print('::gatekeeper two'); print('three', end='')"
    ended = Processes(mark=b"").run([sys.executable, "-c", code], "/", said=heard.append)
    assert heard == [b"one", b"::gatekeeper two"]
    assert (ended.stdout, ended.problem) == ("three", "")
