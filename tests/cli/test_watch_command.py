"""`gatekeeper watch` on real run folders: what has ended, what goes on, what was cut off."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatekeeper.cli import watch as command
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.formats.event_log import event_line, read_events
from gatekeeper.model.errors import UsageError
from gatekeeper.model.orchestration_events import Beat, LaneSaid, OrchestrationEvent
from gatekeeper.watch_wiring import Clocks, Watched, watch
from tests.formats.lanes_sample import BEGAN, ENDED, EVENTS, until
from tests.reporters.test_live import Screen
from tests.repository import GitRepository

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def held(repository: GitRepository) -> Iterator[RunFolder]:
    """A run whose supervisor is alive: it is this process."""
    repository.commit({"a.py": ""})
    folder = RunFolder.create(repository.edge, NOON)
    yield folder
    folder.close()


def tell(folder: RunFolder, *events: OrchestrationEvent) -> None:
    for event in events:
        folder.append(event_line(event))


def ask(repository: GitRepository, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.register(parser)
    options = parser.parse_args(["-C", str(repository.path), *arguments])
    return int(options.function(options))


class Heard:
    """A display that keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[OrchestrationEvent] = []
        self.ticks: list[float] = []

    def on_event(self, event: OrchestrationEvent) -> None:
        self.events.append(event)

    def on_tick(self, at: float) -> None:
        self.ticks.append(at)


class Steps:
    """Clocks that do the next step of the supervisor whenever somebody waits."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps = list(steps)
        self._time = 0.0
        self.clocks = Clocks(lambda: self._time, lambda: NOON + timedelta(seconds=self._time), self._wait)

    def _wait(self, seconds: float) -> None:
        self._time += seconds
        if self._steps:
            self._steps.pop(0)()
        assert self._time < 60, "it never ends"


def followed(folder: RunFolder, *steps: Callable[[], object]) -> tuple[Watched, Heard]:
    heard = Heard()
    return watch(folder.folder, heard, Steps(*steps).clocks), heard


@pytest.mark.parametrize(
    ("ending", "code"), [("approved", 0), ("needs you", 1), ("stopped", 3), ("of a later version", 3)]
)
def test_a_run_that_has_ended(
    held: RunFolder, repository: GitRepository, ending: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(held, *EVENTS[:-1], replace(ENDED, ending=ending))
    assert ask(repository, held.name[:8]) == code
    out = capsys.readouterr().out
    assert out.startswith("Gatekeeper carries out: Add pagination to the users API\n")
    assert ("Approved" in out) == (code == 0)


def test_a_run_that_goes_on_is_followed_to_its_end(held: RunFolder) -> None:
    tell(held, replace(BEGAN, started=NOON.isoformat()))
    watched, heard = followed(
        held,
        lambda: tell(held, *EVENTS[1:5]),
        lambda: None,
        lambda: tell(held, *EVENTS[5:-1]),
        lambda: tell(held, ENDED),
    )
    assert watched == Watched(held.name, ENDED)
    assert heard.events[1:] == list(EVENTS[1:])
    assert heard.ticks[:2] == [0.0, 0.2]


def test_a_line_that_comes_in_two_parts_is_one_event(held: RunFolder) -> None:
    line = event_line(LaneSaid(1.0, "primary-1", "both halves")).encode()

    def write(data: bytes) -> Callable[[], object]:
        return lambda: os.write(held._log, data)

    watched, heard = followed(held, write(line[:20]), write(line[20:]), write(event_line(ENDED).encode()))
    assert heard.events == [LaneSaid(1.0, "primary-1", "both halves"), ENDED]
    assert watched.skipped == 0


def test_a_line_in_which_the_supervisor_died_is_skipped_and_the_run_resumed(
    held: RunFolder, repository: GitRepository
) -> None:
    tell(held, *until(50))
    os.write(held._log, event_line(Beat(51.0)).encode()[:-5])
    held.close()
    again = RunFolder.open(repository.edge, "")
    tell(again, replace(BEGAN, resumed=True), ENDED)
    watched, heard = followed(again)
    assert (watched.ended, watched.skipped) == (ENDED, 1)
    assert heard.events[-2:] == [replace(BEGAN, resumed=True), ENDED]
    again.close()


def test_an_end_after_which_it_was_resumed_is_not_told(held: RunFolder) -> None:
    tell(held, *until(50), replace(ENDED, ending="stopped"), Beat(300), replace(BEGAN, resumed=True), ENDED)
    _, heard = followed(held)
    assert heard.events == [*until(50), replace(BEGAN, resumed=True), ENDED]


def test_a_run_whose_supervisor_is_gone(
    held: RunFolder, repository: GitRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(held, *until(50))
    watched, heard = followed(held, lambda: None, held.close)
    assert watched.ended is None
    assert len(heard.ticks) > 2
    assert ask(repository) == 3
    error = capsys.readouterr().err
    assert f"run {held.name} is gone, and the run has not ended: 4 waiting, 2 working, 2 passed\n" in error
    assert f"gatekeeper orchestrate --resume {held.name}" in error


def test_the_last_words_of_a_supervisor_are_heard(held: RunFolder) -> None:
    def end() -> None:
        tell(held, ENDED)
        held.close()

    assert followed(held, end)[0].ended == ENDED


def test_json(held: RunFolder, repository: GitRepository, capsys: pytest.CaptureFixture[str]) -> None:
    tell(held, *EVENTS)
    os.write(held._log, b"\x1b[2J\xff\n")
    assert ask(repository, "--format", "json") == 0
    done = capsys.readouterr()
    assert list(read_events(done.out.splitlines())) == list(EVENTS)
    assert done.err == "gatekeeper: lines of the log that are no events: 1\n"


def test_the_list(held: RunFolder, repository: GitRepository, capsys: pytest.CaptureFixture[str]) -> None:
    held.save({"title": "Add \x1b[2Jpages", "ending": ""})
    assert ask(repository, "--list") == 0
    first, row = capsys.readouterr().out.splitlines()
    assert first == "1 orchestration"
    assert row.startswith(f"{held.name}  running  ")
    assert row.endswith("ago  Add pages")
    held.close()
    assert ask(repository, "--list", "--format", "json") == 0
    (run,) = json.loads(capsys.readouterr().out)
    assert (run["name"], run["state"], run["alive"]) == (held.name, "cut off", False)


def test_there_is_no_run(repository: GitRepository, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="there is no run here"):
        ask(repository)
    assert ask(repository, "--list") == 0
    assert capsys.readouterr().out == "0 orchestrations\n"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_watching_alone(held: RunFolder, repository: GitRepository, stop: signal.Signals) -> None:
    tell(held, *until(50))
    before = _files(held.folder)
    arguments = [sys.executable, "-m", "gatekeeper", "watch", "-C", str(repository.path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        for line in watching.stdout:
            if "412 passed" in line:
                break
        watching.send_signal(stop)
        _, error = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert error == f"gatekeeper: no longer watching; the run {held.name} was left alone\n"
    assert _files(held.folder) == before


def test_on_a_terminal_the_lanes_stay_in_their_place(held: RunFolder, repository: GitRepository) -> None:
    tell(held, replace(BEGAN, started=datetime.now(UTC).isoformat()), *until(50)[1:])
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        environment.pop(name, None)
    arguments = [sys.executable, "-m", "gatekeeper", "watch", "-C", str(repository.path)]
    with subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as child:
        os.close(theirs)
        seen = b""
        while b"412 passed" not in seen:
            seen += os.read(ours, 1 << 16)
        tell(held, ENDED)
        seen += b"".join(_rest(ours))
    os.close(ours)
    assert child.returncode == 0
    screen = Screen()
    screen.feed(seen.decode().replace("\r\n", "\n\r"))
    assert screen.cursor
    assert "primary-1" not in screen.text
    assert screen.text.splitlines()[-2:] == [
        "Approved: every gate passes on the integrated tree.",
        f"  git merge --ff-only gatekeeper/{BEGAN.run}",
    ]


def _rest(terminal: int) -> Iterator[bytes]:
    """What comes until the other end is closed, which Linux tells by an error."""
    while True:
        try:
            chunk = os.read(terminal, 1 << 16)
        except OSError:
            return
        if not chunk:
            return
        yield chunk


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
