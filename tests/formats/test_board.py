"""The board follows the events and fits every terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.formats.board import Board
from gatekeeper.formats.board_lines import board_lines
from gatekeeper.formats.terminal_text import cells
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.events import GateJudged, JobEnded, JobSaid, JobsPlanned, JobStarted
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Outcome
from tests.reporters.sample import JOBS, PYLINT, PYTEST, REPORT_JOB, REVIEW, RUFF, STARTED, events


def board_at(moment):
    board = Board(STARTED.gates)
    for at, event in events():
        if at <= moment:
            board.take(event, at)
    return board


def shown(moment, width=100, height=24, ascii_only=False):
    lines = board_lines(STARTED, board_at(moment), moment, TextStyle(width, ascii_only=ascii_only), height)
    return ["".join(text for text, _ in line) for line in lines]


def test_lanes_tell_what_goes_on():
    text = "\n".join(shown(3.5))
    assert "✗ review    3.1 s         failed: 3.00/10 < 7.00" in text
    assert "· coverage                waits for tests.pytest" in text
    assert "● tests     0:03 of 0:05  ━━━━━━━━" in text
    assert "300/492  1 failed" in text
    assert "– docs" in text


def test_the_header_names_the_change_and_the_policy():
    first, second, *_ = shown(2.0)
    assert first.startswith(" what is staged, against HEAD")
    assert first.endswith("0:02")
    assert second == " policy: .gatekeeper.yml; judged in the working tree itself"


@pytest.mark.parametrize("width", [10, 20, 40, 60, 72, 73, 100, 300])
@pytest.mark.parametrize("moment", [0.0, 0.1, 2.0, 3.5, 5.5, 6.0])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_reaches_the_edge(width, moment, ascii_only):
    lines = shown(moment, width, ascii_only=ascii_only)
    assert all(cells(line) < max(width, 11) for line in lines)
    assert all(line.isprintable() for line in lines)
    if ascii_only:
        assert "\n".join(lines).isascii()


@pytest.mark.parametrize("height", [1, 2, 5, 6, 8, 24])
def test_no_board_is_higher_than_its_terminal(height):
    lines = shown(3.5, height=height)
    assert len(lines) <= max(height - 1, 1)
    if 7 <= height < 9:
        assert "more gates" in lines[-1]


def test_two_jobs_share_a_lane():
    board = Board(("review",))
    for job in (PYLINT, RUFF):
        board.take(JobStarted(job, 0.0), 0.0)
    lane = board.lanes["review"]
    assert [job.doing for job in lane.running.values()] == ["pylint on 2 files", "ruff S,B,ASYNC,PERF on 2 files"]
    board.take(JobEnded(PYLINT, Outcome(PYLINT.id)), 1.0)
    assert lane.longest.job is RUFF


def test_a_lane_waits_only_for_what_has_not_ended():
    board = Board(STARTED.gates)
    board.take(JobsPlanned(JOBS), 0.0)
    assert board.waits_for(board.lanes["coverage"]) == ("tests.pytest",)
    board.take(JobEnded(PYTEST, Outcome(PYTEST.id)), 1.0)
    assert board.waits_for(board.lanes["coverage"]) == ()
    assert list(board.lanes["coverage"].planned) == [REPORT_JOB.id]


def test_a_job_of_one_project_falls_into_a_lane_of_its_gate():
    board = Board(("tests (packages/a)",))
    board.take(JobStarted(PYTEST, 0.0), 0.0)
    assert list(board.lanes["tests (packages/a)"].running) == [PYTEST.id]


def test_a_word_of_a_job_that_is_unknown_is_no_trouble():
    board = Board(("review",))
    board.take(JobSaid("nobody", "text"), 0.0)
    board.take(GateJudged(REVIEW), 0.0)
    assert board.lanes["review"].verdict is REVIEW


def test_hostile_names_stay_on_their_line():
    started = replace(STARTED, target=replace(STARTED.target, title="a\nb\x1b[2J\u202e"), gates=("x\ny",))
    board = Board(started.gates)
    verdict = replace(REVIEW, gate="x\ny", summary="\x1b[31m\n", findings=(Finding("x", "r", "m", Severity.LOW),))
    board.take(GateJudged(verdict), 0.0)
    for line in board_lines(started, board, 1.0, TextStyle(80)):
        assert all(text.isprintable() for text, _ in line)
