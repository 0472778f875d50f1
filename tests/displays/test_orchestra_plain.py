"""The log of an orchestration for people: whole lines, no control codes, and never silent for long."""

from __future__ import annotations

import io

from gatekeeper.displays.orchestra_plain import NEWS_PAUSE, SILENCE, OrchestraPlain
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.orchestration_events import Began, Ended, Lane, LaneSaid
from tests.formats.lanes_sample import EVENTS, until

OPTIONS = ReporterOptions()


def play(at: float = 999, **more: bool) -> tuple[OrchestraPlain, io.StringIO]:
    stream = io.StringIO()
    display = OrchestraPlain(stream, OPTIONS, **more)
    for event in until(at):
        display.on_event(event)
    return display, stream


def test_the_log() -> None:
    _, stream = play()
    lines = stream.getvalue().splitlines()
    assert lines[:4] == [
        "Gatekeeper carries out: Add pagination to the users API",
        "run 20261122-193012-ab12 on 1a2b3c4d5e6f; 8 workstreams for 8 agents",
        "  primary-1: Implement app/pagination.py",
        "  primary-2: Implement app/users.py (after primary-1)",
    ]
    assert "      33 s  working  primary-1: editing app/pagination.py (41k tokens, $0.31)" in lines
    assert "1 min 34 s  quiet    primary-3: quiet for 1 min 30 s of 5 min" in lines
    assert "2 min 10 s  failed   primary-3: nothing was changed; it is tried again" in lines
    assert "3 min 42 s  mending  iteration 1 of 3: 2 findings to mend" in lines
    assert lines[-2] == "Approved: every gate passes on the integrated tree."
    assert "\x1b" not in stream.getvalue()


def test_a_lane_that_tells_much_is_heard_now_and_then() -> None:
    display, stream = play(95)
    before = stream.getvalue().count("primary-1")
    for number in range(100):
        display.on_event(LaneSaid(100 + number * NEWS_PAUSE / 50, "primary-1", f"step {number}"))
    assert stream.getvalue().count("primary-1") - before == 2


def test_a_log_does_not_fall_silent() -> None:
    display, stream = play(95)
    size = len(stream.getvalue())
    display.on_tick(94 + SILENCE - 1)
    assert len(stream.getvalue()) == size
    display.on_tick(94 + SILENCE)
    display.on_tick(94 + SILENCE + 1)
    assert stream.getvalue()[size:] == (
        "2 min 04 s  … primary-1 editing app/pagination.py, 2 min 03 s; primary-3 planning the work, 2 min 03 s\n"
    )


def test_quiet_and_an_end_told_by_another() -> None:
    stream = io.StringIO()
    display = OrchestraPlain(stream, ReporterOptions(quiet=True))
    for event in EVENTS:
        display.on_event(event)
    display.on_tick(1e6)
    assert stream.getvalue().startswith("\n9 workstreams in 4 min 50 s")
    assert "Approved" not in play(tell_end=False)[1].getvalue()


def test_in_a_log_of_github_no_text_is_a_command() -> None:
    stream = io.StringIO()
    display = OrchestraPlain(stream, OPTIONS, guarded=True)
    display.on_event(Began("r", "t", "b", "s", 1, (Lane("::error::x", "##[group]", "p", "w", "a", 1),)))
    display.on_event(Ended(1, "stopped", "", "", "", (), "::set-env::x"))
    display.close()
    display.close()
    lines = stream.getvalue().splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) >= 32
    assert lines[-1] == f"::{token}::"
    assert stream.getvalue().count(token) == 2


def test_signs_that_a_stream_lacks() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    display = OrchestraPlain(stream, OPTIONS)
    for event in (*until(95), LaneSaid(110, "primary-1", "ページ")):
        display.on_event(event)
    display.on_tick(200)
    assert b"... primary-1 \\u30da\\u30fc\\u30b8" in raw.getvalue()
