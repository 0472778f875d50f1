"""Puts the events of an orchestration into words: a line of the log for each, and the lines of its end."""

from __future__ import annotations

from gatekeeper.formats.closing import counted, listed
from gatekeeper.formats.durations import duration, rough_duration
from gatekeeper.formats.lanes_board import LaneRow, LanesBoard
from gatekeeper.formats.plan_words import planned
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.formats.text_style import Role, TextStyle
from gatekeeper.model.orchestration import Ending, State
from gatekeeper.model.orchestration_events import (
    Began,
    Integrated,
    IterationBegan,
    Judged,
    LaneAdded,
    LaneEnded,
    LaneIdle,
    LaneSaid,
    LaneStarted,
    OrchestrationEvent,
)

STATE_MARKS = {
    State.WAITING: ("·", Role.QUIET),
    State.WORKING: ("●", Role.ACCENT),
    State.LANDED: ("→", Role.ACCENT),
    State.JUDGING: ("●", Role.ACCENT),
    State.PASSED: ("✓", Role.GOOD),
    State.BLOCKED: ("✗", Role.BAD),
    State.FAILED: ("!", Role.BAD),
    State.STOPPED: ("–", Role.WARN),
}
"""The sign of each state of a lane, and its colour."""

_NAMED = 5
_LONGEST = 200  # columns of foreign text on a line of the log
_VERDICT = 80  # columns of each verdict: a judgement has several on its line


def event_words(event: OrchestrationEvent) -> str:
    """The event as one safe line without its time; empty for a beat, and for the beginning and the end."""
    match event:
        case LaneStarted() | LaneSaid() | LaneIdle() | LaneEnded() | LaneAdded():
            return _of_lane(event)
        case Integrated():
            return f"joined   {joined_words(event)}"
        case Judged():
            verdicts = "; ".join(fit(phrase(verdict), _VERDICT) for verdict in event.verdicts)
            return f"judged   {_short(event.lane) or 'the whole'}: {judged_words(event)}: {verdicts}"
        case IterationBegan():
            return f"mending  {iteration_words(event)}: {counted(event.findings, 'finding')} to mend"
        case _:
            return ""


def _of_lane(event: LaneStarted | LaneSaid | LaneIdle | LaneEnded | LaneAdded) -> str:
    match event:
        case LaneStarted():
            agent = f"{_short(event.agent)}{attempt_words(event.attempt)}"
            return f"started  {_short(event.lane)}: {agent}"
        case LaneSaid():
            spent = spent_words(event.tokens, event.cost)
            return f"working  {_short(event.lane)}: {_short(event.text)}{f' ({spent})' if spent else ''}"
        case LaneIdle():
            return f"quiet    {_short(event.lane)}: {quiet_words(event.seconds, event.limit)}"
        case LaneAdded():
            return f"added    {_short(event.lane.id)}: {_short(event.lane.title)}, for {_short(event.lane.agent)}"
        case LaneEnded():
            told = (work_words(event.files, event.added, event.removed), _short(event.note))
            words = ", ".join(text for text in told if text)
            return f"{_short(event.state):<8} {_short(event.lane)}{f': {words}' if words else ''}"


def began_lines(began: Began) -> list[str]:
    """What is carried out, by how many agents and in which lanes; safe lines."""
    again = " again" if began.resumed else ""
    agents = counted(began.agents, "agent")
    return [
        f"Gatekeeper carries out{again}: {_short(began.title)}",
        f"{run_words(began)}; {counted(len(began.lanes), 'workstream')} for {agents}",
        *(_introduced(lane.id, lane.title, lane.needs) for lane in began.lanes),
    ]


def ended_lines(board: LanesBoard, style: TextStyle) -> list[str]:
    """How it ended: the verdict, what remains, where the work is, and how to go on; empty while it goes on."""
    ended = board.ended
    if ended is None:
        return []
    states = ", ".join(f"{count} {state}" for state, count in board.counts().items())
    spent = spent_words(board.tokens, board.cost)
    return [
        f"{counted(len(board.rows), 'workstream')} in {duration(ended.at)}: {states}{f'; {spent}' if spent else ''}",
        *(f"  {style.paint('✗', Role.BAD)} {phrase(failure)}" for failure in ended.remaining),
        *(f"  {line}" for line in place_lines(ended.commit, ended.branch, ended.patch)),
        ending_line(ended.ending, len(ended.remaining), style),
        *([f"  {phrase(ended.hint)}"] if ended.hint else []),
    ]


def ending_line(ending: str, remaining: int, style: TextStyle) -> str:
    """The verdict on the whole in a sentence; nothing is called approved of which anything remains."""
    if ending == Ending.APPROVED and not remaining:
        return style.paint("Approved: every gate passes on the integrated tree.", Role.GOOD)
    if ending == Ending.STOPPED:
        return style.paint("Stopped: what was done is kept.", Role.WARN)
    left = (
        f"{counted(remaining, 'failure')} {'is' if remaining == 1 else 'are'} left" if remaining else "it is not done"
    )
    return style.paint(f"Needs you: {left}.", Role.BAD)


def place_lines(commit: str, branch: str, patch: str) -> list[str]:
    """Where the work is; safe lines, none where there is no work."""
    where = [("commit", commit[:12]), ("branch", branch), ("patch", patch)]
    return [f"{name:<7} {phrase(text)}" for name, text in where if text]


def run_words(began: Began) -> str:
    """The run and its base: "run 20261122-193012-ab12 on 1a2b3c4d5e6f"."""
    return f"run {_short(began.run)} on {_short(began.base[:12])}"


def joined_words(event: Integrated) -> str:
    """What came of joining lanes."""
    lanes = [_short(lane) for lane in event.lanes]
    names = listed(lanes) if len(lanes) <= _NAMED else counted(len(lanes), "lane")
    done = f"{names or 'nothing'} in {duration(event.seconds)}, {_short(event.commit[:12])}"
    if not event.conflicts:
        return done
    named = ", ".join(_short(conflict) for conflict in event.conflicts[:_NAMED])
    more = f" and {len(event.conflicts) - _NAMED} more" if len(event.conflicts) > _NAMED else ""
    return f"{done}; in conflict: {named}{more}"


def judged_words(event: Judged) -> str:
    """What the gates said: "blocked, 3 findings, after 12.0 s"."""
    said = _short(event.exit.replace("_", " "))
    findings = f", {counted(event.findings, 'finding')}" if event.findings else ""
    return f"{said}{findings}, after {duration(event.seconds)}"


def iteration_words(event: IterationBegan) -> str:
    """Which iteration of how many it is."""
    return f"iteration {event.number} of {event.limit}"


def quiet_words(seconds: float, limit: float) -> str:
    """For how long nothing was heard, and how long that may last: "quiet for 1 min 20 s of 5 min"."""
    return f"quiet for {rough_duration(seconds)} of {planned(limit)}"


def attempt_words(attempt: int) -> str:
    """Which attempt it is, where it is not the first: ", attempt 2"."""
    return f", attempt {attempt}" if attempt > 1 else ""


def spent_words(tokens: int, cost: float) -> str:
    """What was spent, as far as agents tell: "12k tokens, $0.42"; empty where none told anything."""
    parts = [f"{_thousands(tokens)} tokens"] if tokens else []
    return ", ".join([*parts, f"${cost:.2f}"] if cost >= 0.005 else parts)


def work_words(files: int, added: int, removed: int) -> str:
    """The size of what was done: "3 files +40 -2"; empty where nothing was."""
    return f"{counted(files, 'file')} +{added} -{removed}" if files or added or removed else ""


def row_words(row: LaneRow) -> str:
    """What to say of a lane that nobody works on: its work, and why it stands where it does."""
    told = (work_words(row.files, row.added, row.removed), _short(row.note), _short(row.judged))
    return ", ".join(text for text in told if text)


def _introduced(name: str, title: str, needs: tuple[str, ...]) -> str:
    after = f" (after {listed([_short(need) for need in needs])})" if needs else ""
    return f"  {_short(name)}: {_short(title)}{after}"


def _thousands(count: int) -> str:
    if count < 1000:
        return str(count)
    return (
        f"{count / 1000:.1f}k"
        if count < 10_000
        else f"{count // 1000}k"
        if count < 1_000_000
        else f"{count / 1e6:.1f}M"
    )


def _short(text: str) -> str:
    return fit(phrase(text), _LONGEST)
