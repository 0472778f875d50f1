"""Says in a few lines how the files of a lane stood before anybody worked on them."""

from __future__ import annotations

from gatekeeper.formats.figures import figure
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.orchestration import Judgement
from gatekeeper.model.verdict import Status, Verdict

_MOST_NAMED = 5
_LONGEST = 300
_UNSEEN = "could not be measured"


def baseline_lines(judgement: Judgement) -> tuple[str, ...]:
    """A line for each gate and for each of the first failures that were there already; safe for one line each.

    This is no verdict: what a gate would block here is what the work finds, not what it did.
    """
    if judgement.report is None:
        return (fit(phrase(judgement.problem), _LONGEST),)
    return tuple(line for verdict in judgement.report.verdicts for line in _lines(verdict))


def _lines(verdict: Verdict) -> list[str]:
    summary = f"{_UNSEEN} ({verdict.summary})" if verdict.status is Status.ERROR else verdict.summary
    told = ", ".join(part for part in (figure(verdict), summary) if part)
    lines = [f"{verdict.name}: {told}"]
    blocking = [finding for finding in verdict.findings if finding.blocks] if verdict.status is Status.FAILED else []
    for finding in blocking[:_MOST_NAMED]:
        place = f"{finding.path}:{finding.line}" if finding.path and finding.line else finding.path
        lines.append(f"{verdict.name}, there already: {f'{place}: ' if place else ''}{finding.message}")
    if len(blocking) > _MOST_NAMED:
        lines.append(f"{verdict.name}: and {len(blocking) - _MOST_NAMED} more that were there already")
    return [fit(phrase(line), _LONGEST) for line in lines]
