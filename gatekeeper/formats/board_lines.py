"""The live board as lines of coloured text that fit any width and height."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.board import Board, Lane, RunningJob
from gatekeeper.formats.closing import counted
from gatekeeper.formats.durations import clock, duration
from gatekeeper.formats.figures import figure
from gatekeeper.formats.terminal_text import cells, fit, pad, phrase
from gatekeeper.formats.text_style import MARKS, WORDS, Role, TextStyle, verdict_role
from gatekeeper.model.events import RunStarted
from gatekeeper.model.verdict import Status, Verdict

Line = tuple[tuple[str, Role], ...]
"""One line of the board: pieces of text with their roles."""

_WIDEST = 100  # wider rows are hard to read, and a shrinking window has less to break
_ROOMY = 72  # from here on there is room for bars and expected times
_BAR = 14


def board_lines(started: RunStarted, board: Board, now: float, style: TextStyle, height: int = 24) -> list[Line]:
    """The board `now` seconds after the start: a header, then a lane for each gate; never wider or higher than asked.

    Each line ends at least one column before the edge, where some terminals would wrap.
    """
    width = max(min(style.width, _WIDEST) - 1, 10)
    lanes = list(board.lanes.values())
    room = max(height - 5, 1)
    shown = lanes if len(lanes) <= room else sorted(lanes, key=_urgency)[: room - 1]
    name_width = min(max((cells(phrase(lane.name)) for lane in shown), default=0), max(width // 3, 8))
    lines = [*_header(started, now, width), ()]
    lines += [_lane(lane, board, now, (name_width, width)) for lane in shown]
    if len(shown) < len(lanes):
        lines.append(((f"   and {counted(len(lanes) - len(shown), 'more gate')}", Role.QUIET),))
    return [fitted(line, width, style) for line in lines][: max(height - 1, 1)]


def provenance(started: RunStarted) -> str:
    """Where the policy comes from and where the candidate lies, in words."""
    where = "in the working tree itself" if started.candidate.in_place else "in a copy of the exact tree"
    return f"policy: {phrase(started.policy_source)}; judged {where}"


def _header(started: RunStarted, now: float, width: int) -> list[Line]:
    time = clock(now)
    title = fit(phrase(started.target.title), width - cells(time) - 3)
    return [
        ((f" {pad(title, width - cells(time) - 2)} ", Role.TITLE), (time, Role.QUIET)),
        ((f" {provenance(started)}", Role.QUIET),),
    ]


def _urgency(lane: Lane) -> int:
    """Where there is no room for all lanes: what went wrong first, then what runs, then what waits."""
    if lane.verdict is not None:
        return 0 if lane.verdict.blocks else 3
    return 1 if lane.running else 2


def _lane(lane: Lane, board: Board, now: float, widths: tuple[int, int]) -> Line:
    name_width, width = widths
    name = pad(fit(phrase(lane.name), name_width), name_width)
    roomy = width >= _ROOMY
    if lane.verdict is not None:
        return _judged(lane.verdict, name, roomy)
    running = lane.longest
    if running is None:
        waits = ", ".join(phrase(job) for job in board.waits_for(lane))
        text = f"waits for {waits}" if waits else "waits" if not lane.ended else "is being judged"
        return ((f" · {name}  {_time_column('', roomy)}  ", Role.QUIET), (text, Role.QUIET))
    time = clock(now - running.started)
    if roomy and running.job.estimate:
        time += f" of {clock(running.job.estimate)}"
    return (
        (" ● ", Role.ACCENT),
        (name, Role.TITLE),
        (f"  {_time_column(time, roomy)}  ", Role.QUIET),
        *_progress(running, roomy),
        (_doing(lane, running), Role.PLAIN),
    )


def _judged(verdict: Verdict, name: str, roomy: bool) -> Line:
    time = duration(verdict.seconds) if verdict.seconds < 59.95 else clock(verdict.seconds)
    time = "reused" if verdict.reused else time
    word = "" if verdict.status in (Status.PASSED, Status.SKIPPED) else WORDS[verdict.status].lower()
    text = ", ".join(part for part in (figure(verdict), phrase(verdict.summary)) if part)
    role = verdict_role(verdict)
    return (
        (f" {MARKS[verdict.status]} ", role),
        (name, Role.TITLE),
        (f"  {_time_column(time, roomy)}  ", Role.QUIET),
        (f"{word}: " if word else "", role),
        (text, Role.QUIET),
    )


def _time_column(text: str, roomy: bool) -> str:
    return f"{text:<12}" if roomy else f"{text:<6}"


def _progress(running: RunningJob, roomy: bool) -> Line:
    if running.total <= 0:
        return ()
    done = min(max(running.done, 0), running.total)
    count = (f"{done}/{running.total}  ", Role.PLAIN)
    if not roomy:
        return (count,)
    full = _BAR * done // running.total
    return ("━" * full, Role.ACCENT), ("─" * (_BAR - full) + "  ", Role.QUIET), count


def _doing(lane: Lane, first: RunningJob) -> str:
    others = [phrase(job.doing) for job in lane.running.values() if job is not first]
    return ", ".join([phrase(first.doing), *others])


def fitted(line: Sequence[tuple[str, Role]], width: int, style: TextStyle) -> Line:
    """The line with the signs that the terminal has, cut to `width` columns."""
    pieces, left = [], width
    for text, role in line:
        shown = style.signs(text)
        if cells(shown) > left:
            pieces.append((style.fit(shown, left), role))
            break
        pieces.append((shown, role))
        left -= cells(shown)
    return tuple(pieces)
