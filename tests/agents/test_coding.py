"""Coding agents as real programs: idle, hanging, flooding, stubborn, with children of their own, and well-behaved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gatekeeper.agents.coding import CodingAgents
from gatekeeper.model.coding_agent import CodingAgent, Progress
from gatekeeper.model.orchestration import Assignment, Said, Worked

PATIENCE = 60.0


@pytest.fixture
def agents():
    made = CodingAgents(time.monotonic())
    yield made
    made.stop()


def assignment(tmp_path: Path, code: str, prompt: str = "Do it.", **options: object) -> Assignment:
    """An assignment for an agent that is a piece of Python; `{` in the code is meant as it stands."""
    argv = (sys.executable, "-c", code.replace("{", "{{").replace("}", "}}"), "{prompt}")
    agent = CodingAgent("scripted", options.pop("argv", argv), **options)  # type: ignore[arg-type]
    worktree, scratch = tmp_path / "worktree", tmp_path / "scratch"
    worktree.mkdir(exist_ok=True)
    return Assignment("ws-1", 1, agent, str(worktree), str(scratch), "0" * 40, prompt, ("**",))


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def there(pid: int) -> bool:
    """Whether a process is there at all, be it dead and not reaped."""
    return Path(f"/proc/{pid}").exists()


def work(agents: CodingAgents, given: Assignment) -> tuple[Worked, list[Said]]:
    said: list[Said] = []
    return agents.work(given, said.append), said


def test_one_that_does_nothing_has_no_problem(agents, tmp_path):
    worked, said = work(agents, assignment(tmp_path, "pass"))
    assert (worked.exit_code, worked.problem, worked.last_words, said) == (0, "", "", [])


def test_it_works_in_the_worktree_on_the_prompt(agents, tmp_path):
    code = "import sys, os; open('made', 'w').write(sys.argv[1]); print('first'); print('last \\x1b[31mwords\\x1b[0m')"
    worked, said = work(agents, assignment(tmp_path, code, prompt="--help; $(id)\n{scratch} 'x\0'"))
    assert (tmp_path / "worktree/made").read_text() == "\n--help; $(id)\n{scratch} 'x\ufffd'"
    assert (worked.last_words, said[-1].text) == ("last words", "last words")
    assert (tmp_path / "scratch/prompt.md").read_text().startswith("--help;")
    assert (tmp_path / "scratch/output.log").read_text().startswith("first\n")
    assert json.loads((tmp_path / "scratch/agent.json").read_text())["exit_code"] == 0


def test_a_prompt_that_is_no_argument_is_pointed_to(agents, tmp_path):
    work(agents, assignment(tmp_path, "import sys; open('made', 'w').write(sys.argv[1])", prompt="é" * 300_000))
    said = (tmp_path / "worktree/made").read_text()
    assert str(tmp_path / "scratch/prompt.md") in said
    assert len(said) < 1000
    assert (tmp_path / "scratch/prompt.md").read_text() == "é" * 300_000


def test_its_input_is_at_its_end(agents, tmp_path):
    worked, _ = work(agents, assignment(tmp_path, "import sys; print(repr(sys.stdin.read()))"))
    assert worked.last_words == "''"


def test_an_exit_code_is_a_problem_with_its_last_complaint(agents, tmp_path):
    worked, _ = work(agents, assignment(tmp_path, "import sys; sys.exit('no key\\n')"))
    assert (worked.exit_code, worked.problem) == (1, "it ended with exit code 1: no key")
    assert worked.last_words == "no key"


def test_a_missing_program_is_a_problem(agents, tmp_path):
    worked, _ = work(agents, assignment(tmp_path, "", argv=("no-such-agent", "{prompt}")))
    assert worked.exit_code is None
    assert worked.problem == "no-such-agent could not be started: No such file or directory"


def test_one_that_hangs_is_ended_by_the_wall_clock(agents, tmp_path):
    code = "import time\nwhile True: print('tick', flush=True); time.sleep(0.1)"
    worked, said = work(agents, assignment(tmp_path, code, seconds_limit=2.0))
    assert worked.problem == "it was stopped after its time limit of 2 s"
    assert said


def test_one_that_is_silent_is_ended_by_the_idle_clock(agents, tmp_path):
    code = "import time; print('hello', flush=True); time.sleep(60)"
    worked, _ = work(agents, assignment(tmp_path, code, idle_limit=1.0, seconds_limit=50.0))
    assert worked.problem == "it was stopped after it had shown nothing for 1 s"
    assert worked.last_words == "hello"


def test_one_that_ignores_the_request_to_end_is_killed(agents, tmp_path):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
    worked, _ = work(agents, assignment(tmp_path, code, idle_limit=1.0))
    assert (worked.exit_code, "shown nothing" in worked.problem) == (-9, True)
    assert worked.seconds < PATIENCE


def test_a_flood_is_neither_kept_nor_a_problem(agents, tmp_path):
    code = "import sys\nfor _ in range(200): sys.stdout.write(('x' * 1023 + '\\n') * 1024)\nprint('done')"
    worked, said = work(agents, assignment(tmp_path, code))
    assert (worked.problem, worked.last_words) == ("", "done")
    assert (tmp_path / "scratch/output.log").stat().st_size == 16 << 20
    assert all(len(each.text) <= 200 for each in said)


def test_a_line_without_an_end_is_dropped(agents, tmp_path):
    code = "import sys\nfor _ in range(20): sys.stdout.write('x' * (1 << 20))\nprint()\nprint('done')"
    worked, _ = work(agents, assignment(tmp_path, code))
    assert (worked.problem, worked.last_words) == ("", "done")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only process groups are ended")
@pytest.mark.parametrize("clear", [False, True], ids=["with its environment", "in its session, without environment"])
def test_grandchildren_do_not_outlive_it(agents, tmp_path, clear):
    away = "env={}, process_group=0" if clear else "start_new_session=True"
    grandchild = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], {away})\n"
        "print(child.pid, flush=True)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}]); print('done')"
    worked, _ = work(agents, assignment(tmp_path, code))
    assert (worked.problem, worked.last_words) == ("", "done")
    pid = int((tmp_path / "scratch/output.log").read_text().split()[0])
    assert not there(pid)  # killed, and reaped since it came to us


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only process groups are ended")
def test_a_grandchild_that_cleared_everything_away_does_not_outlive_the_last(agents, tmp_path):
    grandchild = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], env={}, start_new_session=True,"
        " stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}], start_new_session=True)"
    assert work(agents, assignment(tmp_path, code))[0].problem == ""
    agents.stop()
    assert not there(int((tmp_path / "scratch/output.log").read_text().split()[0]))


def test_one_that_has_told_its_result_and_does_not_end_has_no_problem(agents, tmp_path, monkeypatch):
    monkeypatch.setattr("gatekeeper.formats.agent_progress._Codex.grace", 0.5)
    code = """import json, time
for event in ({"type": "turn.started"}, {"type": "item.completed", "item": {"type": "agent_message", "text": "Done."}},
              {"type": "turn.completed", "usage": {"input_tokens": 10, "output_tokens": 5}}):
    print(json.dumps(event), flush=True)
time.sleep(60)"""
    worked, said = work(agents, assignment(tmp_path, code, progress=Progress.CODEX))
    assert (worked.problem, worked.last_words, worked.tokens) == ("", "Done.", 15)
    assert said[-1] == Said("Done.", 15, 0.0)


def test_a_trajectory_is_read_while_it_is_written(agents, tmp_path):
    code = """import json, sys, time
def write(**info):
    messages = [{"role": "assistant", "content": "", "extra": {"actions": [{"command": "ls"}]}}]
    open(sys.argv[2], "w").write(json.dumps({"info": {"model_stats": {"instance_cost": 0.5}, **info}, "messages": messages}))
write()
while not open("../said").read(): time.sleep(0.05)
write(exit_status="LimitsExceeded")"""
    given = assignment(tmp_path, code, progress=Progress.TRAJECTORY, progress_file="{scratch}/trajectory.json")
    agent = given.agent
    argv = (*agent.argv, "{scratch}/trajectory.json")
    heard = tmp_path / "said"
    heard.write_text("")
    given = Assignment(
        "ws", 1, CodingAgent("x", argv, progress=agent.progress, progress_file=agent.progress_file),
        given.worktree, given.scratch, given.base, given.prompt, given.lane,
    )  # fmt: skip
    worked = agents.work(given, lambda said: heard.write_text(said.text) and None)
    assert heard.read_text() == "ls"
    assert (worked.exit_code, worked.problem, worked.cost) == (0, "it ended with LimitsExceeded", 0.5)


def test_the_environment_holds_what_is_allowed_and_named(agents, tmp_path, monkeypatch):
    for name in ("GIT_DIR", "GITHUB_TOKEN", "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "SECRET", "PYTHONPATH", "NAMED"):
        monkeypatch.setenv(name, "set")
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.setenv("PATH", f".::{os.environ['PATH']}")
    code = "import json, os; open('made', 'w').write(json.dumps(dict(os.environ)))"
    work(agents, assignment(tmp_path, code, environment=("NAMED",), settings=(("PLACE", "{worktree}/x"),)))
    found = json.loads((tmp_path / "worktree/made").read_text())
    assert {"PATH", "HOME", "LC_TIME", "NAMED"} <= found.keys()
    assert found["PLACE"] == str(tmp_path / "worktree/x")
    assert (
        not {"GIT_DIR", "GITHUB_TOKEN", "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "SECRET", "PYTHONPATH"} & found.keys()
    )
    assert all(place.startswith("/") for place in found["PATH"].split(":"))


def test_many_work_at_once_and_stop_ends_them_all(agents, tmp_path):
    code = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    given = []
    for number in range(6):
        (tmp_path / str(number)).mkdir()
        given.append(assignment(tmp_path / str(number), code))
    ends: list[Worked] = []
    threads = [threading.Thread(target=lambda each=each: ends.append(work(agents, each)[0])) for each in given]
    for thread in threads:
        thread.start()
    notes = [Path(each.worktree, "pid") for each in given]
    while not all(note.exists() and note.read_text() for note in notes):
        time.sleep(0.01)
    agents.stop()
    for thread in threads:
        thread.join(PATIENCE)
    assert [worked.problem for worked in ends] == ["it was stopped"] * 6
    assert not any(alive(int(note.read_text())) for note in notes)
    assert "the run was stopped" in work(agents, given[0])[0].problem


SUPERVISOR = """
import sys, time
from gatekeeper.agents.coding import CodingAgents
from gatekeeper.model.coding_agent import CodingAgent
from gatekeeper.model.orchestration import Assignment
folder, code = sys.argv[1:]
lock = open(f"{folder}/lock", "w")
agent = CodingAgent("x", (sys.executable, "-c", code, "{prompt}"))
given = Assignment("w", 1, agent, folder, f"{folder}/scratch", "0" * 40, "Do it.", ("**",))
CodingAgents(time.monotonic(), lock.fileno()).work(given, lambda said: None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only process groups are ended")
def test_when_the_supervisor_is_killed_nothing_outlives_it(tmp_path):
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], start_new_session=True)\n"
        "open('new', 'w').write(str(os.getpid()) + ' ' + str(child.pid)); os.rename('new', 'pids'); time.sleep(300)"
    )
    root = str(Path(__file__).parents[2])
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(tmp_path), code], cwd=root)
    note = tmp_path / "pids"
    while not note.exists():
        assert supervisor.poll() is None
        time.sleep(0.02)
    supervisor.kill()
    supervisor.wait()
    pids = [int(word) for word in note.read_text().split()]
    deadline = time.monotonic() + PATIENCE
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)
