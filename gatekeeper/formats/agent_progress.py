"""Understands what coding agents print while they work: each in its own words, none of them believed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Protocol

from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.coding_agent import Progress
from gatekeeper.model.orchestration import Said

LONGEST_LINE = 4 << 20
"""Bytes of a line of output; a longer one is not looked at."""
_LONGEST_TEXT = 200
_MOST_TOKENS = 10**12


class ProgressReader(Protocol):
    """Hears an agent line by line.

    `finished` means that it has told its result and should end by itself; `failure` is why that result is none.
    `latest` means that of several lines only the newest matters, `grace` is how many seconds it may take to end then.
    """

    latest: bool
    grace: float
    finished: bool
    failure: str

    def hear(self, line: bytes) -> Said | None:
        """Take in a line without its end; what it says to people, or None. Garbage says nothing."""


def progress_reader(progress: Progress) -> ProgressReader:
    """The reader of an agent's output. One whose progress is a trajectory may print what it likes."""
    readers: dict[Progress, type[_Lines]] = {
        Progress.CODEX: _Codex,
        Progress.CLAUDE: _Claude,
        Progress.OPENCODE: _OpenCode,
        Progress.TEXT: _Text,
        Progress.TRAJECTORY: _Silent,
    }
    return readers[progress]()


def words(value: Any) -> str:
    """A text of an agent for people: one line without control characters, cut; empty for what is no text."""
    return fit(phrase(value[: 20 * _LONGEST_TEXT]), _LONGEST_TEXT) if isinstance(value, str) else ""


def number(value: Any) -> float:
    """A count or a price, 0 for everything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return float(min(max(value, 0), _MOST_TOKENS))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, and an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def read_json(text: bytes | str) -> Any:
    """The data of a JSON text, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Lines:
    """What the readers have in common: the counts so far, and how the work ended."""

    latest = False
    grace = 10.0

    def __init__(self) -> None:
        self.finished = False
        self.failure = ""
        self._tokens = 0.0
        self._cost = 0.0

    def hear(self, line: bytes) -> Said | None:
        """Take in a line; see `ProgressReader`."""
        if len(line) > LONGEST_LINE:
            return None
        before = (self._tokens, self._cost)
        text = self._text(line)
        if not text and before == (self._tokens, self._cost):
            return None
        return Said(text, int(self._tokens), self._cost)

    def _text(self, line: bytes) -> str:
        event = mapping(read_json(line))
        return self._event(str(event.get("type", "")), event) if event else ""

    def _event(self, kind: str, event: Mapping[str, Any]) -> str:
        """What an event of the agent tells; empty for nothing worth showing, and where lines are no events."""
        return ""

    def _fail(self, text: str) -> str:
        self.failure = text or "it told of an error without a text"
        return self.failure


class _Text(_Lines):
    """Every line that is not blank is news."""

    latest = True

    def _text(self, line: bytes) -> str:
        return words(line[: 20 * _LONGEST_TEXT].decode("utf-8", "replace"))


class _Silent(_Lines):
    """What is printed tells nothing."""

    latest = True

    def _text(self, line: bytes) -> str:
        return ""


class _Codex(_Lines):
    """`codex exec --json`."""

    def _event(self, kind: str, event: Mapping[str, Any]) -> str:
        if kind in ("item.started", "item.completed"):
            return self._item(kind, mapping(event.get("item")))
        if kind == "turn.started":
            self.finished, self.failure = False, ""
        if kind == "turn.completed":
            usage = mapping(event.get("usage"))
            self._tokens += number(usage.get("input_tokens")) + number(usage.get("output_tokens"))
            self.finished = True
        if kind == "turn.failed":
            self.finished = True
            return self._fail(words(mapping(event.get("error")).get("message")))
        # an error that it tries again after is followed by a turn that is completed
        return words(event.get("message")) if kind == "error" else ""

    @staticmethod
    def _item(kind: str, item: Mapping[str, Any]) -> str:
        what = item.get("type")
        if what == "command_execution":
            return words(item.get("command")) if kind == "item.started" else ""
        if what == "file_change" and kind == "item.completed":
            changes = item.get("changes")
            paths = [words(mapping(each).get("path")) for each in changes[:20]] if isinstance(changes, list) else []
            return words(f"changed {', '.join(paths)}")
        if kind == "item.completed":
            return words(item.get("text") or item.get("message"))
        return ""


class _Claude(_Lines):
    """`claude --print --output-format stream-json --verbose`."""

    def __init__(self) -> None:
        super().__init__()
        self._used: dict[str, float] = {}

    def _event(self, kind: str, event: Mapping[str, Any]) -> str:
        if kind == "assistant":
            self.finished = False
            return self._message(mapping(event.get("message")))
        if kind != "result":
            return ""
        self.finished = True
        self._tokens = _claude_tokens(event) or self._tokens
        self._cost = number(event.get("total_cost_usd")) or self._cost
        subtype, text = words(event.get("subtype")), words(event.get("result"))
        if event.get("is_error") is True or (subtype and subtype != "success"):
            return self._fail(": ".join(part for part in (subtype.removeprefix("success"), text) if part))
        return text

    def _message(self, message: Mapping[str, Any]) -> str:
        name = message.get("id")
        if isinstance(name, str) and len(self._used) < 100_000:  # a message comes in several pieces
            self._used[name] = _claude_tokens(message)
            self._tokens = sum(self._used.values())
        content = message.get("content")
        pieces = [mapping(piece) for piece in content[:100]] if isinstance(content, list) else []
        texts = [_claude_piece(piece) for piece in pieces]
        return next((text for text in reversed(texts) if text), "")


def _claude_tokens(holder: Mapping[str, Any]) -> float:
    usage = mapping(holder.get("usage"))
    kinds = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(number(usage.get(kind)) for kind in kinds)


def _claude_piece(piece: Mapping[str, Any]) -> str:
    if piece.get("type") == "text":
        return words(piece.get("text"))
    if piece.get("type") != "tool_use":
        return ""
    given = mapping(piece.get("input"))
    what = next((given[key] for key in ("command", "file_path", "path", "pattern") if given.get(key)), "")
    return words(f"{words(piece.get('name'))}: {words(what)}" if words(what) else piece.get("name"))


class _OpenCode(_Lines):
    """`opencode run --format json`."""

    def _event(self, kind: str, event: Mapping[str, Any]) -> str:
        part = mapping(event.get("part"))
        if kind == "step_start":
            self.finished, self.failure = False, ""
        if kind == "step_finish":
            tokens = mapping(part.get("tokens"))
            self._tokens += sum(number(tokens.get(each)) for each in ("input", "output", "reasoning"))
            self._cost += number(part.get("cost"))
            self.finished = part.get("reason") == "stop"
        if kind == "text":
            return words(part.get("text"))
        if kind == "tool_use":
            given = mapping(mapping(part.get("state")).get("input"))
            what = words(given.get("command")) or words(given.get("filePath")) or words(given.get("pattern"))
            return words(f"{words(part.get('tool'))}: {what}" if what else part.get("tool"))
        if kind == "error":
            error = mapping(event.get("error"))
            return self._fail(words(mapping(error.get("data")).get("message")) or words(error.get("name")))
        return ""


class Trajectory:
    """Reads the trajectory of mini-swe-agent, which it writes anew at each step; see `ProgressReader`."""

    def __init__(self) -> None:
        self.finished = False
        self.failure = ""

    def look(self, text: bytes) -> Said | None:
        """What the whole file says now; None for one that is just being written, or is none."""
        data = mapping(read_json(text))
        if not data:
            return None
        info = mapping(data.get("info"))
        status = words(info.get("exit_status"))
        self.finished = bool(status)
        self.failure = f"it ended with {status}" if status and status != "Submitted" else ""
        messages = data.get("messages")
        texts = (_turn(mapping(each)) for each in reversed(messages if isinstance(messages, list) else []))
        cost = number(mapping(info.get("model_stats")).get("instance_cost"))
        return Said(next((text for text in texts if text), ""), 0, cost)


def _turn(message: Mapping[str, Any]) -> str:
    """What the model said in a message, or the command that it gave; empty for those of others."""
    if message.get("role") != "assistant":
        return ""
    actions = mapping(message.get("extra")).get("actions")
    commands = [words(mapping(each).get("command")) for each in actions[:10]] if isinstance(actions, list) else []
    return words("; ".join(command for command in commands if command)) or words(message.get("content"))
