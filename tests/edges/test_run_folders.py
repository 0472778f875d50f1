"""The folders of orchestrations: locks, log, state, names, pruning."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatekeeper.edges.run_folders import RunFolder, part, runs
from gatekeeper.edges.run_list import folders, marks, prune
from gatekeeper.model.errors import GatekeeperError, UsageError
from tests.repository import GitRepository

NOW = datetime(2026, 11, 22, 19, 30, 12, tzinfo=UTC)


@pytest.fixture
def run(repository: GitRepository) -> RunFolder:
    repository.commit({"a.py": "a = 1\n"})
    return RunFolder.create(repository.edge, NOW)


def _ended(repository: GitRepository, number: int, ending: str = "approved") -> str:
    folder = RunFolder.create(repository.edge, NOW + timedelta(seconds=number))
    folder.save({"title": f"run {number}", "ending": ending})
    folder.close()
    return folder.name


def test_a_run_has_a_name_of_its_time_and_a_folder_of_its_own(repository: GitRepository, run: RunFolder) -> None:
    assert run.name.startswith("20261122-193012-")
    assert run.folder.stat().st_mode & 0o077 == 0
    assert run.place("docs", 2) == run.folder / "worktrees" / f"{run.name}.docs.2"
    assert run.scratch("docs", 2).is_dir()
    assert (run.folder / "pid").read_text().strip() == str(os.getpid())
    assert marks(run.folder) == ("=".join(run.cookie),)


def test_two_runs_of_one_second_differ(repository: GitRepository, run: RunFolder) -> None:
    assert RunFolder.create(repository.edge, NOW).name != run.name


@pytest.mark.parametrize("name", ["a/b", "..", "-x", "a b", "ä", "a\nb", "x" * 99, "", "a.lock"])
def test_odd_ids_become_parts_of_names_that_differ(name: str) -> None:
    made = part(name)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert made != part(f"{name}?")


def test_what_was_appended_is_there_line_by_line(run: RunFolder) -> None:
    run.append('{"one": 1}')
    run.append('{"two": "\udcff"}\n')
    assert run.events.read_bytes() == b'{"one": 1}\n{"two": "\xff"}\n'


def test_a_torn_last_line_does_not_spoil_the_next_one(repository: GitRepository, run: RunFolder) -> None:
    run.append('{"one": 1}')
    with run.events.open("a") as file:
        file.write('{"to')
    run.close()
    again = RunFolder.open(repository.edge, run.name)
    again.append('{"two": 2}')
    assert run.events.read_text().splitlines() == ['{"one": 1}', '{"to', '{"two": 2}']


def test_the_state_is_kept(run: RunFolder) -> None:
    assert run.load() == {}
    run.save({"title": "Add pagination", "lanes": [1, 2]})
    assert run.load() == {"title": "Add pagination", "lanes": [1, 2]}


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"schema": 99, "state": {}}', '{"schema": 1}', "\xff", "[" * 99999]
)
def test_a_damaged_state_is_a_clear_error(repository: GitRepository, run: RunFolder, content: str) -> None:
    (run.folder / "state.json").write_text(content, "latin-1")
    with pytest.raises(GatekeeperError, match=f"the state of the run {run.name} cannot be read"):
        run.load()
    run.close()
    assert runs(repository.edge)[0].state == "damaged"


def test_a_run_is_held_by_one_process_alone(repository: GitRepository, run: RunFolder) -> None:
    with pytest.raises(UsageError, match=f"is being carried out by process {os.getpid()}"):
        RunFolder.open(repository.edge, run.name)
    assert runs(repository.edge)[0].alive
    run.close()
    run.close()
    assert not runs(repository.edge)[0].alive
    RunFolder.open(repository.edge, run.name).close()


def test_a_killed_supervisor_is_not_alive_although_what_it_started_is(
    repository: GitRepository, run: RunFolder
) -> None:
    run.close()
    program = (
        "import os, subprocess, sys\n"
        "from gatekeeper.edges.git import find_repository\n"
        "from gatekeeper.edges.run_folders import RunFolder\n"
        "run = RunFolder.open(find_repository(sys.argv[1]), '')\n"
        "quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}\n"
        "child = subprocess.Popen(['sleep', '60'], pass_fds=(run.lock,), **quiet)\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(repository.path)], capture_output=True, check=False)
    try:
        assert not runs(repository.edge)[0].alive
    finally:
        os.kill(int(done.stdout), 9)


def test_a_beginning_of_the_name_will_do(repository: GitRepository, run: RunFolder) -> None:
    run.close()
    other = _ended(repository, 60)
    for word, name in ((run.name[:15], run.name), (other[:15], other), ("", other)):
        found = RunFolder.open(repository.edge, word)
        assert found.name == name
        found.close()
    with pytest.raises(UsageError, match="2 runs begin with 2026"):
        RunFolder.open(repository.edge, "2026")
    with pytest.raises(UsageError, match="there is no run 1999"):
        RunFolder.open(repository.edge, "1999")


def test_without_a_run_there_is_nothing_to_open_and_nothing_is_made(repository: GitRepository) -> None:
    with pytest.raises(UsageError, match="there is no run here"):
        RunFolder.open(repository.edge, "")
    assert runs(repository.edge) == ()


def test_runs_are_listed_the_last_one_first(repository: GitRepository, run: RunFolder) -> None:
    run.save({"title": "The first", "ending": ""})
    run.close()
    _ended(repository, 60, "needs you")
    listed = runs(repository.edge)
    assert [(each.title, each.state) for each in listed] == [("run 60", "needs you"), ("The first", "cut off")]
    assert datetime.fromisoformat(listed[1].started) == NOW


def test_only_runs_that_have_ended_are_pruned(repository: GitRepository, run: RunFolder) -> None:
    run.close()
    names = [_ended(repository, number) for number in range(1, 6)]
    held = RunFolder.open(repository.edge, names[0])
    (folders(repository.edge)[2] / "worktrees" / "left").mkdir()
    assert prune(repository.edge, keep=1) == (names[2], names[3])
    assert [folder.name for folder in folders(repository.edge)] == [run.name, names[0], names[1], names[4]]
    held.close()


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    bare = GitRepository.create(tmp_path / "bare", "--bare")
    with pytest.raises(UsageError, match="bare repository"):
        RunFolder.create(bare.edge, NOW)


def test_half_a_mark_means_nobody(run: RunFolder) -> None:
    (run.folder / "cookie").write_text("GATEKEEPER_ORCHESTRATION=\nGATEKEEPER_ORCHESTRATION=ab\n")
    assert marks(run.folder) == ()


def test_the_state_is_plain_json(run: RunFolder) -> None:
    run.save({"title": "x"})
    assert json.loads((run.folder / "state.json").read_text()) == {"schema": 1, "state": {"title": "x"}}
