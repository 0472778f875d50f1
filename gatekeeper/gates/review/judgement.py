"""Makes the verdict of the review from what was weighed, or from the fact that nothing was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gatekeeper.gates.review.score import score
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.reading import Diagnostic
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

MINIMUM = 7.0
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the tools found: the weight of it, over how many statements, and the findings themselves.

    `heaviest` names the rules that weigh most, as (rule, weight). `is_fatal` makes the score 0. `reused` is the
    tree in which an earlier run found all of it.
    """

    weight: int = 0
    size: int = 0
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    heaviest: tuple[tuple[str, int], ...] = ()
    is_fatal: bool = False
    reused: str | None = None

    def with_more(self, findings: Sequence[Finding], notes: Sequence[str]) -> Weighed:
        """The same with more findings that weigh nothing, and more notes."""
        return replace(self, findings=(*self.findings, *findings), notes=(*self.notes, *notes))


class Unseen(Exception):
    """A tool did not look, or its answer cannot be read: `message` says which, `hint` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def verdict(self, request: Request) -> Verdict:
        """The verdict of this trouble."""
        return Verdict(request.policy.name, Status.ERROR, self.message, hint=self.hint, unit="/10")


def unseen(request: Request, job: Job, outcome: Outcome | None) -> Verdict:
    """The verdict when a job brought nothing to judge by."""
    problem = outcome.problem if outcome else "it did not run"
    last = next((line for line in reversed(outcome.stderr.splitlines()) if line.strip()), "") if outcome else ""
    told = f"{job.label}: {problem}" + (f" ({last.strip()[:300]})" if last else "")
    return Unseen(
        told, "Run with --verbose to see the command and its output; `timeout` of the gate is the limit"
    ).verdict(request)


def heaviest(weights: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """The rules that weigh most in sum, the heaviest first; of equal ones the first by name."""
    total: Counter[str] = Counter()
    for rule, weight in weights:
        total[rule] += weight
    ordered = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return tuple((rule, weight) for rule, weight in ordered[:_NAMED] if weight)


def decide(request: Request, weighed: Weighed) -> Verdict:
    """The verdict over what was weighed."""
    name, minimum = request.policy.name, float(request.policy.value("minimum", MINIMUM))
    findings = tuple(sorted(weighed.findings, key=lambda finding: finding.order))
    if not weighed.size and not findings:
        return Verdict(name, Status.PASSED, "nothing to score", required=minimum, unit="/10", notes=weighed.notes,
                       reused=weighed.reused)  # fmt: skip
    measured = 0.0 if weighed.is_fatal else score(weighed.weight, weighed.size)
    has_score = bool(weighed.size or weighed.weight or weighed.is_fatal)
    blocking = [finding for finding in findings if finding.blocks]
    failed = bool(blocking) or (has_score and measured < minimum)
    counts = Counter(finding.severity for finding in findings)
    levels = f"{counts[Severity.CRITICAL]} critical, {counts[Severity.HIGH]} high"
    made_of = f" (W {weighed.weight} / S {weighed.size})" if has_score else "; nothing to score"
    return Verdict(
        gate=name,
        status=Status.FAILED if failed else Status.PASSED,
        summary=f"{levels}{made_of}",
        measured=measured if has_score else None,
        required=minimum,
        unit="/10",
        findings=findings,
        notes=weighed.notes,
        hint=_hint(weighed, blocking, request.policy.block) if failed else "",
        reused=weighed.reused,
    )


def _hint(weighed: Weighed, blocking: Sequence[Finding], limit: Severity) -> str:
    if blocking:
        many = "finding" if len(blocking) == 1 else "findings"
        return f"Mend the {len(blocking)} {many} of severity {limit.value} or worse"
    named = ", ".join(f"{rule} ({weight})" for rule, weight in weighed.heaviest)
    return f"The score alone is too low; what weighs most: {named}"


def finding(request: Request, message: Diagnostic, severity: Severity) -> Finding:
    """The message of a tool as a finding of this gate."""
    return Finding(
        gate=request.policy.name,
        rule=message.rule,
        message=message.message,
        severity=severity,
        path=message.path,
        line=message.line,
        column=message.column,
        end_line=message.end_line,
        blocks=severity.reaches(request.policy.block),
    )
