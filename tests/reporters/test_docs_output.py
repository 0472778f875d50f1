"""The examples of docs/output.md are what a run really shows, and its tables are complete."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.formats.board import Board
from gatekeeper.formats.board_lines import board_lines
from gatekeeper.formats.report_json import report_document
from gatekeeper.formats.report_text import report_lines
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.change import Change
from gatekeeper.model.report import Exit
from gatekeeper.model.verdict import Status
from gatekeeper.reporters.plain import PlainReporter
from gatekeeper.schemas import read_schema
from tests.reporters.sample import CHANGE, JOBS, OUTCOMES, REPORT, REVIEW, STARTED, events

PAGE = (Path(__file__).parents[2] / "docs" / "output.md").read_text(encoding="utf-8")


def board():
    lanes = Board(STARTED.gates)
    for at, event in events():
        if at <= 3.5:
            lanes.take(event, at)
    return "\n".join("".join(text for text, _ in line) for line in board_lines(STARTED, lanes, 3.5, TextStyle(80)))


def plain():
    now, stream = [0.0], io.StringIO()
    reporter = PlainReporter(stream, ReporterOptions(width=96), lambda: now[0])
    for at, event in events()[:-1]:
        now[0] = at
        reporter.on_event(event)
    return stream.getvalue()


def final():
    return "\n".join(report_lines(REPORT, ReporterOptions(), TextStyle(96)))


def document():
    verdict = replace(REVIEW, findings=tuple(f for f in REVIEW.findings if f.blocks))
    change = Change(CHANGE.base_tree, CHANGE.head_tree, CHANGE.files[:1])
    report = replace(REPORT, verdicts=(verdict,), change=change, jobs=JOBS[:1], outcomes=OUTCOMES[:1])
    return json.dumps(report_document(report), indent=2)


@pytest.mark.parametrize("example", [board, plain, final, document])
def test_example(example):
    shown = re.search(rf"<!-- example: {example.__name__} -->\n+```\w*\n(.*?)\n```\n", PAGE, re.DOTALL)
    assert shown, f"docs/output.md has no example {example.__name__}"
    assert shown[1] == example().rstrip("\n")


def test_every_field_is_named():
    schema = read_schema("report")
    records = [schema, *schema["$defs"].values()]
    names = {name for record in records for name in record["properties"]}
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_every_word_is_explained():
    for code in Exit:
        assert f"| {int(code)} | `{code.name.lower()}` |" in PAGE
    for status in Status:
        assert f"| `{status}` |" in PAGE
