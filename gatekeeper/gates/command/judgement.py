"""Judges a command that did look: by its exit codes, and by the messages, tests or coverage in its reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from gatekeeper.formats.reports import (
    COVERAGE_FORMATS,
    DIAGNOSTIC_FORMATS,
    TEST_FORMATS,
    UnreadableReport,
    read_coverage,
    read_diagnostics,
    read_tests,
)
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.formats.tool_output import output_tail
from gatekeeper.gates.command.parts import judge_coverage, judge_diagnostics, judge_tests
from gatekeeper.gates.command.trouble import unread
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.job import Outcome
from gatekeeper.model.reading import Diagnostic, FileCoverage, TestCase
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

_Record = TypeVar("_Record", Diagnostic, TestCase, FileCoverage)
_WORST_FIRST = (Status.ERROR, Status.FAILED, Status.PASSED, Status.SKIPPED)
_COMMAND_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """The outcomes of a gate's jobs, all of which looked, and its reports as (format, absolute file or "")."""

    request: Request
    outcomes: tuple[Outcome, ...]
    reports: tuple[tuple[str, str], ...]


class _NoReport(Exception):
    """A report that is not there or cannot be read, with the outcome it should have come with and what helps."""

    def __init__(self, why: str, outcome: Outcome, hint: str) -> None:
        super().__init__(why)
        self.outcome = outcome
        self.hint = hint


def judge_seen(seen: Seen) -> Verdict:
    """The verdict on outcomes that looked."""
    if not seen.reports:
        return _by_exit_code(seen)
    try:
        parts = [_part(seen, format, file) for format, file in seen.reports]
    except _NoReport as missing:
        return unread(seen.request, str(missing), missing.outcome, missing.hint)
    verdicts = [verdict for verdict, _ in parts]
    for index, outcome in enumerate(seen.outcomes):
        if outcome.exit_code != 0 and not any(complaints[index] for _, complaints in parts):
            verdicts.append(_unexplained(seen, outcome))
    return _together(verdicts)


def _part(seen: Seen, format: str, file: str) -> tuple[Verdict, list[int]]:
    """The verdict on one report, and of how much each outcome's report complains, which can explain its exit code."""
    root = seen.request.root
    if format in DIAGNOSTIC_FORMATS:
        found = _read(seen, format, file, lambda text: read_diagnostics(format, text, root))
        return judge_diagnostics(seen.request, _flat(found)), [len(records) for records in found]
    if format in TEST_FORMATS:
        cases = _read(seen, format, file, lambda text: read_tests(format, text))
        failed = [sum(case.outcome in ("failed", "error") for case in records) for records in cases]
        verdict = judge_tests(seen.request, _flat(cases))
        if any(bad and outcome.exit_code == 0 for bad, outcome in zip(failed, seen.outcomes, strict=True)):
            why = f"the command ended with exit code 0, though its report lists {sum(failed)} failed tests"
            verdict = replace(verdict, status=Status.ERROR, summary=why, hint="Let the exit code of the runner through")
        return verdict, failed
    if format in COVERAGE_FORMATS:
        files = _read(seen, format, file, lambda text: read_coverage(format, text, root))
        return judge_coverage(seen.request, _flat(files)), [0] * len(files)
    raise _NoReport(f"no report of the format {format} is known", seen.outcomes[0], "see docs/gates/command.md")


def _flat(groups: list[tuple[_Record, ...]]) -> list[_Record]:
    return [record for group in groups for record in group]


def _read(
    seen: Seen, format: str, file: str, reader: Callable[[str], tuple[_Record, ...]]
) -> list[tuple[_Record, ...]]:
    """What the report of each outcome says."""
    groups: list[tuple[_Record, ...]] = []
    for outcome in seen.outcomes:
        text = outcome.files.get(file) if file else outcome.stdout
        if text is None:
            inside = file.removeprefix(f"{seen.request.root}/")
            hint = f"`reads` expects the {format} report in {inside}, relative to the project"
            raise _NoReport(f"the command wrote no {inside}", outcome, hint)
        try:
            groups.append(reader(text))
        except UnreadableReport as error:
            where = "" if file else "; standard output may hold nothing else, or let it be written to a file"
            hint = f"Let the command write a complete {format} report{where}"
            raise _NoReport(str(error), outcome, hint) from None
    return groups


def _by_exit_code(seen: Seen) -> Verdict:
    name, bad = seen.request.policy.name, [outcome for outcome in seen.outcomes if outcome.exit_code != 0]
    if not bad:
        return Verdict(name, Status.PASSED, f"{_command(seen)} ended with exit code 0")
    summary = f"{_command(seen)} ended with exit code {bad[0].exit_code}"
    return Verdict(name, Status.FAILED, summary, findings=_complaints(seen, bad))


def _command(seen: Seen) -> str:
    """The command as a person knows it; its first word alone may be npx or sh, and says nothing."""
    return fit(phrase(seen.request.policy.command), _COMMAND_COLUMNS)


def _complaints(seen: Seen, bad: Iterable[Outcome]) -> tuple[Finding, ...]:
    stdout_is_report = any(not file for _, file in seen.reports)
    return tuple(
        Finding(
            gate=seen.request.policy.name,
            rule="exit-code",
            message=f"{_command(seen)} ended with exit code {outcome.exit_code}",
            severity=Severity.HIGH,
            detail=output_tail(outcome, stdout_is_report),
            blocks=True,
        )
        for outcome in bad
    )


def _unexplained(seen: Seen, outcome: Outcome) -> Verdict:
    """A bad exit code that no report explains: coverage cannot, a list of messages or tests should have."""
    name = seen.request.policy.name
    if all(format in COVERAGE_FORMATS for format, _ in seen.reports):
        summary = f"the command ended with exit code {outcome.exit_code}"
        return Verdict(name, Status.FAILED, summary, findings=_complaints(seen, [outcome]))
    listed = " and ".join(format for format, _ in seen.reports)
    why = f"the command ended with exit code {outcome.exit_code}, though its {listed} report complains of nothing"
    return Verdict(
        name, Status.ERROR, why, findings=_complaints(seen, [outcome]),
        hint="Look at its output: it crashed, or it enforces a limit of its own that belongs into the gate's settings",
    )  # fmt: skip


def _together(verdicts: list[Verdict]) -> Verdict:
    """The worst of several verdicts, with what all of them say."""
    worst = min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.status))
    return replace(
        worst,
        summary="; ".join(dict.fromkeys(verdict.summary for verdict in verdicts)),
        findings=tuple(finding for verdict in verdicts for finding in verdict.findings),
        notes=tuple(note for verdict in verdicts for note in verdict.notes),
    )
