"""`gatekeeper agents`: what is known, what is there, and real trials with real programs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from gatekeeper.cli.main import main
from tests.real_agents import install_mini
from tests.repository import GitRepository

# An agent of one's own that asks the scripted model what to do and does it.
AGENT = """#!{python}
import json, os, subprocess, sys, urllib.request
turns = [{{"role": "user", "content": open(sys.argv[1]).read()}}]
tools = [{{"type": "function", "function": {{"name": "bash", "parameters": {{"properties": {{"command": {{}}}}}}}}}}]
print(sorted(name for name in os.environ if "KEY" in name), os.environ["HOME"])
while True:
    body = json.dumps({{"messages": turns, "tools": tools}}).encode()
    request = urllib.request.Request(os.environ["MODEL_URL"] + "/v1/chat/completions", body)
    message = json.load(urllib.request.urlopen(request))["choices"][0]["message"]
    if not message.get("tool_calls"):
        break
    command = json.loads(message["tool_calls"][0]["function"]["arguments"])["command"]
    {action}
    turns += [message, {{"role": "tool", "content": "done"}}]
"""
CONFIG = """\
agents:
  - name: loop
    pillar: primary
    run: loop-agent {prompt_file}
    env: [SECRET_KEY]
    check:
      set: {MODEL_URL: "{url}"}
  - name: loop
    pillar: docs
  - name: plain
    pillar: tests
    run: loop-agent {prompt_file}
  - {name: reviewer, pillar: review}
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for agents, first on a PATH that has Git and a shell beside it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/local/bin:/usr/bin:/bin")
    return folder


def install(folder: Path, action: str = "subprocess.run(command, shell=True)", name: str = "loop-agent") -> None:
    program = folder / name
    program.write_text(AGENT.format(python=sys.executable, action=action))
    program.chmod(0o755)


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, dict[str, object]]]:
    code = main(["agents", *arguments, "--format", "json"])
    return code, {agent["name"]: agent for agent in json.loads(capsys.readouterr().out)["agents"]}


def test_the_list_has_templates_and_the_agents_of_the_configuration(repository: GitRepository, programs, capsys):
    install(programs)
    repository.commit({".gatekeeper.yml": CONFIG})
    code, found = listed(capsys, "-C", str(repository.path))
    assert code == 0
    assert {"codex", "claude", "mini", "loop", "plain"} <= found.keys()
    assert "reviewer" not in found  # a name without a program
    assert (found["loop"]["standing"], found["loop"]["pillars"]) == ("found", ["primary", "docs"])
    assert found["loop"]["program"] == str(programs / "loop-agent")
    missing = [agent for agent in found.values() if agent["standing"] == "missing"]
    assert all(str(agent["note"]).startswith("install it: ") for agent in missing)


def test_the_list_needs_no_repository(tmp_path, programs, capsys):
    assert main(["agents", "list", "-C", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    assert "codex " in output
    assert "no configuration is read: " in output


def test_versions_are_those_that_programs_tell(tmp_path, programs, capsys):
    for name, text in (("codex", "echo codex-cli 1.2.3"), ("claude", "echo broken >&2; exit 3")):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    _, found = listed(capsys, "-C", str(tmp_path))
    assert (found["codex"]["version"], found["codex"]["standing"]) == ("codex-cli 1.2.3", "found")
    assert (found["claude"]["standing"], found["claude"]["note"]) == (
        "fails", "`claude --version` ended with exit code 3: broken"
    )  # fmt: skip


def test_an_agent_that_works(repository: GitRepository, programs, capsys, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "money")
    install(programs)
    repository.commit({".gatekeeper.yml": CONFIG})
    code, found = listed(capsys, "check", "loop", "plain", "-C", str(repository.path))
    assert (code, found["loop"]["standing"], found["loop"]["note"]) == (0, "works", "")
    assert found["plain"]["standing"] == "found"
    assert found["plain"]["note"] == "only looked for: its description has no part `check`"
    assert repository.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("action", "note"),
    [
        ("pass", "it ended in order, and the file that it should write is not there; it said: []"),
        ("sys.exit('no idea')", "it ended with exit code 1: no idea; it said: []"),
        ("subprocess.run(command, shell=True); sys.exit(9)", "the work was done, but it ended with exit code 9"),
    ],
)
def test_an_agent_that_does_not(repository: GitRepository, programs, capsys, monkeypatch, action, note):
    monkeypatch.setenv("SECRET_KEY", "money")
    install(programs, action)
    repository.commit({".gatekeeper.yml": CONFIG})
    code, found = listed(capsys, "check", "loop", "-C", str(repository.path))
    assert (code, found["loop"]["standing"]) == (1, "fails")
    assert str(found["loop"]["note"]).startswith(note)  # and no key was given away


def test_a_missing_agent_is_a_failure_where_it_is_wanted(repository: GitRepository, programs, capsys):
    repository.commit({".gatekeeper.yml": CONFIG})
    code, found = listed(capsys, "check", "-C", str(repository.path))
    assert code == 1
    assert found["loop"]["note"] == "there is no program loop-agent"
    assert "aider" not in found  # nobody asked for it


def test_what_cannot_be_checked(tmp_path, programs, capsys):
    assert main(["agents", "check", "-C", str(tmp_path)]) == 3
    assert "no coding agent is installed" in capsys.readouterr().err
    assert main(["agents", "check", "codx", "-C", str(tmp_path)]) == 2
    assert "there is no agent codx; did you mean `codex`?" in capsys.readouterr().err


def test_a_wrong_description_is_told(repository: GitRepository, programs, capsys):
    repository.commit({".gatekeeper.yml": "agents: [{name: a, pillar: docs, run: 'x {promt}'}]\n"})
    assert main(["agents", "-C", str(repository.path)]) == 2
    assert '"{promt}" in `agents[0].run[1]` has an unknown placeholder' in capsys.readouterr().err


@pytest.mark.skipif(not os.environ.get("GATEKEEPER_TEST_NETWORK"), reason="GATEKEEPER_TEST_NETWORK is not set")
@pytest.mark.long
def test_mini_swe_agent_itself(tmp_path_factory, monkeypatch, capsys, tmp_path):
    folder = install_mini(tmp_path_factory)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    code, found = listed(capsys, "check", "mini", "-C", str(tmp_path))
    assert (code, found["mini"]["standing"], found["mini"]["note"]) == (0, "works", "")
