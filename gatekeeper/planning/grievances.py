"""Tells what keeps the work of agents from approval: findings that agents can mend, and what only a person can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gatekeeper.formats.figures import figure
from gatekeeper.formats.policy_text import policy_sentences
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.frozen import replace
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status, Verdict

POLICY = "policy"
"""The gate under which a relaxation goes back to an agent."""
POLICY_CHANGE = "policy-change"
"""The rule of such a finding."""

_MOST_WORDS = 20
_SEARCHED = 20_000
_ADVICE = {
    Relaxed.TEST: "bring the test back as it was, and mend the code that it tests",
    Relaxed.SUPPRESSION: "take the comment away, and mend what it silences",
}


def grievances(report: Report) -> tuple[Finding, ...]:
    """What agents have to mend, worst first: findings that keep a gate from passing, and every relaxation.

    A verdict that blocks without a finding, or that could not look because of a file of the change, is one as well.
    What comes from anything else than the change is none, see `for_people`.
    """
    found: list[Finding] = [_taken_back(change) for change in report.policy_changes]
    for verdict in report.verdicts:
        if verdict.blocks and verdict.status is Status.FAILED:
            found += _of_failed(verdict)
        elif verdict.blocks:
            found += _of_unseen(verdict, report)
    return tuple(sorted(found, key=lambda finding: (finding.order, finding.gate, finding.rule, finding.message)))


def for_people(report: Report) -> tuple[str, ...]:
    """What only a person can mend, a line each: gates that could not look for a reason outside of the change.

    Where tests fail, coverage often cannot be measured; that is mended with them.
    """
    broken = {v.project for v in report.verdicts if v.gate == "tests" and v.blocks and _is_mendable(v, report)}
    unseen = [
        v
        for v in report.verdicts
        if v.blocks and not _is_mendable(v, report) and not (v.gate == "coverage" and v.project in broken)
    ]
    return tuple(phrase(f"{v.name} could not look: {v.summary}{f' ({v.hint})' if v.hint else ''}") for v in unseen)


def against(report: Report) -> tuple[str, ...]:
    """All that speaks against approval, a line each; empty where the gates looked, passed, and nothing was relaxed."""
    lines = [
        phrase(", ".join(part for part in (f"{v.name}: {v.status}", figure(v), v.summary) if part))
        for v in report.verdicts
        if v.blocks
    ]
    if not lines and report.exit is not Exit.PASSED:
        lines.append(f"the gates ended with {report.exit.name.lower().replace('_', ' ')}")
    if not lines and not any(v.status is Status.PASSED for v in report.verdicts):
        lines.append("no gate looked at anything")
    lines += [phrase(f"{v.name}: was skipped at a person's wish ({v.waived})") for v in report.verdicts if v.waived]
    lines += [f"policy change: {text}" for text in policy_sentences(report.policy_changes, _MOST_WORDS)]
    return tuple(lines)


def _is_mendable(verdict: Verdict, report: Report) -> bool:
    return verdict.status is Status.FAILED or bool(_of_unseen(verdict, report))


def _taken_back(change: PolicyChange) -> Finding:
    advice = _ADVICE.get(change.kind, "it is for people to decide on it, in a change of its own")
    message = f"take it back: {policy_sentences([change])[0]}"
    return Finding(POLICY, POLICY_CHANGE, message, Severity.HIGH, change.path, change.line, detail=advice, blocks=True)


def _of_failed(verdict: Verdict) -> Sequence[Finding]:
    """What blocks by itself; where a figure is too low, all that brought it down."""
    too_low = verdict.measured is not None and verdict.required is not None and verdict.measured < verdict.required
    blocking = [finding for finding in verdict.findings if finding.blocks]
    if too_low and verdict.gate != "tests":
        return verdict.findings or [_whole(verdict)]
    return blocking or [_whole(verdict)]


def _whole(verdict: Verdict) -> Finding:
    figures = figure(verdict)
    message = f"{verdict.summary}{f' ({figures})' if figures else ''}"
    return Finding(verdict.gate, "verdict", message, Severity.HIGH, detail=verdict.hint, blocks=True)


def _of_unseen(verdict: Verdict, report: Report) -> list[Finding]:
    """What the change did so that a gate could not look: only where a file of the change is named in what it said."""
    changed = [file.path for file in report.change.files if file.exists]
    placed = [finding for finding in verdict.findings if finding.path in changed]
    if placed:
        return placed
    said = "\n".join((verdict.summary, *(f"{finding.message}\n{finding.detail}" for finding in verdict.findings)))
    path = mentioned(said, changed)
    if not path:
        return []
    told = next(iter(verdict.findings), None) or Finding(verdict.gate, "could-not-look", "", Severity.HIGH)
    return [replace(told, message=verdict.summary, path=path[-1], line=None, column=None, end_line=None, blocks=True)]


def mentioned(text: str, paths: Iterable[str]) -> list[str]:
    """The paths that a text names as a whole, in the order of their last places: a traceback ends with the culprit."""
    text = text[-_SEARCHED:]
    ends: dict[int, str] = {}
    for path in sorted(paths, key=len):  # where one ends like another, the longer one is meant
        found = [match.end() for match in re.finditer(rf"(?<![\w.-]){re.escape(path)}(?![\w-]|\.\w)", text)]
        if found:
            ends[found[-1]] = path
    return [path for _, path in sorted(ends.items())]
