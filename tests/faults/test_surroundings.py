"""Streams that are closed, tools that misbehave, an index that changes, and other runs: the verdict is right or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.ground import PATIENCE, Started, everything, gates, judge, python, unchanged, wait_for
from tests.repository import GitRepository, Run

WAITS = "import os, sys, time; open(sys.argv[1] + '/begun', 'w').close()\nwhile not os.path.exists(sys.argv[1] + '/go'): time.sleep(0.01)"


def staged(repository: GitRepository, text: str = "2\n", **commands: str | dict[str, object]) -> None:
    """A repository with these gates and one staged change."""
    repository.commit({".gatekeeper.yml": gates(**commands), "a.txt": "1\n"})
    repository.stage({"a.txt": text})


def waiting(folder: Path, rest: str) -> str:
    """A command that says when it has begun, waits until it may go on, and then does the rest."""
    script = folder / "waiting.sh"
    script.write_text(f"{python(WAITS, str(folder))}\n{rest}\n")
    return f"sh {script}"


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
@pytest.mark.parametrize(("text", "code"), [("good\n", 0), ("bad\n", 1)])
def test_closed_streams(repository: GitRepository, closed: str, text: str, code: int) -> None:
    staged(repository, text, look="grep -q good a.txt")
    before = everything(repository)
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m gatekeeper run {closed}', sys.executable],
        cwd=repository.path, capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    unchanged(repository, before)


@pytest.mark.parametrize(("text", "codes"), [("good\n", {0, 3}), ("bad\n", {1, 3})])
@pytest.mark.parametrize("format_", ["plain", "json", "markdown"])
def test_a_reader_that_went_away(repository: GitRepository, format_: str, text: str, codes: set[int]) -> None:
    staged(repository, text, look="grep -q good a.txt")
    reading, writing = os.pipe()
    os.close(reading)
    started = Started(repository, "--format", format_, stdout=writing)
    os.close(writing)
    code, _, error = started.end()
    assert code in codes, error
    assert "Traceback" not in error
    assert "Exception ignored" not in error
    started.nothing_lives()


@pytest.mark.parametrize("format_", ["plain", "json"])
@pytest.mark.parametrize(("text", "code"), [("good\n", 0), ("bad\n", 1)])
def test_a_standard_output_without_room(repository: GitRepository, format_: str, text: str, code: int) -> None:
    """A report that cannot be written changes no verdict, and standard error tells of it."""
    staged(repository, text, look="grep -q good a.txt")
    with Path("/dev/full").open("wb") as full:
        started = Started(repository, "--format", format_, stdout=full)
        found, _, error = started.end()
    assert found == code, error
    assert "report broke" in error, error
    assert "Traceback" not in error, error


MISBEHAVIOURS: dict[str, tuple[dict[str, object], str]] = {
    "hangs": ({"run": "sleep 600", "timeout": 1}, "time limit"),
    "hangs and does not listen": ({"run": "sh -c \"trap '' TERM INT HUP; sleep 600 & wait; sleep 600\"", "timeout": 1}, "time limit"),
    "floods": ({"run": "head -c 50000000 /dev/zero"}, "MiB"),
    "dies by a signal": ({"run": "sh -c 'kill -SEGV $$'"}, "SIGSEGV"),
    "is killed": ({"run": "sh -c 'kill -KILL $$'"}, "SIGKILL"),
    "stops itself": ({"run": "sh -c 'kill -STOP $$'", "timeout": 1}, "time limit"),
    "is missing": ({"run": "no-such-tool"}, "could not be started"),
    "is no program": ({"run": "./a.txt"}, "could not be started"),
    "is a folder": ({"run": "/"}, "could not be started"),
    "crashes": ({"run": "sh -c 'exit 77'"}, "exit code 77"),
    "closes its streams and hangs": ({"run": "sh -c 'exec >&- 2>&- <&-; sleep 600'", "timeout": 1}, "time limit"),
}  # fmt: skip


def test_a_tool_that_misbehaves_is_no_pass(repository: GitRepository) -> None:
    """All of them at once, and none spoils the verdict of another."""
    gates_ = {name.replace(" ", "-"): settings for name, (settings, _) in MISBEHAVIOURS.items()}
    staged(repository, **gates_, good="true", bad="false")
    run = judge(repository)
    assert run.exit == 3, run.stdout + run.stderr
    assert (run.status("good"), run.status("bad")) == ("passed", "failed")
    for name, (_, words) in MISBEHAVIOURS.items():
        verdict = run.verdict(name.replace(" ", "-"))
        assert verdict["status"] == "error", verdict
        assert words in verdict["summary"], verdict
        assert verdict["hint"], verdict


LEAVERS = {
    "a child": "subprocess.Popen(wait)",
    "a child in a session of its own": "subprocess.Popen(wait, start_new_session=True)",
    "a child without our streams": "subprocess.Popen(wait, start_new_session=True, stdin=n, stdout=n, stderr=n)",
    "a child of a child that has ended": "os.fork() or (os.setsid(), os.fork() and os._exit(0), os.execv(wait[0], wait))",
}


def test_a_tool_that_leaves_something_running(repository: GitRepository) -> None:
    """The verdict is that of the tool, nobody waits for what it left, and that is ended with the run."""
    begin = "import os, subprocess, sys\nn = subprocess.DEVNULL\nwait = ['/bin/sleep', '600']\n"
    tools = {
        f"{name.replace(' ', '-')}-{code}": python(f"{begin}{leave}\nsys.exit({code})")
        for name, leave in LEAVERS.items()
        for code in (0, 1)
    }
    staged(repository, **tools)
    run = judge(repository)
    assert run.exit == 1, run.stdout + run.stderr
    assert {name: run.status(name) for name in tools} == {
        name: "failed" if name.endswith("1") else "passed" for name in tools
    }


@pytest.mark.parametrize(("first", "later", "code"), [("good\n", "bad\n", 0), ("bad\n", "good\n", 1)])
def test_an_index_that_changes_during_the_run(
    repository: GitRepository, tmp_path: Path, first: str, later: str, code: int
) -> None:
    """The verdict is on what was staged when the run began, and what was staged meanwhile stays staged."""
    staged(repository, first, look=waiting(tmp_path, "grep -q good a.txt"))
    started = Started(repository)
    assert wait_for((tmp_path / "begun").exists)
    repository.stage({"a.txt": later, "more.txt": "more\n"})
    repository.git("mv", ".gatekeeper.yml", "elsewhere.yml")
    before = everything(repository)
    (tmp_path / "go").touch()
    assert started.end()[0] == code
    unchanged(repository, before)


def test_a_commit_and_a_collection_during_the_run(repository: GitRepository, tmp_path: Path) -> None:
    """HEAD moves on, and Git clears up what nobody refers to: the judged tree lies in its folder already."""
    staged(repository, "good\n", look=waiting(tmp_path, "grep -q good a.txt"))
    started = Started(repository)
    assert wait_for((tmp_path / "begun").exists)
    repository.git("reset", "--quiet", "--hard")
    repository.commit({"a.txt": "bad\n"})
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")
    (tmp_path / "go").touch()
    code, output, error = started.end()
    assert code == 0, output + error


@pytest.mark.parametrize(("text", "code"), [("good\n", 0), ("bad\n", 1)])
def test_a_lock_on_the_index(repository: GitRepository, text: str, code: int) -> None:
    """Stale, or of a Git that works right now: nothing of ours needs it, and it stays."""
    staged(repository, text, look="grep -q good a.txt")
    (repository.path / ".git" / "index.lock").write_bytes(b"")
    assert judge(repository).exit == code


def test_locks_everywhere(repository: GitRepository) -> None:
    staged(repository, "bad\n", look="grep -q good a.txt")
    for name in ("HEAD.lock", "config.lock", "packed-refs.lock", "refs/heads/main.lock", "shallow.lock"):
        (repository.path / ".git" / name).write_bytes(b"")
    assert judge(repository).exit == 1


@pytest.mark.parametrize("damage", [b"", b"garbage", b"DIRC\0\0\0\2\0\0\xff\xff"])
def test_a_damaged_index_of_the_user_is_no_pass(repository: GitRepository, damage: bytes) -> None:
    """It is the user's: it stays as it is, and the run says what is wrong."""
    staged(repository, look="true")
    (repository.path / ".git" / "index").write_bytes(damage)
    run = judge(repository, "--staged")
    assert run.exit == 3, run.stdout + run.stderr
    assert run.stderr.startswith("gatekeeper: "), run.stderr


def test_a_missing_object_is_no_pass(repository: GitRepository) -> None:
    staged(repository, "something else\n", look="true")
    blob = repository.git("rev-parse", ":a.txt")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    run: Run = judge(repository, "--staged")
    assert run.exit == 3, run.stdout + run.stderr
    assert run.stderr.startswith("gatekeeper: "), run.stderr


def test_three_runs_at_once_with_another_verdict_each(repository: GitRepository, tmp_path: Path) -> None:
    """All of them are at work at the same time, on different trees."""
    script = tmp_path / "look.sh"
    script.write_text(
        f'touch "{tmp_path}/begun.$$"; while [ ! -e "{tmp_path}/go" ]; do sleep 0.02; done; grep -q good a.txt\n'
    )
    repository.commit({".gatekeeper.yml": gates(look=f"sh {script}"), "a.txt": "1\n"})
    runs = []
    for number, text in enumerate(("good\n", "bad\n", "good again\n"), 1):
        repository.stage({"a.txt": text})
        runs.append(Started(repository, "--staged"))
        assert wait_for(lambda wanted=number: len(list(tmp_path.glob("begun.*"))) == wanted)  # type: ignore[misc]
    before = everything(repository)
    (tmp_path / "go").touch()
    assert [run.end()[0] for run in runs] == [0, 1, 0]
    unchanged(repository, before)
    for run in runs:
        run.nothing_lives()


def test_a_kill_beside_another_run_does_not_touch_it(repository: GitRepository, tmp_path: Path) -> None:
    """Nor does the guard of the killed run end what belongs to the other."""
    staged(repository, "good\n", look=waiting(tmp_path, "grep -q good a.txt"))
    other = Started(repository)
    assert wait_for((tmp_path / "begun").exists)
    (tmp_path / "begun").unlink()
    killed = Started(repository)
    assert wait_for((tmp_path / "begun").exists)
    killed.signal(signal.SIGKILL)
    killed.end()
    killed.nothing_lives()
    (tmp_path / "go").touch()
    assert other.end()[0] == 0
