"""Attends a coding agent while it runs: keeps what it prints, passes on its news, and tells when it has to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from gatekeeper.formats.agent_progress import LONGEST_LINE, ProgressReader, Trajectory, words
from gatekeeper.formats.durations import rough_duration
from gatekeeper.model.orchestration import Said

SETTLED = "it had told its result and did not end"
_LOG_LIMIT = 16 << 20
_NEWS_SECONDS = 0.2
_POLL_SECONDS = 0.5
_LARGEST_TRAJECTORY = 64 << 20


class Attention:
    """Hears one agent, on one thread; a `Taker`, and with `mind` what a `Launch` asks for.

    `say` is called with the news, at most five times a second. All that is printed is kept in `output.log` and
    `errors.log` of the folder `scratch`, each up to 16 MiB. `idle_limit` is in seconds.
    """

    def __init__(
        self, ear: ProgressReader, say: Callable[[Said], None], scratch: Path, idle_limit: float, trajectory: str
    ) -> None:
        self.last_words = ""
        self.tokens, self.cost = 0, 0.0
        self.complaint = ""
        self._ear = ear
        self._say = say
        self._idle_limit = idle_limit
        self._logs = {"stdout": _Log(scratch / "output.log"), "stderr": _Log(scratch / "errors.log")}
        self._lines = {"stdout": _Lines(), "stderr": _Lines()}
        self._file = _TrajectoryFile(Path(trajectory)) if trajectory else None
        self._heard_at = time.monotonic()
        self._said_at = 0.0
        self._news: Said | None = None
        self._finished_at = 0.0

    def __enter__(self) -> Attention:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hear what came last, and close the logs."""
        for stream, lines in self._lines.items():
            self._hear(stream, lines.end())
        self._look(at_once=True)
        self._tell(at_once=True)
        for log in self._logs.values():
            log.close()

    @property
    def finished(self) -> bool:
        """Whether the agent has told its result."""
        return self._ear.finished or (self._file is not None and self._file.reader.finished)

    @property
    def failure(self) -> str:
        """Why the result that the agent has told is none; empty without a reason."""
        return self._ear.failure or (self._file.reader.failure if self._file else "")

    def take(self, stream: str, chunk: bytes) -> None:
        """Take in what the agent printed."""
        self._heard_at = time.monotonic()
        self._logs[stream].write(chunk)
        self._hear(stream, self._lines[stream].cut(chunk))

    def mind(self) -> str:
        """Why the agent has to be ended now; empty as long as it may go on."""
        now = time.monotonic()
        self._look()
        self._tell()
        if not self.finished:
            self._finished_at = 0.0
        elif not self._finished_at:
            self._finished_at = now
        elif now > self._finished_at + self._ear.grace:
            return SETTLED
        if now > self._heard_at + self._idle_limit:
            return f"it was stopped after it had shown nothing for {rough_duration(self._idle_limit)}"
        return ""

    def _hear(self, stream: str, lines: list[bytes]) -> None:
        if stream == "stderr":
            self.complaint = next((text for line in reversed(lines) if (text := words(_text(line)))), self.complaint)
            return
        if self._ear.latest:
            lines = next(([line] for line in reversed(lines) if line.strip()), [])
        for line in lines:
            said = self._ear.hear(line)
            if said is not None:
                self._take_in(said)

    def _look(self, *, at_once: bool = False) -> None:
        said = self._file.look(at_once=at_once) if self._file else None
        if said is not None:
            self._heard_at = time.monotonic()
            self._take_in(said)

    def _take_in(self, said: Said) -> None:
        self.tokens, self.cost = max(said.tokens, self.tokens), max(said.cost, self.cost)
        self.last_words = said.text or self.last_words
        self._news = Said(self.last_words, self.tokens, self.cost)

    def _tell(self, *, at_once: bool = False) -> None:
        """Pass the newest on, if that was not done a moment ago."""
        now = time.monotonic()
        if self._news is not None and (at_once or now > self._said_at + _NEWS_SECONDS):
            news, self._news, self._said_at = self._news, None, now
            self._say(news)


class _Lines:
    """Cuts a stream into lines; one that is too long to be anything is dropped."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._too_long = False

    def cut(self, chunk: bytes) -> list[bytes]:
        """The lines that a chunk completes."""
        first, *others = chunk.split(b"\n")
        self._partial += first
        if not others:
            if len(self._partial) > LONGEST_LINE:
                self._partial.clear()
                self._too_long = True
            return []
        lines = [*([] if self._too_long else [bytes(self._partial)]), *others[:-1]]
        self._partial, self._too_long = bytearray(others[-1]), False
        return lines

    def end(self) -> list[bytes]:
        """The line that had no end."""
        return [bytes(self._partial)] if self._partial and not self._too_long else []


class _Log:
    """A file that holds the beginning of a stream."""

    def __init__(self, path: Path) -> None:
        self._room = _LOG_LIMIT
        self._file: IO[bytes] | None = None
        with suppress(OSError):
            path.unlink(missing_ok=True)  # an agent of an earlier attempt may have put a link there
            self._file = path.open("wb", buffering=0)

    def write(self, chunk: bytes) -> None:
        """Keep what there is room for; a full disk does not end an agent."""
        if self._file is not None and self._room > 0:
            with suppress(OSError):
                self._file.write(chunk[: self._room])
            self._room -= len(chunk)

    def close(self) -> None:
        """Keep nothing more."""
        if self._file is not None:
            self._file.close()
            self._file = None


class _TrajectoryFile:
    """A trajectory that is looked at again whenever it was written."""

    def __init__(self, path: Path) -> None:
        self.reader = Trajectory()
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._looked_at = 0.0

    def look(self, *, at_once: bool) -> Said | None:
        """What is new in the file, None where nothing is; at most twice a second unless `at_once`."""
        if not at_once and time.monotonic() < self._looked_at + _POLL_SECONDS:
            return None
        self._looked_at = time.monotonic()
        with suppress(OSError):
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_size)
            if seen != self._seen and self._path.is_file() and status.st_size <= _LARGEST_TRAJECTORY:
                self._seen = seen
                return self.reader.look(self._path.read_bytes())
        return None


def _text(line: bytes) -> str:
    return line[:4000].decode("utf-8", "replace")
