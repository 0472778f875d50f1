"""Runs one program to its end and says what it cost: wall seconds, CPU seconds of its whole family, memory of its own.

CPU seconds are what the kernel tells when the program is reaped (`wait4`): its own and those of every descendant that
was waited for. The peak of memory is that of the program alone and not of what it starts: `VmHWM` in `/proc` is read
every 20 ms and only ever grows, so at most what is allocated in the last 20 ms is missed. What the cores did meanwhile
for anybody else (`/proc/stat`) tells how quiet the machine was. Linux only.
"""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_MILLISECONDS = 20
_QUIET = 0.1


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program cost, and how it ended; `others` is the share of the cores that others had, 0 to 1."""

    wall: float
    cpu: float
    exit_code: int
    peak_mb: float
    output: str
    others: float = 0.0


def timed(argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run the program without a shell; its output (both streams) goes to a file meanwhile, so it never waits for us."""
    with tempfile.TemporaryFile() as output:
        busy, started = _busy_seconds(), time.perf_counter()
        process = subprocess.Popen(
            list(argv), cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        peak = _watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall, busy = time.perf_counter() - started, _busy_seconds() - busy
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    cpu = usage.ru_utime + usage.ru_stime
    others = min(max((busy - cpu) / (wall * (os.cpu_count() or 1)), 0.0), 1.0)
    return Cost(wall, cpu, process.returncode, peak / 1024, text, others)


def load() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


class Patience:
    """Waits for quiet moments, for so many seconds in all; with none left everything is measured as it comes."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def wait(self) -> None:
        """Wait until others leave the cores alone for a second."""
        while self.left > 0:
            busy, started = _busy_seconds(), time.perf_counter()
            time.sleep(1)
            wall = time.perf_counter() - started
            if (_busy_seconds() - busy) / (wall * (os.cpu_count() or 1)) < _QUIET:
                return
            self.left -= wall

    def accepts(self, cost: Cost) -> bool:
        """Whether a run was left alone, or there is no time to do it again; one that is refused is paid for."""
        if cost.others < _QUIET or self.left <= 0:
            return True
        self.left -= cost.wall
        return False


def noise(before: float, costs: Sequence[Cost]) -> str:
    """A sentence about how quiet the machine was; `before` is the load average when the benchmark began."""
    seconds = sum(cost.wall for cost in costs)
    share = sum(cost.others * cost.wall for cost in costs) / seconds
    words = f"load average {before:.1f} before, {load():.1f} after, others had {100 * share:.0f} % of {cores()} cores"
    verdict = "quiet" if share < _QUIET else "NOISY, so trust no second and only the larger ratios"
    return f"{words} while it measured: the machine was {verdict}"


def _watch(pid: int) -> int:
    """Wait for the end of the process; its peak of memory in kB."""
    peak = 0
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        while not poll.poll(_TICK_MILLISECONDS):
            peak = max(peak, _high_water(pid))
    finally:
        os.close(handle)
    return peak


def _high_water(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        return 0
    return 0


def _busy_seconds() -> float:
    """The seconds that all cores together have worked since the machine started."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")
