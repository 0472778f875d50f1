"""A model that follows a script: serves, on the loopback alone, the interfaces that coding agents speak to.

The script travels in the prompt, as Base64 between `<<SCRIPT` and `SCRIPT>>`: a JSON object with `commands`, for the
shell, and `text`, the last words (also the whole answer where the agent offers no shell). Which command is next follows
from the number of results in the request, so that nothing is kept and any number of agents may share one server.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_SCRIPT = re.compile(r"<<SCRIPT\s+([A-Za-z0-9+/=\s]+?)\s+SCRIPT>>")
_SHELLS = ("bash", "shell", "shell_command", "exec_command", "local_shell", "run_command", "execute", "terminal")
_SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
"""How mini-swe-agent is told that the work is done: it has no other way to end."""
_LARGEST_REQUEST = 64 << 20

Call = tuple[str, dict[str, Any], str]
"""A tool, its arguments, and the id of the call."""


def main() -> None:
    """Tell the address on a line, and serve until the standard input ends: with whoever started this, this ends too."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


def packed(commands: list[str], text: str) -> str:
    """A script as it stands in a prompt."""
    return f"<<SCRIPT {base64.b64encode(json.dumps({'commands': commands, 'text': text}).encode()).decode()} SCRIPT>>"


def next_step(request: dict[str, Any]) -> tuple[Call | None, str]:
    """The call of a tool that comes next, or None and the last words."""
    turns = request.get("messages") or request.get("input") or []
    turns = turns if isinstance(turns, list) else [{"content": turns}]
    found = _SCRIPT.search("\n".join(_texts(turns)))
    if not found:
        return None, "There is no script."
    script = json.loads(base64.b64decode(found[1]))
    done = sum(_results(turn) for turn in turns)
    tool = _shell_of(request.get("tools") or [])
    commands = [*script["commands"], *([_SUBMIT] if _is_mini(request) else [])]
    if tool is None or done >= len(commands):
        return None, str(script["text"])
    name, schema = tool
    return (name, _arguments(schema, commands[done]), f"call_{done}"), ""


def _texts(value: Any) -> Iterator[str]:
    """Every text in a piece of a request, apart from what tools gave back."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict) and not _results(value):
        for key in ("content", "text"):
            yield from _texts(value.get(key))


def _results(turn: Any) -> int:
    """How many results of tools a turn holds."""
    if not isinstance(turn, dict):
        return 0
    if turn.get("role") == "tool" or str(turn.get("type", "")).endswith("_call_output"):
        return 1
    content = turn.get("content")
    pieces = content if isinstance(content, list) else []
    return sum(isinstance(piece, dict) and piece.get("type") == "tool_result" for piece in pieces)


def _shell_of(tools: list[Any]) -> tuple[str, dict[str, Any]] | None:
    """The name and the parameters of the tool that runs commands, in whichever words it is offered."""
    offered = {}
    for tool in tools:
        described = tool.get("function", tool) if isinstance(tool, dict) else {}
        name = described.get("name") or described.get("type") or ""
        offered[str(name).lower()] = (str(name), described.get("parameters") or described.get("input_schema") or {})
    return next((offered[name] for name in _SHELLS if name in offered), None)


def _is_mini(request: dict[str, Any]) -> bool:
    return any(_SUBMIT.split()[1] in text for text in _texts(request.get("messages")))


def _arguments(schema: dict[str, Any], command: str) -> dict[str, Any]:
    """The arguments for a command, by what the tool calls them."""
    known = schema.get("properties") or {}
    name = next((each for each in ("command", "cmd", "commands", "script") if each in known), "command")
    is_list = known.get(name, {}).get("type") == "array"
    arguments: dict[str, Any] = {name: ["bash", "-lc", command] if is_list else command}
    if "description" in schema.get("required", ()):
        arguments["description"] = "A step of the script"
    return arguments


class Handler(BaseHTTPRequestHandler):
    """One request, answered at once in the format of its interface."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """List the only model."""
        self._send_json({"object": "list", "data": [{"id": "scripted", "object": "model", "owned_by": "gatekeeper"}]})

    def do_HEAD(self) -> None:
        """Say that there is somebody."""
        self._send(b"", "text/plain")

    def do_POST(self) -> None:
        """Answer a request for the next turn."""
        length = int(self.headers.get("Content-Length") or 0)
        try:
            request = json.loads(self.rfile.read(min(length, _LARGEST_REQUEST)))
            call, text = next_step(request)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            self._send_json({"error": {"message": f"unreadable request: {error}"}}, 400)
            return
        path = self.path.partition("?")[0].rstrip("/")
        if path.endswith("/chat/completions"):
            self._chat(call, text, bool(request.get("stream")))
        elif path.endswith("/responses"):
            self._send_events(_responses(call, text))
        elif path.endswith("/count_tokens"):
            self._send_json({"input_tokens": 10})
        elif path.endswith("/messages"):
            events = _messages(call, text)
            if request.get("stream"):
                self._send_events(events)
            else:
                self._send_json(_whole_message(call, text))
        else:
            self._send_json({"error": {"message": f"nothing is served at {path}"}}, 404)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent: the output is for the address."""

    def _chat(self, call: Call | None, text: str, streamed: bool) -> None:
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if call:
            function = {"name": call[0], "arguments": json.dumps(call[1])}
            message["tool_calls"] = [{"index": 0, "id": call[2], "type": "function", "function": function}]
        reason = "tool_calls" if call else "stop"
        head = {"id": "chatcmpl-1", "created": 0, "model": "scripted"}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.001}
        if not streamed:
            choice = {"index": 0, "message": message, "finish_reason": reason}
            self._send_json({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
            return
        chunk = {**head, "object": "chat.completion.chunk"}
        first = {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]}
        last = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}], "usage": usage}
        self._send_events([("", first), ("", last)], end=b"data: [DONE]\n\n")

    def _send_events(self, events: list[tuple[str, dict[str, Any]]], end: bytes = b"") -> None:
        lines = []
        for name, data in events:
            lines.append(
                (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(data).encode() + b"\n\n"
            )
        self._send(b"".join(lines) + end, "text/event-stream")

    def _send_json(self, data: dict[str, Any], status: int = 200) -> None:
        self._send(json.dumps(data).encode(), "application/json", status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # whoever asked is gone
            self.close_connection = True


def _responses(call: Call | None, text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of `/v1/responses`."""
    item: dict[str, Any] = {"id": "item_1", "status": "completed"}
    if call:
        item.update(type="function_call", call_id=call[2], name=call[0], arguments=json.dumps(call[1]))
    else:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        item.update(type="message", role="assistant", content=content)
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **details}
    whole = {"id": "resp_1", "object": "response", "model": "scripted", "output": [item]}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {**whole, "status": "completed", "usage": usage}},
    ]
    return [(event["type"], event) for event in events]


def _whole_message(call: Call | None, text: str) -> dict[str, Any]:
    """The answer of `/v1/messages` in one piece."""
    piece: dict[str, Any] = {"type": "text", "text": text}
    if call:
        piece = {"type": "tool_use", "id": call[2], "name": call[0], "input": call[1]}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "scripted", "content": [piece],
        "stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }  # fmt: skip


def _messages(call: Call | None, text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of `/v1/messages`."""
    whole = _whole_message(call, text)
    if call:
        empty: dict[str, Any] = {**whole["content"][0], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
    else:
        empty, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": text}
    ending = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return [(event["type"], event) for event in events]


if __name__ == "__main__":
    main()
