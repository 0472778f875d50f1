"""An orchestration while it goes on: folded into lanes, and drawn into any width and height."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.lanes_board import SUPERVISOR_SILENCE, LanesBoard
from gatekeeper.formats.lanes_lines import lanes_lines
from gatekeeper.formats.lanes_text import ended_lines, ending_line, event_words, spent_words
from gatekeeper.formats.terminal_text import cells
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.orchestration import State
from gatekeeper.model.orchestration_events import (
    Beat,
    Began,
    Ended,
    Integrated,
    Judged,
    Lane,
    LaneAdded,
    LaneEnded,
    LaneIdle,
    LaneSaid,
    LaneStarted,
)
from tests.formats.lanes_sample import BEGAN, ENDED, EVENTS, LANES, board, until

HOSTILE = "\x1b[2J\x1b]0;title\x07 a\nb\r\u202e c\u200b \udcff ページ"


def drawn(made: LanesBoard, now: float, width: int = 80, height: int = 24, watched: bool = False) -> list[str]:
    lines = lanes_lines(made, now, TextStyle(width=width), height, watched)
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def row(at: float, name: str, width: int = 80) -> str:
    return next(line for line in drawn(board(at), at, width) if f" {name} " in line)


@pytest.mark.parametrize(
    ("at", "name", "shown"),
    [
        (5, "primary-2", "· primary-2       waiting                for primary-1"),
        (40, "primary-1", "● primary-1       working  0:39 of 5:00  codex: editing app/pagination.py"),
        (100, "primary-3", "● primary-3       working  1:39 of 4:00  mini: quiet for 1 min 36 s of 5 min;…"),
        (100, "prepare-review", "✓ prepare-review  passed   0:19 of 1:00  review 8.20/10"),
        (130, "primary-3", "! primary-3       failed   2:09 of 4:00  nothing was changed; it is tried aga…"),
        (150, "primary-3", "● primary-3       working  2:29 of 4:00  mini, attempt 2: writing app/admin.py"),
        (150, "primary-1", "→ primary-1       landed   1:49 of 5:00  3 files +40 -2"),
        (222, "validation", "✗ validation      blocked  0:31 of 1:00  tests: failed"),
    ],
)
def test_a_row(at: float, name: str, shown: str) -> None:
    assert row(at, name) == f" {shown}"


def test_a_wide_row_has_the_agent_and_what_it_spent() -> None:
    shown = row(40, "primary-1", 140)
    assert "codex  " in shown
    assert "41k tokens, $0.31  " in shown
    assert shown.endswith("editing app/pagination.py")


def test_the_whole() -> None:
    lines = drawn(board(225), 225)
    assert lines[0].split() == ["Add", "pagination", "to", "the", "users", "API", "3:45"]
    assert lines[1] == " run 20261122-193012-ab12 on 1a2b3c4d5e6f; 8 agents; iteration 1 of 3"
    assert lines[-3].endswith("8 of 9 workstreams done, 95 %; 71k tokens, $0.42")
    assert lines[-2] == " joined primary-1, primary-2 and primary-3 in 0.2 s, 9f8e7d6c5b4a"
    assert lines[-1] == " the whole was judged: blocked, 2 findings, after 31.6 s"


def test_tokens_of_all_attempts_count() -> None:
    made = board(145)
    assert made.rows["primary-3"].tokens == 7000
    assert made.rows["primary-3"].before == (900, 0.0)
    assert made.tokens == 41_200 + 22_000 + 7900


def test_progress_grows_to_all_and_an_estimate_is_no_end() -> None:
    assert board(0).progress(0.05) == 0
    assert 0 < board(40).progress(40) < board(180).progress(180) < 1
    assert board(100).progress(1e9) < 1
    assert board(291).progress(291) == 1
    assert LanesBoard().progress(1) == 0


def test_counts_and_waiting() -> None:
    made = board(150)
    assert made.counts() == {State.WAITING: 3, State.WORKING: 2, State.LANDED: 1, State.PASSED: 2}
    assert made.waits_for(made.rows["judge-review"]) == ("primary-2", "primary-3")


def test_news_end_a_silence() -> None:
    made = board(95)
    assert made.rows["primary-3"].quiet(100) == 96
    made.take(LaneSaid(101, "primary-3", "", 950))
    assert made.rows["primary-3"].quiet(110) == 0
    assert made.rows["primary-3"].text == "planning the work"


def test_the_supervisor_is_missed_only_when_watched_and_only_until_the_end() -> None:
    made, late = board(100), 94 + SUPERVISOR_SILENCE
    assert made.unheard(late - 1) == 0
    assert drawn(made, late, watched=True)[-1] == " the supervisor has not been heard for 35 s"
    assert "supervisor" not in "".join(drawn(made, late))
    assert board(291).unheard(1e6) == 0


def test_a_resumed_run_keeps_what_is_over() -> None:
    made = board(145)
    made.take(replace(BEGAN, resumed=True, lanes=LANES[:3]))
    assert {name: each.state for name, each in made.rows.items()} == {
        "primary-1": State.LANDED,
        "primary-2": State.WAITING,
        "primary-3": State.WAITING,
        "prepare-review": State.PASSED,
        "prepare-tests": State.PASSED,
    }
    assert made.heard == 0
    made.take(BEGAN)
    assert {each.state for each in made.rows.values()} == {State.WAITING}


def test_what_failed_before_is_yet_to_come_when_a_run_is_resumed() -> None:
    made = board(130)
    assert made.rows["primary-3"].state is State.FAILED
    made.take(replace(BEGAN, resumed=True))
    assert made.rows["primary-3"].state is State.WAITING


def test_unknown_lanes_and_words_do_no_harm() -> None:
    made = board(50)
    for event in (
        LaneStarted(51, "x", "a", 1), LaneSaid(51, "x", "t"), LaneIdle(51, "x", 1, 2), LaneEnded(51, "x", "passed"),
        Judged(51, "x", "", "passed", (), 0, 1), LaneEnded(52, "primary-1", "dreaming"), Beat(53),
    ):  # fmt: skip
        made.take(event)
    assert "x" not in made.rows
    assert made.rows["primary-1"].state is State.FAILED
    assert made.heard == 53


def test_a_lane_that_comes_again_keeps_its_state() -> None:
    made = board(50)
    made.take(LaneAdded(51, replace(LANES[0], title="Other")))
    assert made.rows["primary-1"].state is State.WORKING
    assert made.rows["primary-1"].lane.title == "Other"


def test_what_gates_said_of_a_lane_stands_behind_its_work() -> None:
    made = board(150)
    made.take(Judged(151, "primary-1", "c", "passed", ("review: passed, 9/10",), 0, 3))
    assert "3 files +40 -2, review: passed, 9/10" in "\n".join(drawn(made, 151, 100))


@pytest.mark.parametrize("height", [1, 2, 5, 6, 10, 14, 24, 50])
@pytest.mark.parametrize("width", [1, 10, 20, 40, 80, 200, 1000])
@pytest.mark.parametrize("at", [0, 100, 225])
def test_any_size(width: int, height: int, at: float) -> None:
    lines = drawn(board(at), at, width, height, watched=True)
    assert 0 < len(lines) <= max(height - 1, 1)
    assert max(cells(line) for line in lines) < max(width, 11)


def test_a_low_terminal_shows_what_needs_attention() -> None:
    text = "\n".join(drawn(board(225), 225, 80, 13))
    assert "judge-tests" in text
    assert "validation" in text
    assert "mend-1-tests" in text
    assert "and 5 more workstreams" in text


@given(st.text(max_size=30), st.integers(5, 200), st.integers(3, 40))
def test_hostile_text_stays_on_its_line(text: str, width: int, height: int) -> None:
    for foreign in (text, HOSTILE):
        lane = Lane(foreign, foreign, foreign, foreign, foreign, 1e12, (foreign,))
        made = LanesBoard()
        events = (
            Began(foreign, foreign, foreign, foreign, 3, (lane,)),
            LaneStarted(1, foreign, foreign, 7),
            LaneSaid(1, foreign, foreign, 10**15, 1e15),
            LaneEnded(2, foreign, foreign, foreign, 10**15, 1, 1),
            Integrated(3, foreign, (foreign,) * 9, (foreign,) * 9, 1e12),
            Judged(4, "", foreign, foreign, (foreign,), 3, 1e12),
            LaneAdded(4, lane),
            LaneIdle(4, foreign, 1, 2),
            Ended(5, foreign, foreign, foreign, foreign, (foreign,), foreign),
        )
        for event in events:
            made.take(event)
            shown = [*drawn(made, 5, width, height), event_words(event), *ended_lines(made, TextStyle())]
            assert all(line.isprintable() for line in shown)


def test_every_event_has_its_words() -> None:
    assert [event_words(event) for event in until(5)][1:3] == ["started  primary-1: codex", "started  primary-3: mini"]
    words = {type(event): event_words(event) for event in EVENTS}
    assert [kind for kind, text in words.items() if not text] == [Began, Beat, Ended]
    conflict = Integrated(1, "c" * 40, ("a",), tuple(f"b: {number}.py" for number in range(7)), 0.1)
    assert event_words(conflict).endswith("in conflict: b: 0.py, b: 1.py, b: 2.py, b: 3.py, b: 4.py and 2 more")


def test_the_end() -> None:
    made = board(291)
    assert ended_lines(made, TextStyle()) == [
        "9 workstreams in 4 min 50 s: 4 landed, 5 passed; 79k tokens, $0.48",
        "  commit  aaaabbbbcccc",
        "  branch  gatekeeper/20261122-193012-ab12",
        "Approved: every gate passes on the integrated tree.",
        "  git merge --ff-only gatekeeper/20261122-193012-ab12",
    ]
    made.take(replace(ENDED, ending="needs you", remaining=("tests: test_page fails", "review: 8.1/10")))
    assert ended_lines(made, TextStyle())[-3:-1][1] == "Needs you: 2 failures are left."
    assert ended_lines(LanesBoard(), TextStyle()) == []


@pytest.mark.parametrize(
    ("ending", "remaining", "said"),
    [
        ("approved", 0, "Approved: every gate passes on the integrated tree."),
        ("approved", 1, "Needs you: 1 failure is left."),
        ("needs you", 0, "Needs you: it is not done."),
        ("stopped", 3, "Stopped: what was done is kept."),
        ("a later word", 0, "Needs you: it is not done."),
    ],
)
def test_only_what_is_approved_is_called_so(ending: str, remaining: int, said: str) -> None:
    assert ending_line(ending, remaining, TextStyle()) == said


@pytest.mark.parametrize(
    ("tokens", "cost", "said"),
    [
        (0, 0.0, ""),
        (999, 0.0, "999 tokens"),
        (1000, 0.004, "1.0k tokens"),
        (9999, 0.005, "10.0k tokens, $0.01"),
        (123_456, 1.5, "123k tokens, $1.50"),
        (1_250_000, 0.0, "1.2M tokens"),
        (0, 2.0, "$2.00"),
    ],
)
def test_what_was_spent(tokens: int, cost: float, said: str) -> None:
    assert spent_words(tokens, cost) == said
