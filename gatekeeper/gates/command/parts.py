"""Judges one kind of report: messages on the changed lines, tests, or coverage of the changed lines."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.formats.places import placed
from gatekeeper.formats.terminal_text import fit, phrase, text_lines
from gatekeeper.model.change import FileChange, LineSpan, Role
from gatekeeper.model.defaults import COMMAND
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.reading import Diagnostic, FileCoverage, TestCase
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

_SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM}
_MESSAGE_COLUMNS = 1000
_DETAIL_LINES = 60
_SOURCE_LINES = 8


def judge_diagnostics(request: Request, diagnostics: Iterable[Diagnostic]) -> Verdict:
    """Fails where a message about a line that the change brought is as bad as the policy's `block`."""
    findings, elsewhere = [], 0
    for diagnostic in diagnostics:
        path = _in_repository(request, diagnostic.path)
        if _concerns(request, diagnostic, path):
            findings.append(_finding(request, diagnostic, path))
        else:
            elsewhere += 1
    bad = sum(finding.blocks for finding in findings)
    where = "" if request.target.whole else " on changed lines"
    summary = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}{where}"
    if findings:
        summary += f", {bad} of them {request.policy.block} or worse"
    return Verdict(
        gate=request.policy.name,
        status=Status.FAILED if bad else Status.PASSED,
        summary=summary,
        measured=float(bad),
        required=0.0,
        unit="findings",
        findings=tuple(findings),
        notes=(f"{elsewhere} more about lines that the change did not bring",) if elsewhere else (),
    )


def judge_tests(request: Request, cases: Iterable[TestCase]) -> Verdict:
    """Fails where a test failed; an error where none ran, since then nothing was looked at."""
    cases = tuple(cases)
    ran = [case for case in cases if case.outcome != "skipped"]
    bad = [case for case in ran if case.outcome != "passed"]
    name = request.policy.name
    if not ran:
        summary = f"all {len(cases)} tests were skipped" if cases else "no test ran"
        return Verdict(name, Status.ERROR, summary, hint=f"See what it selects: {request.policy.command}")
    skipped = len(cases) - len(ran)
    summary = f"{len(bad)} of {len(ran)} tests failed" if bad else f"{len(ran)} tests passed"
    return Verdict(
        gate=name,
        status=Status.FAILED if bad else Status.PASSED,
        summary=summary + (f", {skipped} skipped" if skipped else ""),
        measured=float(len(bad)),
        required=0.0,
        unit="failures",
        findings=tuple(_failure(request, case) for case in bad),
    )


def judge_coverage(request: Request, files: Iterable[FileCoverage]) -> Verdict:
    """Fails where tests ran too small a share of the executable lines that the change brought."""
    name, minimum = request.policy.name, _minimum(request)
    reported = _merged(request, files)
    missing, total = {}, 0
    for file in request.change.files:
        if file.exists and file.path in reported:
            executed, unexecuted = (_brought(request, file, lines) for lines in reported[file.path])
            total += len(executed) + len(unexecuted)
            missing[file.path] = (file, unexecuted)
    notes = _unreported(request, reported)
    if not total:
        return Verdict(name, Status.SKIPPED, "nothing to cover: no executable line was changed", notes=notes)
    covered = total - sum(len(lines) for _, lines in missing.values())
    failed = covered * 100 < minimum * total
    return Verdict(
        gate=name,
        status=Status.FAILED if failed else Status.PASSED,
        summary=f"{covered} of {total} executable changed lines were run by tests",
        measured=covered * 100 / total,
        required=minimum,
        unit="%",
        findings=tuple(
            _uncovered(request, file, span, failed) for file, lines in missing.values() for span in _spans(lines)
        ),
        notes=notes,
    )


def _in_repository(request: Request, path: str) -> str:
    """A path relative to the project, as one relative to the repository; one outside of the project stays absolute."""
    return f"{request.project.root}/{path}" if request.project.root and path and not path.startswith("/") else path


def _concerns(request: Request, diagnostic: Diagnostic, path: str) -> bool:
    """Whether the change can be blamed: it brought one of the lines, or the message names no line or no file."""
    file = request.change.file(path)
    if file is None or diagnostic.line is None or request.target.whole:
        return file is not None or not path
    last = max(diagnostic.end_line or diagnostic.line, diagnostic.line)
    return any(span.start <= last and diagnostic.line <= span.end for span in file.added)


def _finding(request: Request, diagnostic: Diagnostic, path: str) -> Finding:
    severity = _SEVERITIES.get(diagnostic.level, Severity.LOW)
    return Finding(
        gate=request.policy.name,
        rule=phrase(diagnostic.rule),
        message=fit(phrase(diagnostic.message), _MESSAGE_COLUMNS),
        severity=severity,
        path=path,
        line=diagnostic.line,
        column=diagnostic.column,
        end_line=diagnostic.end_line,
        blocks=severity.reaches(request.policy.block),
    )


def _failure(request: Request, case: TestCase) -> Finding:
    said = phrase(case.message)
    lines = [fit(line, _MESSAGE_COLUMNS) for line in text_lines(case.detail)[:_DETAIL_LINES]]
    return Finding(
        gate=request.policy.name,
        rule=f"test-{case.outcome}",
        message=fit(f"{phrase(case.id)}: {said}" if said else phrase(case.id), _MESSAGE_COLUMNS),
        severity=Severity.HIGH,
        path=_in_repository(request, placed(case.path, request.root)),
        line=case.line,
        detail="\n".join(lines),
        blocks=True,
    )


def _minimum(request: Request) -> float:
    return float(request.policy.value("minimum", COMMAND["minimum"]))


def _merged(request: Request, files: Iterable[FileCoverage]) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    """Lines that ran and lines that did not, by path in the repository; a line that one report saw run, ran."""
    merged: dict[str, tuple[frozenset[int], frozenset[int]]] = {}
    for file in files:
        path = _in_repository(request, file.path)
        executed, missing = merged.get(path, (frozenset(), frozenset()))
        executed |= file.executed
        merged[path] = (executed, (missing | file.missing) - executed - file.excluded)
    return merged


def _brought(request: Request, file: FileChange, lines: frozenset[int]) -> frozenset[int]:
    return lines if request.target.whole else lines & file.added_lines


def _unreported(request: Request, reported: Iterable[str]) -> tuple[str, ...]:
    """Changed sources of a kind that the report covers, of which it says nothing: perhaps no test loads them."""
    known = set(reported)
    kinds = {path.rpartition(".")[2] for path in known}
    absent = [
        file.path
        for file in request.change.files
        if file.exists and file.role is Role.SOURCE and file.path not in known and file.path.rpartition(".")[2] in kinds
    ]
    return tuple(f"the report says nothing of {phrase(path)}" for path in absent)


def _spans(lines: frozenset[int]) -> tuple[LineSpan, ...]:
    """The lines as spans without gaps, in order."""
    spans: list[LineSpan] = []
    for line in sorted(lines):
        if spans and spans[-1].end == line - 1:
            spans[-1] = LineSpan(spans[-1].start, line)
        else:
            spans.append(LineSpan(line, line))
    return tuple(spans)


def _uncovered(request: Request, file: FileChange, span: LineSpan, blocks: bool) -> Finding:
    single = span.start == span.end
    source = (file.text or "").split("\n")[span.start - 1 : min(span.end, span.start + _SOURCE_LINES - 1)]
    return Finding(
        gate=request.policy.name,
        rule="uncovered",
        message=f"line {span.start} was not run by any test"
        if single
        else f"lines {span.start} to {span.end} were not run by any test",
        severity=Severity.MEDIUM,
        path=file.path,
        line=span.start,
        end_line=span.end,
        detail="\n".join(fit(line, _MESSAGE_COLUMNS) for line in text_lines("\n".join(source))),
        blocks=blocks,
    )
