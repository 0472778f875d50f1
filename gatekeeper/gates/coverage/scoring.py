"""Scores the changed lines and branches by what was run of them, and names what was not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gatekeeper.formats.python_source import lines_for_some_pythons
from gatekeeper.gates.coverage.measured import FULL_RUN, Coverage, NotMeasured
from gatekeeper.gates.coverage.never_run import runnable
from gatekeeper.gates.coverage.statement_lines import changed_lines
from gatekeeper.model.change import FileChange, LineSpan
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.reading import FileCoverage
from gatekeeper.model.verdict import Status, Verdict

MOST_SOURCE_LINES = 40
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Demand:
    """What is demanded, in %: of the change, of the whole project, and of the whole project against its base.

    `whole` says that every line of a file counts, and not only those that the change brought.
    """

    minimum: float
    whole: bool = False
    total: float | None = None
    base_total: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines and branches count, and how many of them were run."""

    lines: int = 0
    lines_run: int = 0
    branches: int = 0
    branches_run: int = 0

    @property
    def all(self) -> int:
        """All that counts."""
        return self.lines + self.branches

    @property
    def run(self) -> int:
        """All that was run."""
        return self.lines_run + self.branches_run

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.lines + other.lines,
            self.lines_run + other.lines_run,
            self.branches + other.branches,
            self.branches_run + other.branches_run,
        )


def judge_lines(files: Sequence[FileChange], coverage: Coverage, demand: Demand, notes: tuple[str, ...]) -> Verdict:
    """The verdict on these files; what the change does to the exclusions is told in `notes`.

    Raises NotMeasured where the total is too low, but may be higher than what can be told of it.
    """
    measured = {file.path: file for file in coverage.files}
    tally, findings = Tally(), []
    for file in files:
        seen = measured.get(file.path)
        if seen is not None:
            counted = _counted(runnable(seen, file), file, demand.whole)
            tally += _tally(counted)
            findings += _findings(counted, file)
    broken = _broken_totals(coverage, demand)
    if broken and coverage.at_least:
        raise NotMeasured(f"{broken[0].message}, as far as a run of some of the tests can tell", FULL_RUN)
    notes = (*notes, *_left_out_notes(coverage), *coverage.notes)
    if not tally.all and demand.total is None and demand.base_total is None:
        return Verdict("coverage", Status.SKIPPED, "nothing to cover", notes=notes)
    # Compared unrounded: 84.96 % is not 85 %.
    too_low = bool(tally.all) and 100 * tally.run < demand.minimum * tally.all
    verdict = Verdict(
        gate="coverage",
        status=Status.FAILED if too_low or broken else Status.PASSED,
        summary="; ".join(_summary(tally, coverage, demand)),
        measured=_floor(100 * tally.run / tally.all) if tally.all else _share(coverage.total),
        required=demand.minimum if tally.all else demand.total,
        unit="%",
        findings=(*broken, *(replace(finding, blocks=too_low) for finding in findings)),
        notes=notes,
    )
    if too_low:
        verdict = replace(verdict, hint=_hint(findings, files))
    return verdict


def _hint(findings: Sequence[Finding], files: Sequence[FileChange]) -> str:
    """What to do about the gaps; that only another Python or platform runs some code is no lack of tests."""
    texts = {file.path: file.text or "" for file in files}
    lines = {path: lines_for_some_pythons(texts.get(path, "")) for path in {finding.path or "" for finding in findings}}
    apart = [f"{finding.path}:{finding.line}" for finding in findings if finding.line in lines[finding.path or ""]]
    hint = "Write tests that run the lines named here, or take out what nobody needs."
    if not apart:
        return hint
    more = f" and {len(apart) - MOST_NAMED} more" if len(apart) > MOST_NAMED else ""
    return (
        f"{hint} What only another Python or platform runs ({', '.join(apart[:MOST_NAMED])}{more}) "
        "can be left out by `exclude_also` in coverage's settings, or by `# pragma: no cover`."
    )


def _counted(seen: FileCoverage, file: FileChange, whole: bool) -> FileCoverage:
    """What counts of a file: all of it, or the lines that the change brought and the branches that leave them."""
    if whole:
        return seen
    added = changed_lines(file, seen)
    return FileCoverage(
        path=seen.path,
        executed=seen.executed & added,
        missing=seen.missing & added,
        excluded=seen.excluded & added,
        executed_branches=frozenset(branch for branch in seen.executed_branches if branch[0] in added),
        missing_branches=frozenset(branch for branch in seen.missing_branches if branch[0] in added),
    )


def _tally(counted: FileCoverage) -> Tally:
    return Tally(
        lines=len(counted.executed) + len(counted.missing),
        lines_run=len(counted.executed),
        branches=len(counted.executed_branches) + len(counted.missing_branches),
        branches_run=len(counted.executed_branches),
    )


def _findings(counted: FileCoverage, file: FileChange) -> list[Finding]:
    """One finding for each span of lines, and for each line with branches, that no test ran.

    A branch into a span is told with the span: both are one gap, which one test closes.
    """
    source = (file.text or "").split("\n")
    findings = []
    # a line that never ran has been named already
    branches = sorted(branch for branch in counted.missing_branches if branch[0] not in counted.missing)
    for span in _spans(counted):
        words = f"line {span.start} is" if span.start == span.end else f"lines {span.start}-{span.end} are"
        ways = sorted({start for start, end in branches if end in span})
        why = f", as none goes there from line {' or '.join(map(str, ways))}" if ways else ""
        findings.append(_finding(file.path, f"{words} run by no test{why}", span, source))
    exits: dict[int, list[int]] = {}
    for start, end in branches:
        if end not in counted.missing:
            exits.setdefault(start, []).append(end)
    for start, ends in exits.items():
        targets = " and ".join(f"line {end}" if end > 0 else "the end of the block" for end in ends)
        findings.append(
            _finding(file.path, f"no test goes from line {start} to {targets}", LineSpan(start, start), source)
        )
    return sorted(findings, key=lambda finding: finding.line or 0)


def _spans(counted: FileCoverage) -> list[LineSpan]:
    """The missing lines in spans; what lies between two missing lines of a span is no statement that counts."""
    spans: list[LineSpan] = []
    joined = False
    for line in sorted(counted.missing | counted.executed):
        if line not in counted.missing:
            joined = False
        elif joined:
            spans[-1] = LineSpan(spans[-1].start, line)
        else:
            spans.append(LineSpan(line, line))
            joined = True
    return spans


def _finding(path: str, message: str, span: LineSpan, source: Sequence[str]) -> Finding:
    return Finding(
        gate="coverage",
        rule="not-covered",
        message=message,
        severity=Severity.MEDIUM,
        path=path,
        line=span.start,
        end_line=span.end,
        detail=_excerpt(source, span),
    )


def _excerpt(source: Sequence[str], span: LineSpan) -> str:
    """The source of a span, with line numbers; the middle of a long one is left out."""
    numbers: Iterable[int] = range(span.start, min(span.end, len(source)) + 1)
    lines = [f"{number:>5} {source[number - 1].rstrip()[:200]}" for number in numbers]
    if len(lines) > MOST_SOURCE_LINES:
        half = MOST_SOURCE_LINES // 2
        lines = [*lines[:half], f"      ... {len(lines) - 2 * half} more lines", *lines[-half:]]
    return "\n".join(lines)


def _broken_totals(coverage: Coverage, demand: Demand) -> tuple[Finding, ...]:
    """The findings about the whole project."""
    found = []
    total = coverage.total
    if demand.total is not None and (total is None or total < demand.total):
        found.append(
            ("total-too-low", f"the tests run {_percent(total)} of the project, {demand.total:g} % are needed")
        )
    if demand.base_total is not None and (total is None or total < demand.base_total - 1e-9):
        now, before = _apart(total, demand.base_total)
        found.append(("total-dropped", f"the tests run {now} of the project, {before} before the change"))
    return tuple(Finding("coverage", rule, words, Severity.HIGH, blocks=True) for rule, words in found)


def _summary(tally: Tally, coverage: Coverage, demand: Demand) -> list[str]:
    """Such as "24 of 26 changed lines and branches are run by tests (92.3 %)"."""
    what = "lines and branches" if tally.branches else "lines"
    changed = "" if demand.whole else "changed "
    parts = []
    if tally.all:
        share = _floor(100 * tally.run / tally.all)
        parts.append(f"{tally.run} of {tally.all} {changed}{what} are run by tests ({share:g} %)")
    else:
        parts.append("the change brings nothing to cover")
    if demand.total is not None or demand.base_total is not None:
        now, then = _apart(coverage.total, demand.base_total)
        before = "" if demand.base_total is None else f", {then} before"
        least = "at least " if coverage.at_least else ""
        parts.append(f"{least}{now} of the project{before}")
    return parts


def _left_out_notes(coverage: Coverage) -> tuple[str, ...]:
    named = [f"{path} ({reason})" for path, reason in coverage.left_out]
    if not named:
        return ()
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return (f"not measured by the project's coverage configuration: {', '.join(named[:MOST_NAMED])}{more}",)


def _floor(value: float, digits: int = 1) -> float:
    """Rounded down to some decimals; the small term undoes what floating point takes from figures such as 85.3."""
    scale = 10.0**digits
    return math.floor(value * scale + 1e-9) / scale


def _share(total: float | None) -> float | None:
    return None if total is None else _floor(total)


def _percent(total: float | None, digits: int = 1) -> str:
    return "nothing" if total is None else f"{_floor(total, digits):.10g} %"


def _apart(now: float | None, before: float | None) -> tuple[str, str]:
    """Two totals with as many decimals as it takes to tell them apart: a drop never looks like none."""
    pairs = [(_percent(now, digits), _percent(before, digits)) for digits in range(1, 7)]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])
