"""The model that follows a script: which step comes next, and the four interfaces over real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

import gatekeeper.inspectors.scripted_model as scripted

PROMPT = f"Do it.\n{scripted.packed(['ls', 'pwd'], 'Done.')}\nNow."
CHAT_TOOL = {"type": "function", "function": {"name": "bash", "parameters": {"properties": {"command": {}}}}}
RESULT = {"role": "tool", "tool_call_id": "call_0", "content": PROMPT}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, str(Path(scripted.__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    yield process.stdout.readline().decode().strip()
    process.stdin.close()  # with whoever started it, it ends
    assert process.wait(30) == 0
    process.stdout.close()


def ask(address: str, body: dict[str, Any] | None = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"Content-Type": "application/json"})
    with build_opener(ProxyHandler({})).open(request, timeout=30) as reply:
        return str(reply.read().decode())


def events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("request_", "call", "text"),
    [
        ({"messages": [{"role": "user", "content": PROMPT}], "tools": [CHAT_TOOL]}, "ls", ""),
        ({"messages": [{"role": "user", "content": PROMPT}, RESULT], "tools": [CHAT_TOOL]}, "pwd", ""),
        ({"messages": [{"role": "user", "content": PROMPT}, RESULT, RESULT], "tools": [CHAT_TOOL]}, None, "Done."),
        ({"messages": [{"role": "user", "content": PROMPT}]}, None, "Done."),
        ({"messages": [{"role": "user", "content": "Hello"}], "tools": [CHAT_TOOL]}, None, "There is no script."),
        ({"messages": [RESULT], "tools": [CHAT_TOOL]}, None, "There is no script."),
        ({"input": PROMPT, "tools": [{"type": "function", "name": "shell"}]}, "ls", ""),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result", "content": "x"}]},
                       {"role": "user", "content": [{"type": "text", "text": PROMPT}]}],
          "tools": [{"name": "Bash", "input_schema": {}}]}, "pwd", ""),
        ({"messages": [{"role": "user", "content": PROMPT + " COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"}, RESULT, RESULT],
          "tools": [CHAT_TOOL]}, "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT", ""),
    ],
)  # fmt: skip
def test_the_next_step(request_, call, text):
    found, words = scripted.next_step(request_)
    assert (found and found[1]["command"], words) == (call, text)


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ({"properties": {"cmd": {"type": "string"}}}, {"cmd": "ls"}),
        ({"properties": {"command": {"type": "array"}}}, {"command": ["bash", "-lc", "ls"]}),
        ({"properties": {"command": {}, "description": {}}, "required": ["command", "description"]},
         {"command": "ls", "description": "A step of the script"}),
    ],
)  # fmt: skip
def test_a_tool_is_called_the_way_it_is_offered(schema, arguments):
    tool = {"type": "function", "name": "exec_command", "parameters": schema}
    call, _ = scripted.next_step({"input": [{"role": "user", "content": PROMPT}], "tools": [tool]})
    assert call == ("exec_command", arguments, "call_0")


def test_chat(url):
    body = {"messages": [{"role": "user", "content": PROMPT}], "tools": [CHAT_TOOL]}
    (choice,) = json.loads(ask(f"{url}/v1/chat/completions", body))["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {"command": "ls"}
    first, last, done = events(ask(f"{url}/v1/chat/completions", {**body, "stream": True}))
    assert first["choices"][0]["delta"]["tool_calls"][0]["id"] == "call_0"
    assert (last["choices"][0]["finish_reason"], done) == ("tool_calls", "[DONE]")


def test_responses(url):
    body = {"input": [{"role": "user", "content": PROMPT}], "tools": [{"type": "function", "name": "shell"}]}
    found = events(ask(f"{url}/v1/responses", body))
    assert [each["type"] for each in found][-1] == "response.completed"
    assert found[-1]["response"]["output"][0]["call_id"] == "call_0"
    found = events(ask(f"{url}/v1/responses", {"input": PROMPT}))
    assert found[-1]["response"]["output"][0]["content"][0]["text"] == "Done."


def test_messages(url):
    body = {"messages": [{"role": "user", "content": PROMPT}], "tools": [{"name": "Bash", "input_schema": {}}]}
    assert json.loads(ask(f"{url}/v1/messages?beta=true", body))["stop_reason"] == "tool_use"
    found = events(ask(f"{url}/v1/messages", {**body, "stream": True}))
    assert [found[0]["type"], found[-1]["type"]] == ["message_start", "message_stop"]
    assert json.loads(found[2]["delta"]["partial_json"]) == {"command": "ls"}
    found = events(ask(f"{url}/v1/messages", {"messages": [{"role": "user", "content": PROMPT}], "stream": True}))
    assert found[2]["delta"] == {"type": "text_delta", "text": "Done."}


def test_models_and_what_is_not_served(url):
    assert json.loads(ask(f"{url}/v1/models"))["data"][0]["id"] == "scripted"
    garbled = {"messages": [{"role": "user", "content": "<<SCRIPT aGVsbG8= SCRIPT>>"}]}
    for address, body in ((f"{url}/nowhere", {}), (f"{url}/v1/messages", garbled)):
        with pytest.raises(HTTPError) as caught:
            ask(address, body)
        caught.value.close()
