"""Sums up for the approval what each pillar of quality looked at and found, over all judgements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gatekeeper.formats.figures import figure
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.finding import Severity
from gatekeeper.model.gate_log import PillarLog
from gatekeeper.model.orchestration import Judgement
from gatekeeper.model.plan import PILLAR_OF, Pillar
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.workstreams import QUALITY

_COUNT = re.compile(r"(\d{1,9}) (?:passed|failed|errors?)\b")
_WORST_FIRST = (Status.ERROR, Status.FAILED, Status.PASSED, Status.SKIPPED)
_LONGEST = 300
_CODE = (Role.SOURCE, Role.TEST, Role.EXAMPLE, Role.TOOLING)


def gate_log(whole: Sequence[Judgement], lanes: Sequence[Judgement] = ()) -> tuple[PillarLog, ...]:
    """The log of each pillar: by the last judgement of the whole, in time and number also by all others.

    A gate that is none of the usual ones counts for the review, as it does when its findings go back to agents. A
    pillar that the last judgement could not tell of is an error, one of which no gate is on was skipped.
    """
    reports = [judgement.report for judgement in (*lanes, *whole) if judgement.report]
    last = whole[-1].report if whole else None
    return tuple(_log(pillar, reports, last) for pillar in QUALITY)


def _log(pillar: Pillar, reports: Sequence[Report], last: Report | None) -> PillarLog:
    seen = [mine for report in reports if (mine := _of(pillar, report))]
    now = _of(pillar, last) if last else []
    count = Counter(finding.severity for verdict in now for finding in verdict.findings)
    files = [file for file in last.change.files if _examines(pillar, file)] if last and _looked(now) else []
    return PillarLog(
        pillar=pillar,
        verdict=_worst(now) if last else Status.ERROR,
        gates=tuple(verdict.name for verdict in now),
        seconds=sum(verdict.seconds for verdicts in seen for verdict in verdicts),
        judgements=len(seen),
        files=tuple(file.path for file in files),
        findings=tuple((severity, count[severity]) for severity in Severity if count[severity]),
        tests_run=sum(map(_tests_run, now)),
        documents=tuple(file.path for file in files if file.role is Role.DOCS and pillar is Pillar.DOCS),
        found=sum(len(verdict.findings) for verdicts in seen for verdict in verdicts),
        summary=fit(phrase("; ".join(filter(None, map(_summary, now)))), _LONGEST),
    )


def _of(pillar: Pillar, report: Report) -> list[Verdict]:
    return [verdict for verdict in report.verdicts if PILLAR_OF.get(verdict.gate, Pillar.REVIEW) is pillar]


def _looked(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.status in (Status.PASSED, Status.FAILED) for verdict in verdicts)


def _worst(verdicts: Sequence[Verdict]) -> Status:
    """The worst of the gates that have a say; that of an advisory one decides nothing."""
    statuses = {verdict.status for verdict in verdicts if not verdict.advisory}
    return next((status for status in _WORST_FIRST if status in statuses), Status.SKIPPED)


def _examines(pillar: Pillar, file: FileChange) -> bool:
    """Whether a changed file is of a kind that the gates of a pillar look at: tests run code, no documents."""
    return file.exists and (pillar is not Pillar.TESTS or file.role in _CODE or file.is_python)


def _tests_run(verdict: Verdict) -> int:
    """How many tests ran, as their gate says it in words: the report has no other place for it."""
    return sum(map(int, _COUNT.findall(verdict.summary[:500]))) if verdict.gate == "tests" else 0


def _summary(verdict: Verdict) -> str:
    """What a gate says in a few words: its figure where that tells it all, else its summary."""
    told = verdict.summary
    if verdict.gate == "tests":
        return told.partition(" in ")[0]
    told = figure(verdict) or told
    return told if verdict.gate == "review" else f"{verdict.name} {told}"
