"""Speaks the Agent Client Protocol with an agent on its standard streams: one session, one prompt, one answer."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from gatekeeper.formats.acp_messages import (
    PROTOCOL,
    UNKNOWN_METHOD,
    Message,
    Updates,
    answer,
    notification,
    permission,
    read_message,
    refusal,
    request,
)
from gatekeeper.formats.agent_progress import mapping, words
from gatekeeper.model.orchestration import Said

_INITIALIZE, _NEW, _PROMPT = 1, 2, 3
_ENDINGS = {"end_turn": "", "cancelled": "it was stopped"}


class Conversation:
    """The client's side; a `ProgressReader` that also talks. `feed` writes on a thread of its own.

    It offers the agent neither files nor terminals of ours: the agent works on the worktree with its own hands. What
    it asks for permission to do is allowed where that stays inside the worktree.
    """

    latest = False
    grace = 2.0

    def __init__(self, worktree: str, prompt: str) -> None:
        self.finished = False
        self.failure = ""
        self._worktree = worktree
        self._prompt = prompt
        self._session = ""
        self._updates = Updates()
        self._out: SimpleQueue[bytes | None] = SimpleQueue()
        capabilities = {"fs": {"readTextFile": False, "writeTextFile": False}, "terminal": False}
        self._ask(_INITIALIZE, "initialize", {"protocolVersion": PROTOCOL, "clientCapabilities": capabilities})

    def feed(self, pipe: IO[bytes] | None) -> None:
        """Write what there is to say until the conversation is over."""
        if pipe is None:
            return
        try:
            with pipe:
                while (line := self._out.get()) is not None:
                    pipe.write(line)
                    pipe.flush()
        except OSError:  # the agent ended, or closed its input
            return

    def hear(self, line: bytes) -> Said | None:
        """Take in a line of the agent, and answer it where it wants an answer."""
        message = read_message(line)
        if message is None:
            return None
        if not message.method:
            return self._answered(message)
        if message.method == "session/update":
            return self._said(self._updates.take(mapping(message.params.get("update"))))
        if message.method == "session/request_permission":
            kind = self._updates.kind_of(mapping(message.params.get("toolCall")))
            self._out.put(answer(message.id, permission(message.params, kind, self._is_inside)))
        elif message.id is not None:
            self._out.put(refusal(message.id, UNKNOWN_METHOD, f"{words(message.method)} is not offered"))
        return None

    def cancel(self) -> None:
        """Ask the agent to leave off."""
        if self._session:
            self._out.put(notification("session/cancel", {"sessionId": self._session}))

    def close(self) -> None:
        """Say nothing more: the agent's input ends."""
        self._out.put(None)

    def _answered(self, message: Message) -> Said | None:
        """Go on to the next step, or end the conversation."""
        if self.finished:
            return None
        if message.error:
            return self._end(f"it refused {_step(message.id)}: {message.error}")
        result = mapping(message.result)
        if message.id == _INITIALIZE:
            if result.get("protocolVersion") != PROTOCOL:
                spoken = words(str(result.get("protocolVersion")))
                return self._end(f"it speaks version {spoken} of the Agent Client Protocol, and not {PROTOCOL}")
            self._ask(_NEW, "session/new", {"cwd": self._worktree, "mcpServers": []})
        elif message.id == _NEW:
            session = result.get("sessionId")
            if not isinstance(session, str) or not session:
                return self._end("it began a session without a name")
            self._session = session
            content = [{"type": "text", "text": self._prompt}]
            self._ask(_PROMPT, "session/prompt", {"sessionId": session, "prompt": content})
        elif message.id == _PROMPT:
            reason = words(result.get("stopReason")) or "nothing"
            return self._end(_ENDINGS.get(reason, f"it stopped with {reason}"))
        return None

    def _end(self, failure: str) -> Said | None:
        self.finished, self.failure = True, failure
        self.close()
        return self._said(failure or self._updates.rest())

    def _said(self, text: str) -> Said | None:
        said = Said(text, int(self._updates.tokens), self._updates.cost)
        return said if text or said.tokens or said.cost else None

    def _ask(self, number: int, method: str, params: dict[str, Any]) -> None:
        self._out.put(request(number, method, params))

    def _is_inside(self, path: str) -> bool:
        """Whether a path stays in the worktree, wherever links lead."""
        try:
            return Path(self._worktree, path).resolve().is_relative_to(Path(self._worktree).resolve())
        except (OSError, ValueError, RuntimeError):
            return False


def _step(number: int | str | None) -> str:
    steps = {_INITIALIZE: "the beginning", _NEW: "a session", _PROMPT: "the task"}
    return steps.get(number, "what nobody asked for") if isinstance(number, int) else "what nobody asked for"
