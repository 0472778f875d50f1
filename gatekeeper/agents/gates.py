"""The agent that has commits judged: starts `gatekeeper run` for each of them, and believes its report in its shape."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gatekeeper.edges.baselines import base_without
from gatekeeper.edges.git import Repository
from gatekeeper.edges.process import Ended, Processes
from gatekeeper.formats.report_reader import read_report
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.orchestration import Judgement, Said
from gatekeeper.model.report import Exit, Report

REPORT = "report.json"
"""The name of the report in the folder that a judgement is given."""

NOTHING_YET = "the base has no file of this lane"
"""The problem of a baseline of files that are all new: there was nothing to look at."""

_LARGEST_REPORT = 256 << 20
_LONGEST_LINE = 300
# Time and news, as the plain reporter writes them; what it shows at the end stands in the report.
_PROGRESS = re.compile(r" *\d[\d hmins]*? {2}((?:started|ended|judged|…|\.\.\.) .*)")
_SECONDS_LIMIT = 12 * 3600.0  # each gate has a limit of its own
# Nobody's wish to skip a gate, or to stop at the first one, holds for the work of agents; nor is this a log of GitHub.
_NOT_HANDED_ON = ("GATEKEEPER_SKIP", "GATEKEEPER_SKIP_REASON", "GATEKEEPER_FAIL_FAST", "GITHUB_ACTIONS")
_TELLING = (Exit.PASSED, Exit.BLOCKED, Exit.COULD_NOT_CHECK)


class GateRuns:
    """Judges commits, several at once if need be; `epoch` is there for all agents alike.

    Every run inherits the open file number `lock`, so that what a killed orchestration leaves behind can be seen.
    """

    def __init__(self, epoch: float, lock: int | None = None) -> None:
        del epoch  # a judgement tells how long it took, and not when
        self._processes = Processes(lock, mark=b"")

    def judge(
        self, repository_top: str, base: str, commit: str, gates: Sequence[str], scratch: Path,
        say: Callable[[Said], None],
    ) -> Judgement:  # fmt: skip
        """What the gates (all that are on, where none is named) say of `commit` against `base`, both commit ids.

        The policy is that of the base. The report is left in the folder `scratch`, and is none but this run's. Whatever
        keeps the gates from telling is a `problem`, and no report.
        """
        place = scratch / REPORT
        started = time.monotonic()
        try:
            scratch.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
        except OSError as error:
            return Judgement(commit, None, problem=f"{place} cannot be written: {error.strerror}")
        # -P: what lies in the working tree must not pass for Gatekeeper
        argv = (sys.executable, "-P", "-m", "gatekeeper", "run", "-C", repository_top, f"--from={base}")
        wanted = (f"--to={commit}", *(f"--gate={gate}" for gate in gates))
        shown = ("--format=json", f"--output={place}", "--colour=never")
        env = [(name, "") for name in _NOT_HANDED_ON]
        ended = self._processes.run(
            (*argv, *wanted, *shown), str(scratch), env, seconds_limit=_SECONDS_LIMIT, said=lambda line: _say(line, say)
        )
        report, problem = _believed(ended, place, base, commit)
        return Judgement(commit, report, time.monotonic() - started, problem)

    def baseline(
        self, repository: Repository, base: str, lane: Sequence[str], gates: Sequence[str], scratch: Path,
        say: Callable[[Said], None],
    ) -> Judgement:  # fmt: skip
        """How the files of a lane stand in the base, by these gates as they are; no verdict on anybody's work.

        The base is judged against itself without these files. Where there is none yet, `problem` says so.
        """
        without = base_without(repository, base, lane)
        if not without.files:
            return Judgement(base, None, problem=NOTHING_YET)
        return self.judge(repository.top or repository.git_dir, without.commit, base, gates, scratch, say)

    def stop(self) -> None:
        """End every run, and what it started."""
        self._processes.stop()


def _say(line: bytes, say: Callable[[Said], None]) -> None:
    """Hand on what a run tells while it lasts; it comes from the repository, so it is display and nothing more."""
    told = _PROGRESS.fullmatch(line.decode("utf-8", "replace").rstrip())
    if told:
        say(Said(fit(phrase(told[1]), _LONGEST_LINE)))


def _believed(ended: Ended, place: Path, base: str, commit: str) -> tuple[Report | None, str]:
    """The report of a run that came to its end, is about these commits and agrees with its exit code; else why not."""
    if ended.problem:
        return None, f"the gates did not come to their end: {ended.problem}"
    if ended.exit_code not in _TELLING:
        said = fit(phrase(ended.stderr), 500)
        return None, f"the gates could not be run (exit code {ended.exit_code}){': ' * bool(said)}{said}"
    report, problem = _read(place)
    if report is None:
        said = fit(phrase(ended.stderr), 500)
        return None, f"{problem}{': ' * bool(said)}{said}"
    if report.exit != ended.exit_code:
        return None, f"the report says {report.exit.name.lower()}, and the run ended with exit code {ended.exit_code}"
    if (report.target.base, report.target.head) != (base, commit):
        return None, "the report is about other commits"
    return report, ""


def _read(place: Path) -> tuple[Report | None, str]:
    """The report in a file, or None and why there is none."""
    try:
        if place.is_symlink() or place.stat().st_size > _LARGEST_REPORT:
            return None, f"{place} is a link, or too large for the report of a run"
        return read_report(json.loads(place.read_bytes())).report, ""
    except FileNotFoundError:
        return None, "the gates left no report"
    except (OSError, ValueError, RecursionError) as error:  # an UnreadableReport among them
        return None, f"the report of the gates cannot be read ({fit(phrase(str(error)), 500)})"
