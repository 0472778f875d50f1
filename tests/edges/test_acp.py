"""The Agent Client Protocol with a scripted agent, as a program of its own."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from gatekeeper.agents.coding import CodingAgents
from gatekeeper.model.coding_agent import CodingAgent, Driver
from gatekeeper.model.orchestration import Assignment, Said, Worked

# Plays what stands in script.json: answers by method, and what it says before it answers a prompt.
AGENT = """
import json, sys, time
script = json.load(open(sys.argv[1]))
log = open(sys.argv[2], "a")
def tell(**message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\\n"); sys.stdout.flush()
sys.stdout.write("warning: this is no JSON\\n")
for line in sys.stdin:
    log.write(line); log.flush()
    message = json.loads(line)
    method = message.get("method")
    if method == "session/prompt":
        prompt = message["id"]
        for each in script.get("says", []):
            tell(**each)
        if script.get("waits"):
            continue
        open("made", "w").write(message["params"]["prompt"][0]["text"])
        tell(id=prompt, **script.get("prompt", {"result": {"stopReason": "end_turn"}}))
    elif method == "session/cancel":
        tell(id=prompt, result={"stopReason": "cancelled"})
    elif method == "initialize":
        tell(id=message["id"], **script.get("initialize", {"result": {"protocolVersion": 1}}))
    elif method == "session/new":
        tell(id=message["id"], **script.get("new", {"result": {"sessionId": "s-1"}}))
if script.get("stays"):
    time.sleep(60)
"""


@pytest.fixture
def agents():
    made = CodingAgents(time.monotonic())
    yield made
    made.stop()


def assignment(tmp_path: Path, **script: object) -> Assignment:
    program, notes = tmp_path / "agent.py", tmp_path / "script.json"
    program.write_text(AGENT)
    notes.write_text(json.dumps(script))
    (tmp_path / "worktree").mkdir()
    argv = (sys.executable, str(program), str(notes), str(tmp_path / "heard"))
    agent = CodingAgent("acp", argv, Driver.ACP, seconds_limit=120.0)
    return Assignment(
        "w", 1, agent, str(tmp_path / "worktree"), str(tmp_path / "scratch"), "0" * 40, "Do\nit.", ("**",)
    )


def heard(tmp_path: Path) -> list[dict[str, object]]:
    """What the agent was told."""
    return [json.loads(line) for line in (tmp_path / "heard").read_text().splitlines()]


def test_one_session_one_prompt_one_answer(agents, tmp_path):
    update = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "Done."}}
    usage = {"sessionUpdate": "usage_update", "used": 42, "cost": {"amount": 0.5}}
    says = [{"method": "session/update", "params": {"update": each}} for each in (update, usage)]
    said: list[Said] = []
    worked = agents.work(assignment(tmp_path, says=says), said.append)
    assert (worked.exit_code, worked.problem, worked.last_words) == (0, "", "Done.")
    assert said[-1] == Said("Done.", 42, 0.5)
    assert (tmp_path / "worktree/made").read_text() == "Do\nit."
    first, second, third = heard(tmp_path)
    assert first["params"]["protocolVersion"] == 1
    assert first["params"]["clientCapabilities"]["fs"] == {"readTextFile": False, "writeTextFile": False}
    assert second["params"] == {"cwd": str(tmp_path / "worktree"), "mcpServers": []}
    assert third["params"]["sessionId"] == "s-1"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ({"initialize": {"result": {"protocolVersion": 2}}}, "it speaks version 2 of the Agent Client Protocol, and"),
        ({"initialize": {"error": {"code": -1, "message": "no"}}}, "it refused the beginning: no"),
        ({"new": {"error": {"code": -32000, "message": "Authentication required"}}}, "it refused a session: Authentic"),
        ({"new": {"result": {}}}, "it began a session without a name"),
        ({"prompt": {"result": {"stopReason": "refusal"}}}, "it stopped with refusal"),
        ({"prompt": {"result": {"stopReason": "max_tokens"}}}, "it stopped with max_tokens"),
        ({"prompt": {"result": {}}}, "it stopped with nothing"),
        ({"prompt": {"error": {"code": 1, "message": "no key"}}}, "it refused the task: no key"),
    ],
)
def test_what_is_no_work(agents, tmp_path, script, problem):
    worked = agents.work(assignment(tmp_path, **script), lambda said: None)
    assert worked.problem.startswith(problem)


def test_one_that_ends_without_an_answer(agents, tmp_path):
    given = assignment(tmp_path)
    (tmp_path / "agent.py").write_text("print('bye')")
    assert agents.work(given, lambda said: None).problem == "it ended before it had answered"


def test_one_that_stays_after_its_answer_is_ended_without_a_problem(agents, tmp_path):
    worked = agents.work(assignment(tmp_path, stays=True), lambda said: None)
    assert worked.problem == ""
    assert worked.seconds < 50


def test_permission_ends_at_the_worktree(agents, tmp_path):
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree/out").symlink_to(tmp_path)
    (tmp_path / "worktree").rename(tmp_path / "kept")
    given = assignment(tmp_path)
    (tmp_path / "kept/out").rename(tmp_path / "worktree/out")
    options = [{"optionId": "yes", "kind": "allow_once"}, {"optionId": "no", "kind": "reject_once"}]
    places = [f"{given.worktree}/a.py", "b/c.py", f"{given.worktree}/out/x", f"{given.worktree}/../x", "/etc/passwd"]
    says = [
        {"id": f"p{number}", "method": "session/request_permission", "params": {
            "sessionId": "s-1", "options": options,
            "toolCall": {"toolCallId": "1", "kind": "edit", "locations": [{"path": place}]}}}
        for number, place in enumerate(places)
    ]  # fmt: skip
    says.append({"id": 99, "method": "fs/read_text_file", "params": {"path": "/etc/passwd"}})
    (tmp_path / "script.json").write_text(json.dumps({"says": says}))
    assert agents.work(given, lambda said: None).problem == ""
    answers = {each["id"]: each for each in heard(tmp_path) if "method" not in each}
    chosen = [answers[f"p{number}"]["result"]["outcome"]["optionId"] for number in range(len(places))]
    assert chosen == ["yes", "yes", "no", "no", "no"]
    assert answers[99]["error"]["code"] == -32601


def test_stop_cancels_the_session(agents, tmp_path):
    ends: list[Worked] = []
    given = assignment(tmp_path, waits=True)
    worker = threading.Thread(target=lambda: ends.append(agents.work(given, lambda said: None)))
    worker.start()
    while not (tmp_path / "heard").exists() or "session/prompt" not in (tmp_path / "heard").read_text():
        time.sleep(0.01)
    agents.stop()
    worker.join(60)
    assert ends[0].problem == "it was stopped"
    assert heard(tmp_path)[-1]["method"] == "session/cancel"


@pytest.mark.skipif(not shutil.which("opencode"), reason="OpenCode is not installed")
def test_opencode_itself():
    from gatekeeper.agents_wiring import try_out

    (trial,) = try_out((), ["opencode-acp"])
    assert (trial.standing.value, trial.note) == ("works", "")
