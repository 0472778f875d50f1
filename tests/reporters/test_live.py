"""The live board, seen through a small terminal that follows its control codes."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.events import RunAbandoned, RunEnded, Tick
from gatekeeper.model.report import Exit
from gatekeeper.reporters.live import LiveReporter, make
from tests.reporters.sample import COVERAGE, REPORT, events

_CODE = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])")


class Screen:
    """As much of a terminal as the board uses: text, line feeds, cursor up and down, erasing lines."""

    def __init__(self):
        self.rows, self.row, self.column, self.cursor = [""], 0, 0, True

    def feed(self, text):
        at = 0
        while at < len(text):
            code = _CODE.match(text, at)
            if code:
                self._obey(*code.groups())
                at = code.end()
                continue
            self._put(text[at])
            at += 1

    def _put(self, char):
        if char == "\n":
            self.row, self.column = self.row + 1, 0
            self.rows += [""] * (self.row + 1 - len(self.rows))
        elif char == "\r":
            self.column = 0
        else:
            line = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = line[: self.column] + char + line[self.column + 1 :]
            self.column += 1

    def _obey(self, private, numbers, letter):
        count = int(numbers or 1) if letter in "ABK" else 0
        if letter == "A":
            self.row = max(self.row - count, 0)
        elif letter == "B":
            self.row = min(self.row + count, len(self.rows) - 1)
        elif letter == "K":
            self.rows[self.row] = ""
        elif private and numbers == "25":
            self.cursor = letter == "h"
        else:
            assert letter == "m", letter

    @property
    def text(self):
        return "\n".join(row.rstrip() for row in self.rows).rstrip()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


class Ascii(Terminal):
    """A terminal that knows no more than ASCII."""

    encoding = "ascii"


@pytest.fixture(autouse=True)
def _size(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def play(until=99.0, stream=None, steps=None, **options):
    stream, now = stream or Terminal(), [0.0]
    reporter = LiveReporter(stream, ReporterOptions(colour=True, **options), lambda: now[0])
    for at, event in steps or events():
        if at <= until:
            now[0] = at
            reporter.on_event(event)
    screen = Screen()
    screen.feed(stream.getvalue())
    return reporter, stream, screen


def test_the_board_stays_in_its_place():
    _, _, screen = play(until=3.5)
    lines = screen.text.splitlines()
    assert lines[0].startswith(" what is staged, against HEAD")
    assert [line.split()[1] for line in lines[3:]] == ["review", "coverage", "tests", "docs"]
    assert len(lines) == 7
    assert not screen.cursor


def test_the_end_takes_the_board_away():
    _, _, screen = play()
    assert "waits for" not in screen.text
    assert "●" not in screen.text
    assert screen.text.lstrip("\n").startswith("  ✗ FAILED   review")
    assert screen.text.endswith("Blocked: review and tests failed.")
    assert screen.cursor


def test_at_most_ten_pictures_a_second():
    steps = [*events()[:6], *((1 + n / 1000, Tick(n / 1000)) for n in range(1000))]
    _, stream, _ = play(steps=steps)
    assert 10 <= stream.getvalue().count("what is staged") <= 12


@pytest.mark.parametrize("width", [10, 20, 40, 60, 300])
def test_any_width(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    _, _, screen = play(until=3.5)
    assert len(screen.text.splitlines()) == 7
    _, _, ended = play()
    assert "●" not in ended.text


def test_a_low_terminal(monkeypatch):
    monkeypatch.setenv("LINES", "6")
    _, _, screen = play(until=3.5)
    assert len(screen.text.splitlines()) <= 5


def test_a_narrower_window_leaves_nothing_behind(monkeypatch):
    reporter, stream, _ = play(until=3.5)
    before = len(stream.getvalue())
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(reporter._picture._console, "_width", None)
    reporter.close()
    # a terminal folds rows that no longer fit, so more rows than the board has must go
    assert stream.getvalue()[before:].count("\x1b[2K") > 7 + 6


def test_ascii_terminal():
    _, stream, screen = play(until=3.5, stream=Ascii())
    assert stream.getvalue().isascii()
    assert " x review" in screen.text
    _, ended, _ = play(stream=Ascii())
    assert ended.getvalue().isascii()


def test_no_colour():
    stream = Terminal()
    reporter = make(stream, ReporterOptions(colour=False))
    for _, event in events():
        reporter.on_event(event)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", stream.getvalue())


def test_quiet_draws_no_board():
    passed = RunEnded(replace(REPORT, verdicts=(COVERAGE,), exit=Exit.PASSED))
    _, stream, _ = play(steps=[*events()[:-1], (6.1, passed)], quiet=True)
    assert stream.getvalue() == ""


def test_close_without_a_run_is_harmless():
    reporter = make(Terminal(), ReporterOptions())
    reporter.close()
    reporter.close()


def test_an_abandoned_run_gives_the_screen_back():
    reporter, stream, _ = play(until=3.5)
    reporter.on_event(RunAbandoned())
    screen = Screen()
    screen.feed(stream.getvalue())
    assert screen.cursor
    assert screen.text == ""
