"""The supervisor is ended at random moments: nothing runs on, no line is lost, the user keeps all, and it goes on.

`GATEKEEPER_TEST_KILLS=50 pytest -n 2 -rP tests/orchestrate/test_kills.py` does it fifty times and tells of each.
"""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.orchestrate.misbehaving import Misbehaving
from tests.orchestrate.shop import PATIENCE
from tests.repository import GitRepository

MOST_EVENTS = 22
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what runs on is found by /proc")


class Started:
    """An orchestration in a terminal of its own, from which nothing is read but to keep it going."""

    def __init__(self, ground: Misbehaving) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(ground.repository.path)
            argv = ground.shop.argv("--task", "Add discounts", "--files", "src/**", "docs/**", "--agent", "scripted")
            os.execvp(argv[0], list(argv))
        self.output = b""
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def press(self) -> None:
        """Press Ctrl-C."""
        with suppress(OSError):
            os.write(self._terminal, b"\x03")

    def close(self) -> None:
        """Close the window."""
        self._closing.set()
        self._reader.join()
        os.close(self._terminal)
        self._terminal = -1

    def end(self) -> int:
        """Wait for its end; tells the exit code, or a negative signal."""
        deadline = time.monotonic() + PATIENCE
        ended, status = os.waitpid(self.pid, os.WNOHANG)
        while not ended:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)
            ended, status = os.waitpid(self.pid, os.WNOHANG)
        self._closing.set()
        self._reader.join()
        if self._terminal >= 0:
            os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> None:
        os.set_blocking(self._terminal, False)
        while not self._closing.is_set():
            try:
                self.output += os.read(self._terminal, 1 << 16)
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:  # nobody is at the other end any more
                return


WAYS: dict[str, Callable[[Started], None]] = {
    "SIGKILL": lambda run: run.signal(signal.SIGKILL),
    "SIGTERM": lambda run: run.signal(signal.SIGTERM),
    "SIGHUP": lambda run: run.signal(signal.SIGHUP),
    "Ctrl-C": lambda run: run.press(),
    "closed terminal": lambda run: run.close(),
}


@pytest.mark.parametrize("seed", range(int(os.environ.get("GATEKEEPER_TEST_KILLS", "5"))))
def test_a_supervisor_that_is_ended_at_any_moment(repository: GitRepository, seed: int) -> None:
    chance = random.Random(seed)
    way = list(WAYS)[seed % len(WAYS)]
    ground = Misbehaving.open(repository, "works_slowly")
    run = Started(ground)
    events = chance.randint(1, MOST_EVENTS)
    last = _wait_for(run, events)
    time.sleep(chance.uniform(0.0, 0.2))
    WAYS[way](run)
    code = run.end()
    gone = time.monotonic()
    _nothing_runs_on(ground, run, () if way != "SIGKILL" else ("-c\0import time",))
    waited = time.monotonic() - gone
    ground.assert_untouched("worktrees")
    saved_before = _lost(ground) == [] or way == "SIGKILL"
    (ground.place / "go").touch()
    again = ground.shop.orchestrate("--resume")
    ended_before = "was approved" in again.said or "there is no run here" in again.said
    assert again.exit == (2 if ended_before else 0), again.said
    ground.assert_untouched()
    assert saved_before
    assert _lost(ground) == []
    if "there is no run here" not in again.said:
        branch = ground.shop.branch()
        assert "discounted" in repository.git("show", f"{branch}:src/shop/cart.py")
        assert "More." in repository.git("show", f"{branch}:docs/guide.md")
    saved = len(ground.references("/saved"))
    end = "was over already" if ended_before else "approved when resumed"
    sys.stdout.write(
        f"kill {seed}: {way} after {last}: exit {code}, 0 running after {waited:.1f} s, 0 lost, {saved} saved, {end}\n"
    )


def _wait_for(run: Started, events: int) -> str:
    """Wait until the log has so many events, or the run is over; tells the last event."""
    home = Path(os.environ["GATEKEEPER_CACHE"])
    deadline = time.monotonic() + PATIENCE
    lines: list[bytes] = []
    while len(lines) < events and time.monotonic() < deadline and Path(f"/proc/{run.pid}/exe").exists():
        lines = next((log.read_bytes().splitlines() for log in home.glob("**/orchestrations/*/events.jsonl")), [])
        time.sleep(0.01)
    with suppress(ValueError, IndexError):
        event = json.loads(lines[-1])
        return f"{len(lines)} events ({event.get('event') or event.get('type') or event.get('kind')})"
    return f"{len(lines)} events"


def _nothing_runs_on(ground: Misbehaving, run: Started, besides: tuple[str, ...]) -> None:
    """What was left is ended without anybody asking for it; `besides` is what only the next command finds."""

    def living() -> list[str]:
        return [line for line in ground.living() if not any(words in line for words in besides)]

    deadline = time.monotonic() + PATIENCE
    while living() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert living() == [], run.output


def _lost(ground: Misbehaving) -> list[str]:
    """The files of which fewer lines are saved than were written."""
    lost = []
    journal = ground.place / "journal"
    for file in journal.glob("log-*") if journal.exists() else ():
        path, count = file.read_text("utf-8").rsplit(" ", 1)
        if max((len(text.splitlines()) for text in ground.saved(path)), default=0) < int(count):
            lost.append(path)
    return lost
