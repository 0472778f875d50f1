"""Decides after each judgement of the whole how it goes on: approved, mended once more, or handed to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.finding import Finding
from gatekeeper.model.orchestration import Ending, Judgement, Steps
from gatekeeper.model.report import Report
from gatekeeper.planning.grievances import against, for_people, grievances
from gatekeeper.planning.mending import Mending

MOST_ITERATIONS = 3
"""How often a change is mended where no rules say otherwise."""

_GROWING = ("/10", "%")
_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells one judgement from another: the tree, the findings by their fingerprints, and the figures of gates."""

    tree: str
    fingerprints: tuple[str, ...]
    figures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """The judgements of the whole so far; `limit` is how often it may be mended, `mended` how often it was before."""

    limit: int = MOST_ITERATIONS
    seen: tuple[Seen, ...] = ()
    mended: int = 0

    @property
    def iterations(self) -> int:
        """How often the work was mended so far."""
        return self.mended + max(len(self.seen) - 1, 0)

    def after(self, report: Report) -> Course:
        """The course with one more judgement."""
        prints = tuple(sorted(finding.fingerprint for finding in grievances(report)))
        figures = tuple((v.name, v.measured) for v in report.verdicts if v.measured is not None and v.unit in _GROWING)
        return replace(self, seen=(*self.seen, Seen(report.change.head_tree, prints, figures)))

    def standstill(self) -> str:
        """Why mending once more makes no sense, in words; empty where it may."""
        *earlier, last = self.seen or (Seen("", ()),)
        number = self.iterations
        for place, one in reversed(list(enumerate(earlier))):
            if one.tree == last.tree:
                return f"iteration {number} {_back_to(self.mended + place, number)}"
            if one.fingerprints == last.fingerprints and not _is_better(one, last):
                count = len(last.fingerprints)
                return f"the same {count} findings came back" if count > 1 else "the same finding came back"
        if number >= self.limit:
            times = "once" if number == 1 else f"{number} times"
            return f"it was mended {times}, and may be at most {self.limit}" if number else "nothing may be mended"
        return ""


def next_steps(
    course: Course, judgement: Judgement, mend: Callable[[Report], tuple[Mending, ...]]
) -> tuple[Course, Steps]:
    """What follows from a judgement of the whole, and the course that the next one continues.

    A pass with a relaxation in it is none; what no agent can mend goes to a person at once.
    """
    report = judgement.report
    if report is None:
        problem = judgement.problem or "the gates told nothing"
        return course, Steps(Ending.NEEDS_YOU, remaining=(problem,), reason="the gates could not look")
    remaining = against(report)
    if not remaining:
        return course, Steps(Ending.APPROVED)
    course = course.after(report)
    findings = grievances(report)
    people = for_people(report)
    reason = "a gate could not look, and no agent can mend that" if people else course.standstill()
    mendings = () if reason else mend(report)
    if not reason and not mendings:
        reason = "nothing of it can be handed to an agent"
    if reason:
        named = (*people, *(line for line in remaining if line not in people))
        return course, Steps(
            Ending.NEEDS_YOU, remaining=(*named, *words(findings)), reason=reason, findings=len(findings)
        )
    iteration = course.iterations + 1
    works = tuple(one.work(number, judgement.commit, iteration) for number, one in enumerate(mendings, 1))
    return course, Steps(None, works, (*remaining, *words(findings)), "", len(findings))


def words(findings: tuple[Finding, ...], most: int = 20) -> tuple[str, ...]:
    """A line for each finding, and one for how many more there are."""
    lines = [
        fit(phrase(f"{_place(finding)}{finding.gate} {finding.rule}: {finding.message}"), _LONGEST_LINE)
        for finding in findings[:most]
    ]
    more = len(findings) - len(lines)
    return (*lines, f"and {more} more findings") if more else tuple(lines)


def _place(finding: Finding) -> str:
    if not finding.path:
        return ""
    return f"{finding.path}:{finding.line}: " if finding.line else f"{finding.path}: "


def _back_to(earlier: int, number: int) -> str:
    if earlier == number - 1:
        return "changed nothing"
    return f"went back to what iteration {earlier} had made" if earlier else "went back to where the mending began"


def _is_better(before: Seen, after: Seen) -> bool:
    """Whether a gate measured more than before: fewer lines without a test can have the same fingerprints."""
    old = dict(before.figures)
    return any(measured > old.get(name, measured) for name, measured in after.figures)
