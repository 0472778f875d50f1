"""Killing a supervisor at any moment: no work is lost, nothing runs on, nothing is left behind, the user sees nothing."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.edges.git import find_repository
from gatekeeper.edges.run_folders import RunFolder, runs
from gatekeeper.edges.run_list import folders
from gatekeeper.edges.run_recovery import recover
from tests.repository import GitRepository

_FILES: dict[str, str | bytes] = {f"src/{number}.txt": f"{number}\n" * 20 for number in range(60)}

# Makes worktrees, and in each an agent that writes lines and says so after each; then collects, and removes.
_SUPERVISOR = r"""
import os, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from gatekeeper.edges.git import find_repository
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.user_refs import snapshot_refs
from gatekeeper.edges.worktrees import Worktrees
repository, journal = find_repository(sys.argv[1]), sys.argv[2]
run = RunFolder.create(repository, datetime.now())
run.save({"title": "x", "ending": ""})
snapshot_refs(repository, run)
worktrees = Worktrees(repository, run)
name, value = run.cookie
agent = '''
import os, sys, time
place, journal, lane = sys.argv[1:]
if os.fork():
    time.sleep(0.15)
    os._exit(0)
os.setsid()
for number in range(1000 if lane == "lane-0" else 8):
    with open(f"{place}/{lane}.txt", "a") as file:
        file.write(f"{lane} {number}\\n")
        file.flush()
    with open(f"{journal}/{lane}", "w") as file:
        file.write(str(number + 1))
    time.sleep(0.01)
'''
def work(number):
    lane = f"lane-{number}"
    place = worktrees.make(lane, 1, repository.head()[0])
    command = [sys.executable, "-c", agent, str(place), journal, lane]
    subprocess.run(command, pass_fds=(run.lock,) if number % 2 else (), env={**os.environ, name: value})
    if lane == "lane-0":
        time.sleep(60)
    time.sleep(0.2)
    worktrees.collect(lane, 1, ("**",), (), f"Work of {lane}")
    worktrees.remove(lane, 1)
print("ready", flush=True)
with ThreadPoolExecutor(4) as pool:
    list(pool.map(work, range(4)))
"""


def _bearers(value: str) -> list[int]:
    """The processes with the variable of a run in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if value.encode() in (entry / "environ").read_bytes() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="what runs on is found by /proc")
@pytest.mark.parametrize("seed", range(int(os.environ.get("GATEKEEPER_TEST_KILLS", "4"))))
def test_a_killed_supervisor_loses_nothing(repository: GitRepository, tmp_path: Path, seed: int) -> None:
    repository.commit(_FILES)
    repository.write("src/1.txt", "an edit of the user\n")
    before = repository.state()
    journal = tmp_path / "journal"
    journal.mkdir()
    argv = [sys.executable, "-c", _SUPERVISOR, str(repository.path), str(journal)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(random.Random(seed).uniform(0.0, 1.5))
        os.kill(process.pid, signal.SIGKILL)
    run = folders(repository.edge)[0]
    cookie = (run / "cookie").read_text().strip()
    told = recover(repository.edge)
    assert not _bearers(cookie)
    assert told[0] == f"the run {run.name} was cut off"
    assert told[-1] == f"gatekeeper orchestrate --resume {run.name} goes on with it"
    for file in journal.iterdir():
        said = int(file.read_text() or 0)  # an agent that is killed while it writes says nothing
        reference = f"refs/gatekeeper/orchestrations/{run.name}/{file.name}/1/saved"
        saved = repository.git("show", f"{reference}:{file.name}.txt") if said else ""
        assert len(re.findall(rf"^{file.name} \d+$", saved, re.MULTILINE)) >= said
    after = repository.state()
    assert (before["files"], before["index"]) == (after["files"], after["index"])
    assert not any((run / "worktrees").iterdir())
    assert not any((run / "attempts").iterdir())
    assert not (repository.path / ".git/worktrees").exists()
    assert recover(repository.edge) == ()
    assert [each.state for each in runs(repository.edge)] == ["cut off"]
    RunFolder.open(repository.edge, run.name).close()


def test_a_recovery_that_is_killed_is_gone_on_with(repository: GitRepository) -> None:
    repository.commit(_FILES)
    prepare = (
        "import os, sys\n"
        "from datetime import datetime\n"
        "from gatekeeper.edges.git import find_repository\n"
        "from gatekeeper.edges.run_folders import RunFolder\n"
        "from gatekeeper.edges.worktrees import Worktrees\n"
        "repository = find_repository(sys.argv[1])\n"
        "run = RunFolder.create(repository, datetime.now())\n"
        "run.save({'ending': ''})\n"
        "for number in range(6):\n"
        "    place = Worktrees(repository, run).make(f'lane-{number}', 1, repository.head()[0])\n"
        "    (place / 'own.txt').write_text(f'{number}')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", prepare, str(repository.path)], check=False)
    run = folders(repository.edge)[0]
    program = (
        "import sys\n"
        "from gatekeeper.edges.git import find_repository\n"
        "from gatekeeper.edges.run_recovery import recover\n"
        "print('ready', flush=True)\n"
        "recover(find_repository(sys.argv[1]))\n"
    )
    for delay in (0.05, 0.1, 0.2, 0.3):
        argv = [sys.executable, "-c", program, str(repository.path)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
    told = recover(repository.edge)
    assert not [line for line in told if "stays" in line or "cannot" in line]
    for number in range(6):
        reference = f"refs/gatekeeper/orchestrations/{run.name}/lane-{number}/1/saved"
        assert repository.git("show", f"{reference}:own.txt") == str(number)
    assert not any((run / "worktrees").iterdir())
    assert not (repository.path / ".git/worktrees").exists()


def test_a_run_that_is_alive_is_let_be(repository: GitRepository) -> None:

    repository.commit({"a": "a\n"})
    run = RunFolder.create(repository.edge, datetime.now(UTC))
    run.save({"ending": ""})
    program = (
        "import sys\n"
        "from gatekeeper.edges.git import find_repository\n"
        "from gatekeeper.edges.run_recovery import recover\n"
        "print(recover(find_repository(sys.argv[1])))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(repository.path)], capture_output=True, check=True)
    assert done.stdout == b"()\n"
    run.close()


def test_where_nothing_was_orchestrated_nothing_is_done(repository: GitRepository) -> None:
    assert recover(repository.edge) == ()
    assert recover(find_repository(str(repository.path))) == ()
