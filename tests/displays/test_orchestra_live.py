"""The live lanes, seen through a small terminal that follows its control codes."""

from __future__ import annotations

import io

import pytest

from gatekeeper.displays.orchestra_live import OrchestraLive
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.orchestration_events import Began, LaneSaid
from tests.formats.lanes_sample import BEGAN, ENDED, until
from tests.reporters.test_live import Ascii, Screen, Terminal


@pytest.fixture(autouse=True)
def _size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def play(
    at: float = 999, stream: io.StringIO | None = None, colour: bool = True, quiet: bool = False, **more: bool
) -> tuple[OrchestraLive, io.StringIO]:
    stream, now = stream or Terminal(), [0.0]
    display = OrchestraLive(stream, ReporterOptions(quiet=quiet, colour=colour), now=lambda: now[0], **more)
    for event in until(at):
        now[0] = 0.0 if isinstance(event, Began) else event.at
        display.on_event(event)
    return display, stream


def screen(stream: io.StringIO) -> Screen:
    made = Screen()
    made.feed(stream.getvalue())
    return made


def test_the_lanes_stay_in_their_place() -> None:
    _, stream = play(95)
    shown = screen(stream)
    lines = shown.text.splitlines()
    assert lines[0].startswith(" Add pagination to the users API")
    assert lines[0].endswith("1:34")
    assert [line.split()[1] for line in lines[3:11]] == [lane.id for lane in BEGAN.lanes]
    assert len(lines) == 13
    assert not shown.cursor


def test_time_goes_on_without_events() -> None:
    display, stream = play(95)
    display.on_tick(100.0)
    assert screen(stream).text.splitlines()[0].endswith("1:34")  # not before the next picture is due
    display._picture._now = lambda: 200.0
    display.on_tick(200.0)
    assert screen(stream).text.splitlines()[0].endswith("3:20")
    display.on_tick(150.0)
    assert screen(stream).text.splitlines()[0].endswith("3:20")


def test_the_end_takes_the_lanes_away() -> None:
    _, stream = play()
    shown = screen(stream)
    assert "primary-1" not in shown.text
    assert "Approved: every gate passes on the integrated tree." in shown.text
    assert shown.cursor


def test_whoever_shows_an_approval_tells_the_end() -> None:
    _, stream = play(tell_end=False)
    assert screen(stream).text == ""


def test_an_interrupt_leaves_the_terminal_as_it_was() -> None:
    display, stream = play(95)
    display.close()
    display.close()
    shown = screen(stream)
    assert shown.text == ""
    assert shown.cursor


def test_a_resumed_run_begins_another_picture() -> None:
    display, stream = play(95)
    display.on_event(BEGAN)
    assert screen(stream).text.splitlines()[0].endswith("0:00")
    assert screen(stream).text.count("Add pagination") == 1


def test_quiet_shows_the_end_alone() -> None:
    display, stream = play(95, quiet=True)
    assert stream.getvalue() == ""
    display.on_event(ENDED)
    assert "Approved" in stream.getvalue()


def test_at_most_ten_pictures_a_second() -> None:
    display, stream = play(95)
    before = stream.getvalue().count("Add pagination")
    for number in range(1000):
        display._picture._now = lambda number=number: 100 + number / 1000
        display.on_event(LaneSaid(100 + number / 1000, "primary-1", str(number)))
    assert 9 <= stream.getvalue().count("Add pagination") - before <= 11


def test_ascii_and_no_colour() -> None:
    _, stream = play(95, Ascii(), colour=False)
    stream.getvalue().encode("ascii")
    assert " * primary-1" in screen(stream).text
    assert "\x1b[3" not in stream.getvalue()
    _, stream = play(999, Ascii())
    stream.getvalue().encode("ascii")


@pytest.mark.parametrize("width", ["10", "40", "80", "300"])
@pytest.mark.parametrize("height", ["3", "8", "24"])
def test_any_size(width: str, height: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("LINES", height)
    _, stream = play(230)
    assert len(screen(stream).text.splitlines()) < int(height)


def test_a_narrower_window_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    display, stream = play(95)
    before = len(stream.getvalue())
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(display._picture._console, "_width", None)
    display.close()
    assert stream.getvalue()[before:].count("\x1b[2K") > 13 + 10
