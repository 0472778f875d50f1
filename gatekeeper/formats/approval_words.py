"""Puts the end of an orchestration into words that its text and its Markdown share; all foreign text is made safe."""

from __future__ import annotations

from gatekeeper.formats.closing import counted, listed
from gatekeeper.formats.durations import duration
from gatekeeper.formats.lanes_text import spent_words
from gatekeeper.formats.plan_words import planned
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.account import Account
from gatekeeper.model.gate_log import Approval, LaneLog, PillarLog
from gatekeeper.model.orchestration import Ending

_NAMED = 5
_LONGEST = 300


def is_approved(approval: Approval) -> bool:
    """Whether it may be called approved: it ended so, and nothing remains."""
    return approval.ending is Ending.APPROVED and not approval.remaining


def verdict_words(approval: Approval) -> str:
    """The verdict on the whole in a sentence."""
    if is_approved(approval):
        return "Approved: every gate passes on the integrated tree."
    left = len(approval.remaining)
    remains = f"{counted(left, 'failure')} {'is' if left == 1 else 'are'} left" if left else ""
    if approval.ending is Ending.STOPPED:
        return f"Stopped: what was done is kept{f', and {remains}' if remains else ''}."
    after = f" after {approval.iterations} of {counted(approval.limit, 'iteration')}" if approval.iterations else ""
    return f"Needs you: {remains or 'it is not done'}{after}."


def examined_words(log: PillarLog) -> str:
    """What a pillar looked at: "3 files, judged 2 times in 12.0 s; 412 tests run; documents: README.md"."""
    times = "once" if log.judgements == 1 else f"{log.judgements} times"
    parts = [f"{counted(len(log.files), 'file')}, judged {times} in {duration(log.seconds)}"]
    parts += [f"{counted(log.tests_run, 'test')} run"] if log.tests_run else []
    parts += [f"documents: {_some(log.documents)}"] if log.documents else []
    return "; ".join(parts)


def finding_words(log: PillarLog) -> str:
    """What a pillar found: "1 high, 2 low; 5 in all judgements"; "none" where nothing was found."""
    now = ", ".join(f"{count} {severity}" for severity, count in log.findings) or "none"
    more = log.found > sum(count for _, count in log.findings)
    return f"{now}; {log.found} in all judgements" if more else now


def lane_words(lane: LaneLog) -> str:
    """Who did a lane and what it took: "codex, 2 attempts, 3 min 10 s, 41k tokens, $0.31"."""
    tries = counted(lane.attempts, "attempt") if lane.attempts > 1 else ""
    parts = (safe(lane.agent), tries, duration(lane.seconds) if lane.attempts else "not begun")
    return ", ".join(part for part in (*parts, spent_words(lane.tokens, lane.cost)) if part)


def figure_lines(approval: Approval) -> list[str]:
    """The figures of the whole, a line each: time and spending, how parallel it was, how often it was mended."""
    tokens, cost = sum(lane.tokens for lane in approval.lanes), sum(lane.cost for lane in approval.lanes)
    spent = spent_words(tokens, cost)
    joined = f"; joined in {duration(approval.integration)}" if approval.integration else ""
    total = f"{counted(len(approval.lanes), 'workstream')} in {duration(approval.seconds)}"
    lines = [f"{total}{joined}{f'; {spent}' if spent else ''}"]
    lines += _efficiency(approval.account) if approval.account else []
    mended = f"{approval.iterations} of at most {counted(approval.limit, 'iteration')} of mending"
    return [*lines, mended] if approval.iterations else [*lines, "nothing had to be mended"]


def _efficiency(account: Account) -> list[str]:
    done = account.efficiency
    first = (
        f"work {planned(done.work)}, speed-up {done.speed_up:.2f}x of a possible {done.possible:.2f}x with "
        f"{counted(done.slots, 'agent')}; {counted(done.most_at_once, 'lane')} at once at the most, all that was "
        f"ready began within {duration(done.launch_spread)}"
    )
    second = (
        f"{_share(done.rate)} of the work ran beside other work "
        f"({_share(max(done.achievable_rate, done.rate))} achievable), utilisation {_share(done.utilisation)}, "
        f"gate coverage {_share(account.gate_coverage)}"
    )
    unseen = [f"not examined: {_some(account.unexamined)}"] if account.unexamined else []
    return [first, second, *unseen]


def alarm_lines(approval: Approval) -> list[str]:
    """What went wrong with the carrying out, a line each."""
    alarms = approval.account.alarms if approval.account else ()
    return [f"{alarm.fault}: {safe(alarm.saw)}; {safe(alarm.remedy)}" for alarm in alarms]


def place_rows(approval: Approval) -> list[tuple[str, str]]:
    """Where the work is: what it is called, and the foreign name of it, which is not made safe."""
    taken = "commit, in your branch" if approval.applied else "commit"
    rows = [(taken, approval.commit[:12]), ("branch", approval.branch), ("patch", approval.patch)]
    return [(name, text) for name, text in rows if text]


def safe(text: str) -> str:
    """Foreign text on one line, of a bounded length."""
    return fit(phrase(text), _LONGEST)


def _some(names: tuple[str, ...]) -> str:
    shown = [safe(name) for name in names[:_NAMED]]
    return f"{', '.join(shown)} and {len(names) - _NAMED} more" if len(names) > _NAMED else listed(shown)


def _share(share: float) -> str:
    return f"{int(100 * share + 1e-9)} %"  # rounded down: what is not all of it never looks as if it were
