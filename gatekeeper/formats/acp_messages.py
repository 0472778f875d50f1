"""Writes and reads the messages of the Agent Client Protocol, version 1: JSON-RPC 2.0, one message a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.formats.agent_progress import mapping, number, read_json, words

PROTOCOL = 1
UNKNOWN_METHOD = -32601

_MAY_BE_ALLOWED = frozenset({"read", "edit", "delete", "move", "search", "execute", "think"})


@dataclass(frozen=True, slots=True)
class Message:
    """A message from the agent: a request (method and id), a notification (method alone) or an answer (id alone)."""

    method: str = ""
    id: int | str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    result: Any = None
    error: str = ""


def request(number_of_it: int, method: str, params: Mapping[str, Any]) -> bytes:
    """A request as a line."""
    return _line({"id": number_of_it, "method": method, "params": params})


def notification(method: str, params: Mapping[str, Any]) -> bytes:
    """A notification as a line."""
    return _line({"method": method, "params": params})


def answer(to: int | str | None, result: Mapping[str, Any]) -> bytes:
    """The answer to a request as a line."""
    return _line({"id": to, "result": result})


def refusal(to: int | str | None, code: int, message: str) -> bytes:
    """The answer to a request that cannot be fulfilled, as a line."""
    return _line({"id": to, "error": {"code": code, "message": message}})


def read_message(line: bytes) -> Message | None:
    """The message of a line; None for what is none."""
    data = mapping(read_json(line))
    identity = data.get("id")
    if isinstance(identity, bool) or not (identity is None or isinstance(identity, int | str)):
        return None
    method = data.get("method")
    if isinstance(method, str):
        return Message(method, identity, mapping(data.get("params")))
    if identity is None or not {"result", "error"} & data.keys():
        return None
    error = mapping(data.get("error"))
    trouble = (words(error.get("message")) or "an error without a text") if data.get("error") is not None else ""
    detail = words(mapping(error.get("data")).get("details")) or words(error.get("data"))
    return Message("", identity, {}, data.get("result"), f"{trouble}: {detail}" if detail else trouble)


class Updates:
    """Gathers the updates of a session: what was said so far, the counts, and which kind each tool call is of."""

    def __init__(self) -> None:
        self.tokens = 0.0
        self.cost = 0.0
        self._speech = ""
        self._kinds: dict[str, str] = {}

    def take(self, update: Mapping[str, Any]) -> str:
        """What an update says to people, empty for nothing."""
        kind = update.get("sessionUpdate")
        if kind in ("agent_message_chunk", "agent_thought_chunk"):
            return self._spoken(mapping(update.get("content")).get("text"))
        if kind in ("tool_call", "tool_call_update"):
            self.rest()
            return self._called(update)
        if kind == "usage_update":
            self.tokens = number(update.get("used")) or self.tokens
            self.cost = number(mapping(update.get("cost")).get("amount")) or self.cost
        return ""

    def rest(self) -> str:
        """What was said and is no whole line yet."""
        text, self._speech = words(self._speech), ""
        return text

    def kind_of(self, call: Mapping[str, Any]) -> str:
        """The kind of a tool call, also where only an earlier update told it."""
        kind = call.get("kind")
        return kind if isinstance(kind, str) else self._kinds.get(str(call.get("toolCallId")), "")

    def _spoken(self, text: Any) -> str:
        self._speech += text if isinstance(text, str) else ""
        *lines, last = self._speech.split("\n")
        self._speech = last[-4000:]
        return next((words(line) for line in reversed(lines) if words(line)), "")

    def _called(self, update: Mapping[str, Any]) -> str:
        kind = update.get("kind")
        if isinstance(kind, str) and len(self._kinds) < 100_000:
            self._kinds[str(update.get("toolCallId"))] = kind
        return words(update.get("title"))


def permission(params: Mapping[str, Any], kind: str, is_inside: Callable[[str], bool]) -> dict[str, Any]:
    """The outcome of a request for permission.

    Allowed is what reads, changes, searches or runs, where all the places that are named are inside. Of the options
    one that holds once is taken before one that holds for ever.
    """
    call = mapping(params.get("toolCall"))
    places = call.get("locations")
    paths = [mapping(place).get("path") for place in places] if isinstance(places, list) else []
    allowed = kind in _MAY_BE_ALLOWED and all(isinstance(path, str) and is_inside(path) for path in paths)
    options = params.get("options")
    choices = [mapping(each) for each in options] if isinstance(options, list) else []
    offered = {str(each.get("kind")): each.get("optionId") for each in choices}
    wanted = ("allow_once", "allow_always") if allowed else ("reject_once", "reject_always")
    chosen = next((offered[each] for each in wanted if isinstance(offered.get(each), str)), None)
    if chosen is None:
        return {"outcome": {"outcome": "cancelled"}}
    return {"outcome": {"outcome": "selected", "optionId": chosen}}


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
