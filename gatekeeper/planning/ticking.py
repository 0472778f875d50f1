"""Ticks the criteria of a plan by what the gates of a run saw; what nothing measured stays open and says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.plan import ChangePlan, Criterion, Measure, Phase, Workstream
from gatekeeper.model.verdict import Status, Verdict

NOT_MEASURED = "not measured"
"""What is seen of a criterion that no gate of the run told anything of."""

_GATES = {
    Measure.SCORE: "review", Measure.SEVERITY: "review", Measure.TESTS: "tests", Measure.COVERAGE: "coverage",
    Measure.DOCS: "docs",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """What a run saw: the verdicts of all projects, and what the changed files owe that no gate examined."""

    verdicts: tuple[Verdict, ...]
    unexamined: tuple[str, ...] = ()


def ticked(plan: ChangePlan, looked: Looked) -> ChangePlan:
    """The plan with its criteria measured.

    A gate judges the whole change, so where there are several lanes its figure stands at each of them; findings are
    held against the lane alone that they lie in.
    """
    return replace(plan, workstreams=tuple(_ticked(stream, looked) for stream in plan.workstreams))


def _ticked(stream: Workstream, looked: Looked) -> Workstream:
    if stream.phase is not Phase.JUDGE:
        return replace(stream, criteria=tuple(replace(each, seen=NOT_MEASURED) for each in stream.criteria))
    return replace(stream, criteria=tuple(_measured(each, stream, looked) for each in stream.criteria))


def _measured(criterion: Criterion, stream: Workstream, looked: Looked) -> Criterion:
    met, seen = None, ""
    if criterion.measure is Measure.EXAMINED:
        met, seen = _examined(looked)
    elif criterion.measure is Measure.GATES:
        met, seen = _every_gate(looked.verdicts)
    elif criterion.measure is not None:
        told = [verdict for verdict in looked.verdicts if verdict.gate == _GATES[criterion.measure]]
        if told and all(verdict.status in (Status.PASSED, Status.FAILED) for verdict in told):
            met, seen = _TELLERS[criterion.measure](criterion, stream, told)
    return replace(criterion, met=met, seen=seen or NOT_MEASURED)


def _examined(looked: Looked) -> tuple[bool | None, str]:
    if not looked.verdicts:
        return None, ""
    left = len(looked.unexamined)
    return not left, f"{left} not examined" if left else "nothing left out"


def _every_gate(verdicts: Sequence[Verdict]) -> tuple[bool | None, str]:
    """A gate that could not look passes nothing; one that had nothing to look at stands in no way."""
    bad = [verdict.name for verdict in verdicts if verdict.status in (Status.FAILED, Status.ERROR)]
    if not verdicts or all(verdict.status is Status.SKIPPED for verdict in verdicts):
        return None, ""
    return not bad, f"not {', '.join(bad)}" if bad else f"{len(verdicts)} passed"


def _score(criterion: Criterion, stream: Workstream, told: Sequence[Verdict]) -> tuple[bool | None, str]:
    figures = [verdict.measured for verdict in told if verdict.measured is not None]
    if not figures:
        return True, "nothing to score"
    return min(figures) >= (criterion.least or 0), f"{min(figures):.2f}"


def _coverage(criterion: Criterion, stream: Workstream, told: Sequence[Verdict]) -> tuple[bool | None, str]:
    """By the figure where the gate failed or several projects have different demands, else the gate has said it."""
    figures = [verdict.measured for verdict in told if verdict.measured is not None and verdict.required is not None]
    if not figures:
        return all(verdict.status is Status.PASSED for verdict in told), "no changed line that runs"
    passed = len(told) == 1 and told[0].status is Status.PASSED
    return passed or min(figures) >= (criterion.least or 0), f"{min(figures):g} %"


def _tests(criterion: Criterion, stream: Workstream, told: Sequence[Verdict]) -> tuple[bool | None, str]:
    failed = sum(finding.blocks for verdict in told for finding in verdict.findings)
    passed = all(verdict.status is Status.PASSED for verdict in told)
    return passed, "" if not passed and not failed else f"{failed} failed" if not passed else "all passed"


def _blocking(criterion: Criterion, stream: Workstream, told: Sequence[Verdict]) -> tuple[bool | None, str]:
    """By the findings that block and lie in this lane, or in no file of the plan that could be told."""
    blocking = [finding for verdict in told for finding in verdict.findings if finding.blocks]
    mine = [finding for finding in blocking if not finding.path or finding.path in stream.scope]
    return not mine, f"{len(mine)} finding{'' if len(mine) == 1 else 's'}"


def _docs(criterion: Criterion, stream: Workstream, told: Sequence[Verdict]) -> tuple[bool | None, str]:
    met, seen = _blocking(criterion, stream, told)
    failed = any(verdict.status is Status.FAILED for verdict in told)
    unfounded = failed and not any(finding.blocks for verdict in told for finding in verdict.findings)
    return (False, "the gate failed") if unfounded else (met, seen)


_Teller = Callable[[Criterion, Workstream, Sequence[Verdict]], tuple[bool | None, str]]
_TELLERS: Mapping[Measure, _Teller] = {
    Measure.SCORE: _score, Measure.SEVERITY: _blocking, Measure.TESTS: _tests, Measure.COVERAGE: _coverage,
    Measure.DOCS: _docs,
}  # fmt: skip
