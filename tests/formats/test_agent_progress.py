"""What coding agents print: in the words of each, and garbage of every kind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.agent_progress import LONGEST_LINE, Trajectory, progress_reader
from gatekeeper.model.coding_agent import Progress
from gatekeeper.model.orchestration import Said

LINES = (Progress.CODEX, Progress.CLAUDE, Progress.OPENCODE, Progress.TEXT, Progress.TRAJECTORY)


def heard(progress: Progress, *events: object) -> tuple[list[Said | None], bool, str]:
    """What is said of each event, and how it ended."""
    reader = progress_reader(progress)
    said = [reader.hear(json.dumps(event).encode()) for event in events]
    return said, reader.finished, reader.failure


def test_codex():
    command = {"type": "command_execution", "command": "bash -lc ls"}
    said, finished, failure = heard(
        Progress.CODEX,
        {"type": "thread.started", "thread_id": "x"},
        {"type": "turn.started"},
        {"type": "item.started", "item": command},
        {"type": "item.completed", "item": {**command, "aggregated_output": "a\n", "exit_code": 0}},
        {"type": "item.completed", "item": {"type": "file_change", "changes": [{"path": "a.py", "kind": "update"}]}},
        {"type": "error", "message": "Reconnecting... 1/5"},
        {"type": "item.completed", "item": {"type": "agent_message", "text": "All\ndone."}},
        {"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 50, "output_tokens": 20}},
    )
    assert [each and each.text for each in said] == [
        None, None, "bash -lc ls", None, "changed a.py", "Reconnecting... 1/5", "All done.", ""
    ]  # fmt: skip
    assert said[-1] == Said("", 120)
    assert (finished, failure) == (True, "")


def test_codex_that_failed():
    said, finished, failure = heard(Progress.CODEX, {"type": "turn.failed", "error": {"message": "no quota"}})
    assert (said[0], finished, failure) == (Said("no quota"), True, "no quota")


def test_claude():
    usage = {"input_tokens": 5, "output_tokens": 5, "cache_read_input_tokens": 10}
    tool = {"type": "tool_use", "name": "Bash", "input": {"command": "ls -l"}}
    said, finished, failure = heard(
        Progress.CLAUDE,
        {"type": "system", "subtype": "init"},
        {"type": "assistant", "message": {"id": "1", "content": [{"type": "text", "text": "Hm."}], "usage": usage}},
        {"type": "assistant", "message": {"id": "1", "content": [tool], "usage": usage}},
        {"type": "user", "message": {"content": [{"type": "tool_result", "content": "x"}]}},
        {"type": "result", "subtype": "success", "result": "Done.", "total_cost_usd": 0.25, "usage": usage},
    )
    assert said == [None, Said("Hm.", 20), Said("Bash: ls -l", 20), None, Said("Done.", 20, 0.25)]
    assert (finished, failure) == (True, "")


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        ({"subtype": "error_max_turns", "is_error": False}, "error_max_turns"),
        ({"subtype": "success", "is_error": True, "result": "API Error"}, "API Error"),
        ({"subtype": "success", "is_error": True}, "it told of an error without a text"),
    ],
)
def test_claude_that_failed(result, failure):
    assert heard(Progress.CLAUDE, {"type": "result", **result})[1:] == (True, failure)


def test_opencode():
    said, finished, failure = heard(
        Progress.OPENCODE,
        {"type": "step_start", "part": {}},
        {"type": "tool_use", "part": {"tool": "bash", "state": {"input": {"command": "ls"}}}},
        {"type": "step_finish", "part": {"reason": "tool-calls", "tokens": {"input": 9, "output": 1}, "cost": 0.5}},
        {"type": "text", "part": {"text": "Done."}},
        {"type": "step_finish", "part": {"reason": "stop", "tokens": {"input": 5, "output": 5}, "cost": 0.25}},
    )
    assert said == [None, Said("bash: ls"), Said("", 10, 0.5), Said("Done.", 10, 0.5), Said("", 20, 0.75)]
    assert (finished, failure) == (True, "")
    error = {"type": "error", "error": {"name": "APIError", "data": {"message": "gone"}}}
    assert heard(Progress.OPENCODE, error)[1:] == (False, "gone")


def test_text_is_every_line_that_is_not_blank():
    reader = progress_reader(Progress.TEXT)
    assert reader.hear(b"  \x1b[1mhello\x1b[0m\x07 \xff\r") == Said("hello\\x07 \ufffd")
    assert reader.hear(b"   ") is None
    assert len(reader.hear(b"x" * 10_000).text) == 200


def trajectory(**info: object) -> bytes:
    messages = [
        {"role": "system", "content": "You are"},
        {"role": "assistant", "content": "I look.", "extra": {"actions": [{"command": "ls"}, {"command": "pwd"}]}},
        {"role": "tool", "content": "a.py"},
    ]
    return json.dumps({"info": {"model_stats": {"instance_cost": 0.5}, **info}, "messages": messages}).encode()


def test_a_trajectory():
    reader = Trajectory()
    assert reader.look(trajectory()[:50]) is None  # half written
    assert (reader.look(trajectory()), reader.finished) == (Said("ls; pwd", 0, 0.5), False)
    assert reader.look(trajectory(exit_status="Submitted"))
    assert (reader.finished, reader.failure) == (True, "")
    assert reader.look(trajectory(exit_status="LimitsExceeded"))
    assert (reader.finished, reader.failure) == (True, "it ended with LimitsExceeded")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["type", "item", "message", "content", "usage", "part", "tokens", "error", "id", "result", "text", "changes",
         "input_tokens", "cost", "extra", "actions", "info", "messages", "exit_status", "state", "input"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
WORDS = """item.started item.completed turn.completed turn.failed error assistant result text tool_use step_finish
file_change command_execution agent_message"""
KINDS = st.sampled_from(WORDS.split())


@given(st.sampled_from(LINES), KINDS, st.dictionaries(st.text(max_size=3), JSON) | JSON, KINDS)
def test_whatever_comes_is_survived(progress, kind, data, inner):
    reader = progress_reader(progress)
    event = {**(data if isinstance(data, dict) else {"message": data}), "type": kind}
    for holder in ("item", "part", "message"):
        if isinstance(event.get(holder), dict):
            event[holder]["type"] = inner
    for line in (json.dumps(event).encode(), json.dumps(data).encode()):
        said = reader.hear(line)
        assert said is None or (said.text.isprintable() and len(said.text) <= 200 and said.tokens >= 0)
        Trajectory().look(line)


@pytest.mark.parametrize("progress", LINES)
@pytest.mark.parametrize(
    "line",
    [b"", b"\x00\xff", b"{", b"[" * 100_000, b"9" * 10_000, b'"' + b"x" * LONGEST_LINE + b'"'],
    ids=["empty", "binary", "half", "deep", "number", "huge"],
)
def test_garbage_is_survived(progress, line):
    reader = progress_reader(progress)
    said = reader.hear(line)
    assert progress is Progress.TEXT or said is None
    assert not reader.finished
