"""The sentences that sum up a run: its outcome, and how parallel it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatekeeper.formats.durations import duration
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.job import Job
from gatekeeper.model.report import Exit, Report
from gatekeeper.model.verdict import Status, Verdict

if TYPE_CHECKING:  # a run that has nothing to check has no plan
    from gatekeeper.model.account import Account
    from gatekeeper.model.plan import ChangePlan

_MOST_NAMED = 5


def outcome(report: Report) -> str:
    """The last line of a run, such as "Blocked: review and tests failed."; safe for one line."""
    failed = [v for v in report.verdicts if v.blocks and v.status is Status.FAILED]
    unseen = [v for v in report.verdicts if v.blocks and v.status is Status.ERROR]
    match report.exit:
        case Exit.PASSED:
            return _passed(report)
        case Exit.BLOCKED:
            return f"Blocked: {_names(failed)} failed." if failed else "Blocked."
        case Exit.COULD_NOT_CHECK:
            reasons = [f"{phrase(v.name)} ({_reason(v)})" for v in unseen]
            first = f"Could not check: {listed(reasons)}." if reasons else "Could not check."
            return f"{first} Blocked as well: {_names(failed)} failed." if failed else first
        case Exit.INTERRUPTED:
            return "Interrupted."
        case _:
            return "Not run: the command line or the configuration is wrong."


def _passed(report: Report) -> str:
    bad = [v for v in report.verdicts if v.status in (Status.FAILED, Status.ERROR)]
    waived = [v for v in report.verdicts if v.waived]
    passed = f"Passed without {_names(waived)}: {phrase(waived[0].waived).rstrip('.')}." if waived else "Passed."
    if bad:
        texts = [f"{phrase(v.name)} {'failed' if v.status is Status.FAILED else 'could not be checked'}" for v in bad]
        return f"{passed} Advisory only: {listed(texts)}."
    if waived:
        return passed
    if not report.verdicts:
        return "Nothing was checked: no gate is on."
    if all(v.status is Status.SKIPPED for v in report.verdicts):
        return "Passed: nothing to check."
    return "Passed."


def parallelism(report: Report) -> str:
    """How parallel the run was, against the best that was possible; empty where no job took any time."""
    metrics = report.metrics
    if not report.outcomes or metrics.makespan <= 0 or metrics.work <= 0:
        return ""
    chain = [phrase(job) for job in longest_chain(report)]
    cores = counted(metrics.cores, "core")
    text = (
        f"{counted(len(report.verdicts), 'gate')} in {duration(report.seconds or metrics.makespan)}; work "
        f"{duration(metrics.work)}, speed-up {metrics.speed_up:.2f}x of a possible {metrics.possible:.2f}x on {cores}"
    )
    return f"{text} (longest chain {duration(metrics.critical_path)}: {' → '.join(chain)})" if chain else text


def accounted(report: Report, apart: bool = False) -> tuple[str, ...]:
    """How the run carried out the plan of its change, a line each; none where there was no plan.

    The criteria that were not met stand in one line, or, if they are to be `apart`, each in one of its own.
    """
    plan, held = report.plan, report.account
    if plan is None or held is None:
        return ()
    done = held.efficiency
    achievable = max(done.achievable_rate, done.rate)
    figures = (
        f"a {plan.classification.kind.noun} of {counted(len(plan.units), 'unit')} in "
        f"{counted(len(plan.workstreams), 'workstream')}; {_share(done.rate)} of the work ran beside other work "
        f"({_share(achievable)} achievable), utilisation {_share(done.utilisation)}, "
        f"gate coverage {_share(held.gate_coverage)}"
    )
    lines = [f"plan: {figures}", *_criteria(plan, apart), *_first_time(held)]
    if held.unexamined:
        named = ", ".join(phrase(item) for item in held.unexamined[:_MOST_NAMED])
        more = f" and {len(held.unexamined) - _MOST_NAMED} more" if len(held.unexamined) > _MOST_NAMED else ""
        lines.append(f"not examined: {named}{more}")
    lines += [f"{alarm.fault}: {phrase(alarm.saw)}; {phrase(alarm.remedy)}" for alarm in held.alarms]
    return tuple(lines)


def _criteria(plan: ChangePlan, apart: bool) -> list[str]:
    """How many criteria of the plan were met, and which ones were not; nothing where no run looked at them."""
    held = [criterion for stream in plan.workstreams for criterion in stream.criteria]
    if not any(criterion.seen for criterion in held):
        return []
    texts = dict.fromkeys(f"{phrase(c.text)} ({phrase(c.seen)})" for c in held if c.met is False)
    met, left = (sum(criterion.met is wanted for criterion in held) for wanted in (True, None))
    if apart:
        return [f"criteria: {met} met, {left} not measured", *(f"not met: {text}" for text in texts)]
    named = [f"not met: {listed(list(texts))}"] if texts else []
    return [f"criteria: {'; '.join([f'{met} met', *named, f'{left} not measured'])}"]


def _first_time(held: Account) -> list[str]:
    """How many earlier changes passed at once, as far as there are enough to tell."""
    rate = held.first_time
    if rate is None:
        return []
    interval = f"between {_share(rate.low)} and {_share(rate.high)}, at 95 % confidence"
    return [f"first-time pass rate: {_share(rate.share)} of {rate.changes} changes ({interval})"]


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def longest_chain(report: Report) -> tuple[str, ...]:
    """The ids of the jobs that need each other and together took longest, first job first."""
    took = {outcome.job: outcome.seconds for outcome in report.outcomes}
    chains: dict[str, tuple[float, tuple[str, ...]]] = {}
    for job in _needed_first(report.jobs):
        before = max((chains[need.job] for need in job.needs if need.job in chains), default=(0.0, ()))
        if job.id in took:
            chains[job.id] = (before[0] + took[job.id], (*before[1], job.id))
    return max(chains.values(), default=(0.0, ()))[1]


def _needed_first(jobs: Sequence[Job]) -> list[Job]:
    """The jobs in an order in which each comes after those it needs; the rest of a ring is left out."""
    known = {job.id for job in jobs}
    waiting, ordered, done = list(jobs), [], set[str]()
    while ready := [job for job in waiting if all(n.job in done or n.job not in known for n in job.needs)]:
        ordered += ready
        done.update(job.id for job in ready)
        waiting = [job for job in waiting if job.id not in done]
    return ordered


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 gate", "3 gates"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(texts: Sequence[str]) -> str:
    """The texts as a list in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _names(verdicts: Sequence[Verdict]) -> str:
    return listed([phrase(v.name) for v in verdicts])


def _reason(verdict: Verdict) -> str:
    return fit(phrase(verdict.summary).rstrip("."), 90)
