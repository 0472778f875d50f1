"""The agent that does a job as a program on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from gatekeeper.edges.process import Processes
from gatekeeper.model.events import JobSaid
from gatekeeper.model.job import Job, Outcome

_LARGEST_OUTPUT = 64 << 20
_MOST_SECONDS = 1e6


class LocalAgent:
    """Runs jobs as child processes; `epoch` is the `time.monotonic()` at the start of the run.

    Every child inherits the open file number `lock`, so that the folders of a run stay taken while any of them lives.
    """

    def __init__(self, epoch: float, lock: int | None = None) -> None:
        self._epoch = epoch
        self._processes = Processes(lock)

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        """Do the job and tell what was seen."""
        started = time.monotonic() - self._epoch
        if job.answer:
            return Outcome(job.id, 0, files={job.outputs[0]: job.answer}, started=started)
        astray = [output for output in job.outputs if _leads_astray(job, Path(output))]
        if astray:
            problem = f"{astray[0]} leads to another place through a link, and would be removed there"
            return Outcome(job.id, started=started, problem=problem)
        for output in (*job.outputs, *filter(None, (job.elsewhere,))):
            Path(output).unlink(missing_ok=True)
        ended = self._processes.run(
            job.argv, job.cwd, job.env, job.stdin, job.seconds_limit, lambda line: _say(job, line, say)
        )
        problem = ended.problem
        if not problem and ended.exit_code not in job.looked:
            problem = f"{job.label} ended with exit code {ended.exit_code}"
        files = {}
        for output in job.outputs:
            text, trouble = _read(Path(output))
            problem = problem or trouble
            if text is not None:
                files[output] = text
        return Outcome(
            job.id,
            ended.exit_code,
            ended.stdout,
            ended.stderr,
            files,
            started,
            ended.seconds,
            ended.cpu_seconds + _seconds_elsewhere(job),
            problem,
        )

    def stop(self) -> None:
        """End everything that was started."""
        self._processes.stop()


def _leads_astray(job: Job, output: Path) -> bool:
    """Whether a report that should lie where the job runs lies elsewhere, since a link stands on the way to it."""
    return output.is_relative_to(job.cwd) and not output.parent.resolve().is_relative_to(Path(job.cwd).resolve())


def _read(path: Path) -> tuple[str | None, str]:
    try:
        if path.is_symlink() or not path.is_file():
            return None, ""
        if path.stat().st_size > _LARGEST_OUTPUT:
            return None, f"{path.name} is larger than {_LARGEST_OUTPUT >> 20} MiB"
        return path.read_text("utf-8", "replace"), ""
    except OSError as error:
        return None, f"{path.name} cannot be read: {error.strerror}"


def _seconds_elsewhere(job: Job) -> float:
    """The CPU seconds that others spent for a program, if it left word of them."""
    text = _read(Path(job.elsewhere))[0] if job.elsewhere else None
    try:
        seconds = float((text or "0")[:20])
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < _MOST_SECONDS else 0.0


def _say(job: Job, line: bytes, say: Callable[[JobSaid], None]) -> None:
    """Hand on a progress line; the program under test may have printed it, so it is display and nothing more."""
    try:
        said = json.loads(line)
        say(JobSaid(job.id, str(said.get("text", ""))[:200], int(said.get("done", 0)), int(said.get("total", 0))))
    except (ValueError, TypeError, AttributeError):
        return
