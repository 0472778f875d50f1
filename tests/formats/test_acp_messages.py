"""The messages of the Agent Client Protocol: what is understood, what is allowed, and what is let go."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.acp_messages import Message, Updates, answer, permission, read_message, refusal, request

OPTIONS = [
    {"optionId": "always", "kind": "allow_always"},
    {"optionId": "once", "kind": "allow_once"},
    {"optionId": "no", "kind": "reject_once"},
]


def test_messages_are_lines():
    assert json.loads(request(1, "initialize", {"a": "x\ny"})) == {
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"a": "x\ny"}
    }  # fmt: skip
    for line in (request(1, "m", {"a": "x\ny"}), answer("7", {}), refusal(None, -1, "no")):
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"id": 3, "result": {"stopReason": "end_turn"}}, Message("", 3, {}, {"stopReason": "end_turn"})),
        ({"id": 3, "result": None}, Message("", 3)),
        ({"id": 3, "error": {"code": 1, "message": "no", "data": "why"}}, Message("", 3, {}, None, "no: why")),
        ({"id": 3, "error": {}}, Message("", 3, {}, None, "an error without a text")),
        ({"method": "session/update", "params": {"a": 1}}, Message("session/update", None, {"a": 1})),
        ({"method": "x", "id": "s", "params": [1]}, Message("x", "s", {})),
        ({"id": True, "result": 1}, None),
        ({"id": [1], "result": 1}, None),
        ({"id": 1}, None),
        ([], None),
    ],
)
def test_what_is_read(data, message):
    assert read_message(json.dumps(data).encode()) == message


@given(st.binary())
def test_garbage_is_no_message(line):
    assert read_message(line) is None or line.strip().startswith(b"{")


def chunk(text: object) -> dict[str, object]:
    return {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": text}}


def test_speech_comes_in_pieces():
    updates = Updates()
    said = [updates.take(chunk(text)) for text in ("I wi", "ll look.\nThen", " I write.", "\n", None)]
    assert said == ["", "I will look.", "", "Then I write.", ""]
    assert updates.take(chunk("Done")) == ""
    assert (updates.rest(), updates.rest()) == ("Done", "")


def test_calls_and_counts():
    updates = Updates()
    call = {"sessionUpdate": "tool_call", "toolCallId": "1", "title": "Run \x1b[1mls", "kind": "execute"}
    assert updates.take(call) == "Run ls"
    assert updates.kind_of({"toolCallId": "1"}) == "execute"
    assert updates.kind_of({"toolCallId": "1", "kind": "fetch"}) == "fetch"
    assert updates.kind_of({"toolCallId": "2"}) == ""
    updates.take({"sessionUpdate": "usage_update", "used": 120, "size": 1000, "cost": {"amount": 0.5}})
    assert (updates.tokens, updates.cost) == (120, 0.5)


@pytest.mark.parametrize(
    ("kind", "paths", "chosen"),
    [
        ("edit", ["/w/a.py"], "once"),
        ("execute", [], "once"),
        ("read", ["/w/a", "/w/b"], "once"),
        ("edit", ["/w/a", "/etc/passwd"], "no"),
        ("edit", [None], "no"),
        ("fetch", [], "no"),
        ("other", [], "no"),
        ("", [], "no"),
    ],
)
def test_what_is_allowed(kind, paths, chosen):
    params = {"toolCall": {"locations": [{"path": path} for path in paths]}, "options": OPTIONS}
    outcome = permission(params, kind, lambda path: path.startswith("/w/"))
    assert outcome == {"outcome": {"outcome": "selected", "optionId": chosen}}


@pytest.mark.parametrize("options", [None, [], "x", [{}], [{"kind": "allow_once"}], OPTIONS[2:]])
def test_without_the_right_option_nothing_is_chosen(options):
    outcome = permission({"toolCall": {}, "options": options}, "edit", lambda path: True)
    assert outcome == {"outcome": {"outcome": "cancelled"}}
