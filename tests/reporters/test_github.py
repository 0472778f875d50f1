"""In a log of GitHub Actions no text of a run is a command, and the annotations are."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings

from gatekeeper.formats.annotations import annotation_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.events import GateJudged, JobEnded, JobStarted, RunAbandoned, RunEnded, RunStarted
from gatekeeper.model.job import Outcome
from gatekeeper.registry import make_reporter
from gatekeeper.reporters.github import GithubReporter
from gatekeeper.reporters.plain import PlainReporter
from tests.formats.workflow_commands import commands
from tests.reporters.sample import PYLINT, REPORT, STARTED, events
from tests.strategies import reports

ATTACKS = (
    "::error::x",
    "  ::add-mask::secret",
    "##[add-matcher]m.json",
    "\r::warning::x",
    "a\n::error::b",
    "x ##[group]y",
)


def log(told, **options):
    stream = io.StringIO()
    reporter = make_reporter("github", stream, ReporterOptions(**options))
    for event in told:
        reporter.on_event(event)
    return stream.getvalue()


def test_the_lines_are_the_plain_ones():
    stream = io.StringIO()
    token = "0123456789abcdef"
    reporter = GithubReporter(stream, PlainReporter(stream, ReporterOptions(), lambda: 0.0), token)
    for _, event in events():
        reporter.on_event(event)
    lines = stream.getvalue().splitlines()
    assert lines[:2] == [f"::stop-commands::{token}", "Gatekeeper judges what is staged, against HEAD"]
    end = lines.index(f"::{token}::")
    assert lines[end - 1] == "Blocked: review and tests failed."
    assert lines[end + 1 :] == annotation_lines(REPORT)


def test_each_run_has_a_token_of_its_own():
    told = [event for _, event in events()]
    assert log(told).splitlines()[0] != log(told).splitlines()[0]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_output_of_a_tool_is_a_command(text):
    job = replace(PYLINT, label=text)
    verdict = replace(REPORT.verdicts[0], summary=text, hint=text, notes=(text,))
    report = replace(REPORT, verdicts=(verdict,), notes=(text,), policy_source=text)
    told = (
        replace(STARTED, policy_source=text),
        JobStarted(job, 0.0),
        JobEnded(job, Outcome(job.id, 1, text, text, problem=text)),
        GateJudged(verdict),
        RunEnded(report),
    )
    assert isinstance(told[0], RunStarted)
    assert {name for name, _, _ in commands(log(told, verbose=True))} <= {"error", "notice"}


def test_a_run_that_was_abandoned_leaves_commands_on():
    text = log((STARTED, RunAbandoned()))
    assert commands(text + "::error::later") == [("error", {}, "later")]


@settings(max_examples=40, deadline=None)
@given(reports())
def test_any_report_leads_to_its_annotations_only(report):
    found = commands(log((STARTED, RunEnded(report))))
    assert found == commands("\n".join(annotation_lines(report)))
