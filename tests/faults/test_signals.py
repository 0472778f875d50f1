"""A run that is interrupted or killed at any moment loses nothing, leaves nothing running, and spoils no later run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.test_run import processes_with
from tests.faults.ground import Started, everything, gates, judge, python, unchanged, wait_for
from tests.repository import GitRepository

# A child, a grandchild in a session of its own, and one that was forked twice and has lost its parent.
BROOD = """
import os, subprocess, sys, time
wait = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
subprocess.Popen(wait, start_new_session=True)
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execv(wait[0], wait)
    os._exit(0)
open(sys.argv[1], "w").close()
time.sleep(600)
"""
INTERRUPTS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def busy(repository: GitRepository, marker: Path) -> None:
    """A repository in every state that can be lost: staged, partly staged, untracked, stashed; its gate never ends."""
    slow = gates(slow=python(BROOD, str(marker)))
    repository.commit({".gatekeeper.yml": slow, "a.txt": "1\n2\n3\n", "b.txt": "b\n", "run.sh": "true\n"})
    repository.write("b.txt", "stashed\n")
    repository.git("stash", "push", "--quiet")
    repository.stage({"a.txt": "1\nstaged\n3\n", "new.txt": "new\n"})
    repository.write("a.txt", "1\nstaged\nnot staged\n")
    repository.write("untracked.txt", "mine\n")
    (repository.path / "run.sh").chmod(0o755)


def begun(repository: GitRepository, tmp_path: Path, **options: object) -> Started:
    """A run whose gate has started everything that it starts."""
    marker = tmp_path / "marker"
    busy(repository, marker)
    started = Started(repository, **options)  # type: ignore[arg-type]
    assert wait_for(marker.exists)
    assert wait_for(lambda: len(started.living()) >= 4), started.living()
    return started


def next_run_works(repository: GitRepository) -> None:
    """Assert that the next runs tell a good change from a bad one."""
    repository.stage({".gatekeeper.yml": gates(look="grep -q staged a.txt"), "a.txt": "staged\n"})
    run = judge(repository)
    assert run.exit == 0, run.stdout + run.stderr
    repository.stage({"a.txt": "bad\n"})
    assert judge(repository).exit == 1


@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("number", INTERRUPTS)
def test_an_interrupt(
    repository: GitRepository, tmp_path: Path, number: signal.Signals, times: int, group: bool
) -> None:
    started = begun(repository, tmp_path)
    before = everything(repository)
    for _ in range(times):
        started.signal(number, group)
    code, _, error = started.end()
    assert code == 130, error
    assert "interrupted" in error
    started.nothing_lives()
    unchanged(repository, before)
    if times > 1 and group:  # the hardest of each signal
        next_run_works(repository)


@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
def test_a_kill(repository: GitRepository, tmp_path: Path, group: bool) -> None:
    started = begun(repository, tmp_path)
    before = everything(repository)
    started.signal(signal.SIGKILL, group)
    assert started.end()[0] == -signal.SIGKILL
    started.nothing_lives()
    unchanged(repository, before)
    next_run_works(repository)


def test_a_kill_ends_also_what_has_lost_its_environment(repository: GitRepository) -> None:
    """As tox and others do: what they start gets a new environment, and stays in the group of its job."""
    word = f"65.{uuid4().int % 10**9}"
    repository.commit({".gatekeeper.yml": gates(slow=f"env -i sleep {word}"), "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    started = Started(repository)
    assert wait_for(lambda: processes_with(word))
    started.signal(signal.SIGKILL)
    started.end()
    assert wait_for(lambda: not processes_with(word))
    started.nothing_lives()


@pytest.mark.parametrize("seed", range(8))
def test_a_signal_at_a_random_moment(repository: GitRepository, seed: int) -> None:
    """Also while the trees are laid out; what the next run then finds in its folders must not mislead it."""
    chance = random.Random(seed)
    quick = gates(look="grep -q good a.txt", other="true")
    many = {f"many/{number}.txt": f"{number}\n" for number in range(300)}
    repository.commit({".gatekeeper.yml": quick, "a.txt": "good\n", **many})
    repository.stage({name: f"changed {text}" for name, text in many.items()})
    repository.write("a.txt", "not staged\n")
    before = everything(repository)
    number = chance.choice([*INTERRUPTS, signal.SIGKILL, signal.SIGKILL])
    started = Started(repository)
    time.sleep(chance.uniform(0.05, 0.6))
    started.signal(number, chance.random() < 0.5)
    code, output, error = started.end()
    assert code in (0, 130, -number), output + error
    assert "Traceback" not in error or code == -number, error
    started.nothing_lives()
    unchanged(repository, before)
    if seed % 2:
        assert judge(repository).exit == 0
    else:
        repository.stage({"a.txt": "bad\n"})
        assert judge(repository).exit == 1


def test_under_nohup_a_hangup_is_not_heard(repository: GitRepository, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    waits = python("import sys, time; open(sys.argv[1], 'w').close(); time.sleep(1)", str(marker))
    repository.commit({".gatekeeper.yml": gates(waits=waits), "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    started = Started(repository, before=("nohup",))
    assert wait_for(marker.exists)
    started.signal(signal.SIGHUP)
    code, output, error = started.end()
    assert code == 0, output + error
    started.nothing_lives()


def test_a_merge_in_progress_survives(repository: GitRepository, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    repository.commit({".gatekeeper.yml": gates(slow=python(BROOD, str(marker))), "a.txt": "1\n"})
    repository.git("switch", "--quiet", "--create", "other")
    repository.commit({"a.txt": "other\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"a.txt": "main\n"})
    subprocess.run(["git", "merge", "other"], cwd=repository.path, capture_output=True, check=False)
    repository.stage({"a.txt": "both\n"})
    before = everything(repository)
    assert ".git/MERGE_HEAD" in before
    started = Started(repository)
    assert wait_for(marker.exists)
    started.signal(signal.SIGTERM)
    assert started.end()[0] == 130
    started.nothing_lives()
    unchanged(repository, before)


def test_a_signal_before_the_first_word(repository: GitRepository) -> None:
    """Python has not set up its handlers yet: the shell sees the signal, and nothing else happened."""
    repository.commit({".gatekeeper.yml": gates(look="true"), "a.txt": "1\n"})
    repository.stage({"a.txt": "2\n"})
    before = everything(repository)
    process = subprocess.Popen([sys.executable, "-m", "gatekeeper", "run"], cwd=repository.path, stderr=subprocess.PIPE)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode != 0
    unchanged(repository, before)
