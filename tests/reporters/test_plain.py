"""Plain lines: complete, without control codes, and never silent for long."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.events import GateJudged, JobSaid, JobStarted, RunEnded, Tick
from gatekeeper.model.report import Exit
from gatekeeper.reporters.plain import PlainReporter, make
from tests.reporters.sample import COVERAGE, DOCUMENTED, PYTEST, REPORT, REVIEW, STARTED, events


class Clock:
    """A clock that the test sets."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def played(stream=None, steps=None, **options):
    stream, clock = stream or io.StringIO(), Clock()
    reporter = PlainReporter(stream, ReporterOptions(**options), clock)
    for at, event in steps or events():
        clock.now = 1000.0 + at
        reporter.on_event(event)
    return stream


def test_a_run_reads_from_top_to_bottom():
    text = played().getvalue()
    order = [
        "Gatekeeper judges what is staged, against HEAD\n",
        "policy: .gatekeeper.yml; judged in the working tree itself\n",
        "gates: review, coverage, tests, docs\n",
        "   0 s  started  tests.pytest: running the tests\n",
        "   3 s  ended    review.lint after 3.1 s\n",
        "   3 s  judged   review: FAILED, 3.00/10 < 7.00",
        "✗ FAILED   review",
        "Blocked: review and tests failed.\n",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_no_control_codes_even_if_colour_is_asked_for():
    text = played(colour=True, verbose=True).getvalue()
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("chatty", [True, False])
def test_a_sign_of_life_at_the_latest_every_ten_seconds(chatty):
    steps = [(0.0, STARTED), (0.0, JobStarted(replace(PYTEST, estimate=60.0), 0.0))]
    for tenth in range(1, 600):
        said = JobSaid("tests.pytest", "2 failed", tenth, 600)
        steps.append((tenth / 10, said if chatty or tenth == 1 else Tick(tenth / 10)))
    lines = [line for line in played(steps=steps).getvalue().splitlines() if "…" in line]
    assert len(lines) == 6
    assert lines[0] == f"   9 s  … tests {90 if chatty else 1}/600, 2 failed, 9 s of about 1 min 00 s"


def test_a_sign_of_life_while_nothing_runs():
    steps = [(0.0, STARTED), (1.0, GateJudged(DOCUMENTED)), (11.0, Tick(11.0))]
    assert "  11 s  … still to come: review, coverage, tests\n" in played(steps=steps).getvalue()


def test_quiet_is_silent_when_all_passed():
    passed = replace(REPORT, verdicts=(COVERAGE, DOCUMENTED), exit=Exit.PASSED)
    assert played(steps=[*events()[:-1], (6.1, RunEnded(passed))], quiet=True).getvalue() == ""
    assert played(quiet=True).getvalue().startswith("  ✗ FAILED  review")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_that_is_not_unicode(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    steps = [*events(), (7.0, GateJudged(replace(REVIEW, summary="表 \ud800")))]
    played(stream=stream, steps=steps)
    text = raw.getvalue().decode(encoding)
    assert "x FAILED " in text
    assert "\\u8868 \\ud800" in text


def test_make_needs_no_more_than_a_stream():
    stream = io.StringIO()
    make(stream, ReporterOptions(width=0)).on_event(RunEnded(REPORT))
    assert stream.getvalue().endswith("Blocked: review and tests failed.\n")
