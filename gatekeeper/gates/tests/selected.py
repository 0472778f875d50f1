"""Says of a run which tests were left out, and why the others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gatekeeper.formats.test_report import TestReport
from gatekeeper.model.frozen import replace
from gatekeeper.model.verdict import Verdict
from gatekeeper.ports import Request

_MOST_REASONS = 4


def unwanted(request: Request, report: TestReport) -> str:
    """Why the tests that were left out are not those that may be; empty where they are."""
    allowed = len(request.selection.reuse) if request.selection else 0
    if 0 <= report.reused <= allowed:
        return ""
    return f"{report.reused} tests were left out, although only {allowed} may be"


def with_selection(request: Request, report: TestReport, verdict: Verdict) -> Verdict:
    """The verdict with the number of tests whose outcome was reused, or why none was; unchanged where none may be.

    Where no test ran at all, the verdict as a whole is of the tree of that outcome.
    """
    selection = request.selection
    if selection is None:
        return verdict
    if not report.reused:
        reason = report.not_reused or selection.all_because or "the change can affect each of them"
        words = "no test was left out" if report.ended_at_first else "all tests ran"
        return replace(verdict, notes=(*verdict.notes, f"{words}: {reason}"))
    reused = f"{report.reused} reused from {selection.tree[:12]}"
    reasons = _reasons(selection.runs, {test.id for test in report.tests})
    return replace(
        verdict,
        summary=f"{verdict.summary}, {reused}" if report.tests else reused,
        notes=(*verdict.notes, f"{len(report.tests)} ran, {reused}{reasons}"),
        reused=verdict.reused if report.tests else selection.tree,
    )


def _reasons(known: Mapping[str, str], ran: set[str]) -> str:
    """Why tests ran, the most frequent reasons first."""
    counted = Counter(known.get(test, "not known before") for test in sorted(ran)).most_common()
    if not counted:
        return ""
    named = [
        f"{count} since {reason}" if reason in known.values() else f"{count} {reason}" for reason, count in counted
    ]
    more = f"; {len(named) - _MOST_REASONS} further reasons" if len(named) > _MOST_REASONS else ""
    return f" ({'; '.join(named[:_MOST_REASONS])}{more})"
