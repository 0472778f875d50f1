"""The lanes of an orchestration as lines of coloured text that fit any width and height."""

from __future__ import annotations

from gatekeeper.formats.board_lines import Line, fitted
from gatekeeper.formats.closing import counted
from gatekeeper.formats.durations import clock, rough_duration
from gatekeeper.formats.lanes_board import LaneRow, LanesBoard
from gatekeeper.formats.lanes_text import (
    STATE_MARKS,
    attempt_words,
    iteration_words,
    joined_words,
    judged_words,
    quiet_words,
    row_words,
    run_words,
    spent_words,
)
from gatekeeper.formats.terminal_text import cells, fit, pad, phrase
from gatekeeper.formats.text_style import Role, TextStyle
from gatekeeper.model.orchestration import State

_WIDEST = 150  # wider rows are hard to read
_ROOMY = 72  # from here on there is room for words of state, bars and expected times
_WIDE = 110  # and from here for agents and what they spent in columns of their own
_BAR = 14
_STATE = 7
_AGENT = 20
_SPENT = 20


def lanes_lines(board: LanesBoard, now: float, style: TextStyle, height: int = 24, watched: bool = False) -> list[Line]:
    """The lanes `now` seconds after the beginning, between a header and the state of the whole.

    Never wider or higher than asked; where there is no room for all lanes, those that need no attention are counted.
    `watched` says that somebody else than the supervisor draws this, who has to be told when it is not heard.
    """
    width = max(min(style.width, _WIDEST) - 1, 10)
    feet = _feet(board, now, width, watched)
    head = _header(board, now, width)
    room = max(height - 1 - len(head) - len(feet) - 2, 1)
    rows = list(board.rows.values())
    kept = rows if len(rows) <= room else sorted(rows, key=lambda row: _urgency(row, now))[: max(room - 1, 1)]
    shown = [row for row in rows if any(row is each for each in kept)]
    name_width = min(max((cells(phrase(row.lane.id)) for row in shown), default=0), max(width // 3, 8))
    time_width = max((len(_time(row, now, width)) for row in shown), default=0)
    lines = [*head, ()]
    lines += [_row(row, board, now, (name_width, time_width, width)) for row in shown]
    if len(shown) < len(rows):
        lines.append(((f"   and {counted(len(rows) - len(shown), 'more workstream')}", Role.QUIET),))
    return [fitted(line, width, style) for line in [*lines, (), *feet]][: max(height - 1, 1)]


def _header(board: LanesBoard, now: float, width: int) -> list[Line]:
    time = clock(now)
    title = fit(phrase(board.began.title), width - cells(time) - 3)
    told = [run_words(board.began), counted(board.began.agents, "agent")]
    told += [iteration_words(board.iteration)] if board.iteration else []
    return [
        ((f" {pad(title, width - cells(time) - 2)} ", Role.TITLE), (time, Role.QUIET)),
        ((f" {'; '.join(told)}", Role.QUIET),),
    ]


def _feet(board: LanesBoard, now: float, width: int, watched: bool) -> list[Line]:
    """The state of the whole: how far it is, the last joining and judgement, and whether the supervisor is heard."""
    share = board.progress(now)
    over = sum(row.is_over for row in board.rows.values())
    told = [f"{over} of {counted(len(board.rows), 'workstream')} done, {int(100 * share)} %"]
    told += [spent] if (spent := spent_words(board.tokens, board.cost)) else []
    full = int(_BAR * share)
    bar: Line = ((" " + "━" * full, Role.ACCENT), ("─" * (_BAR - full) + " ", Role.QUIET)) if width >= _ROOMY else ()
    lines: list[Line] = [(*bar, (f" {'; '.join(told)}", Role.PLAIN))]
    if board.integrated:
        role = Role.WARN if board.integrated.conflicts else Role.QUIET
        lines.append(((f" joined {joined_words(board.integrated)}", role),))
    if board.judged:
        role = Role.GOOD if board.judged.exit == "passed" else Role.WARN
        lines.append(((f" the whole was judged: {judged_words(board.judged)}", role),))
    if watched and (silence := board.unheard(now)):
        lines.append(((f" the supervisor has not been heard for {rough_duration(silence)}", Role.BAD),))
    return lines


def _urgency(row: LaneRow, now: float) -> int:
    """Where there is no room for all lanes: what went wrong first, then what is silent, works, waits, and is over."""
    if row.state in (State.BLOCKED, State.FAILED):
        return 0
    if row.is_at_work:
        return 1 if row.quiet(now) else 2
    return 4 if row.is_over else 3


def _row(row: LaneRow, board: LanesBoard, now: float, widths: tuple[int, int, int]) -> Line:
    name_width, time_width, width = widths
    sign, role = STATE_MARKS[row.state]
    roomy, wide = width >= _ROOMY, width >= _WIDE
    word = f"  {row.state.value:<{_STATE}}" if roomy else ""
    return (
        (f" {sign} ", role),
        (
            pad(fit(phrase(row.lane.id), name_width), name_width),
            Role.QUIET if row.state is State.WAITING else Role.TITLE,
        ),
        (word, role),
        (f"  {_time(row, now, width):<{time_width}}  ", Role.QUIET),
        (f"{pad(fit(_agent(row), _AGENT), _AGENT)}  " if wide else "", Role.PLAIN),
        (
            f"{spent_words(row.before[0] + row.tokens, row.before[1] + row.cost):<{_SPENT}}  " if wide else "",
            Role.QUIET,
        ),
        *_doing(row, board, now, wide),
    )


def _time(row: LaneRow, now: float, width: int) -> str:
    """How long it has taken and, where there is room, how long it was expected to take."""
    took = row.took(now)
    if not row.attempt and not took:
        return ""
    return f"{clock(took)} of {clock(row.lane.estimate)}" if width >= _ROOMY and row.lane.estimate else clock(took)


def _agent(row: LaneRow) -> str:
    return f"{phrase(row.agent or row.lane.agent)}{attempt_words(row.attempt)}"


def _doing(row: LaneRow, board: LanesBoard, now: float, wide: bool) -> Line:
    """What a lane is at, or waits for, or came to."""
    if row.state is State.WAITING:
        waits = ", ".join(phrase(name) for name in board.waits_for(row))
        return ((f"for {waits}" if waits else "for its turn", Role.QUIET),)
    if not row.is_at_work:
        return ((row_words(row), Role.QUIET),)
    who = "" if wide else f"{_agent(row)}: "
    text = phrase(row.text) or phrase(row.lane.title)
    if quiet := row.quiet(now):
        return ((who, Role.PLAIN), (quiet_words(quiet, row.limit), Role.WARN), (f"; {text}", Role.PLAIN))
    return ((f"{who}{text}", Role.PLAIN),)
