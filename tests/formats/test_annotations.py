"""Annotations hold what was found and nothing that a text adds, read as the runner of GitHub Actions reads them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from gatekeeper.formats.annotations import Annotation, annotation_lines, command, resume_commands, stop_commands
from gatekeeper.formats.terminal_text import without_surrogates
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.verdict import Status
from tests.formats.workflow_commands import commands
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import reports, texts


def read(report, **options):
    return commands("\n".join(annotation_lines(report, **options)))


def test_the_annotations_of_a_run():
    assert annotation_lines(REPORT) == [
        "::error file=src/shop/orders.py,line=14,col=5,title=review%3A S602::`subprocess` call with `shell=True`"
        " identified, security issue",
        "::error file=tests/test_orders.py,line=5,title=tests%3A test-failed::test_total: assert 119.99 == 120%0A"
        "    def test_total(order):%0A>       assert total(order, 0.2) == 120%0AE       assert 119.99 == 120%0A"
        "E        +  where 119.99 = total(Order(lines=3), 0.2)",
        "::notice file=src/shop/orders.py,line=13,col=1,title=review%3A missing-function-docstring::"
        "Missing function or method docstring",
        "::notice file=src/shop/orders.py,line=14,title=coverage%3A not-covered::line 14 is run by no test",
    ]


def test_what_has_no_finding_is_said_too():
    error = replace(REVIEW, status=Status.ERROR, findings=(), summary="no test was run", hint="add one")
    failed = replace(REVIEW, findings=(), gate="coverage", summary="60 % in all")
    assert read(replace(REPORT, verdicts=(error, failed))) == [
        ("error", {"title": "review could not be checked"}, "no test was run\nadd one"),
        ("error", {"title": "coverage failed"}, "60 % in all\nMend the 1 finding of severity high or worse"),
    ]


def found(count, severity=Severity.LOW, blocks=False, path="src/a.py"):
    return tuple(
        Finding("review", "r", f"number {n}", severity, path, n + 1, blocks=blocks) for n in range(count)
    )  # fmt: skip


def test_ten_of_each_level_and_the_rest_is_counted():
    findings = found(30, Severity.HIGH, blocks=True) + found(10, Severity.MEDIUM) + found(11)
    shown = read(replace(REPORT, verdicts=(replace(REVIEW, findings=findings),)))
    levels = [name for name, _, _ in shown]
    assert [levels.count(level) for level in ("error", "warning", "notice")] == [10, 10, 10]
    assert [data for _, _, data in shown if data.startswith("+")] == [
        "+21 more; the job summary has all of them",
        "+2 more; the job summary has all of them",
    ]
    assert shown[9][2].startswith("+21")


def test_what_the_change_brought_comes_first_then_the_worst():
    change = Change("b", "h", (FileChange("src/z.py", ChangeKind.MODIFIED, hunks=(Hunk(1, 0, 5, 2),)),))
    findings = (
        Finding("review", "outside", "x", Severity.CRITICAL, "src/a.py", 5, blocks=True),
        Finding("review", "inside", "x", Severity.MEDIUM, "src/z.py", 6, blocks=True),
        Finding("review", "worse", "x", Severity.HIGH, "src/z.py", 5, blocks=True),
    )
    report = replace(REPORT, change=change, verdicts=(replace(REVIEW, findings=findings),))
    titles = [properties["title"] for _, properties, _ in read(report)]
    assert titles == ["review: worse", "review: inside", "review: outside"]
    assert annotation_lines(report) == annotation_lines(report)


def test_an_advisory_gate_has_no_errors():
    verdict = replace(REVIEW, advisory=True, findings=found(1, Severity.HIGH, blocks=True))
    assert [name for name, _, _ in read(replace(REPORT, verdicts=(verdict,)))] == ["warning"]


@pytest.mark.parametrize("path", ["a,b:c%0A.py", "a\nb.py", "x,line=1::y.py", "%25", "::error::", "é.py", " ", " a "])
def test_a_path_comes_back(path):
    assert commands(command(Annotation("error", "t", "m", path, 3))) == [
        ("error", {"file": path, "line": "3", "title": "t"}, "m")
    ]


@settings(max_examples=200, deadline=None)
@given(texts, texts, texts)
def test_no_text_breaks_out(path, title, message):
    line = command(Annotation("warning", title, message, path, 1))
    assert len(line.splitlines()) == 1
    ((name, properties, data),) = commands(line)
    assert name == "warning"
    assert set(properties) <= {"file", "line", "title"}
    if path and without_surrogates(path).isprintable():
        assert properties["file"] == without_surrogates(path)
    assert len(data) <= len(message)


@settings(max_examples=60, deadline=None)
@given(reports())
def test_any_report_gives_commands_only(report):
    lines = annotation_lines(report)
    assert len(commands("\n".join(lines))) == len(lines) <= 30
    for line in lines:
        line.encode("utf-8")
        assert re.match(r"::(error|warning|notice) ", line)


def test_a_token_that_can_be_guessed_is_refused():
    for token in ("", "short", "with space and more", "x" * 15):
        with pytest.raises(ValueError, match="token"):
            stop_commands(token)
    token = "0123456789abcdef"
    log = f"{stop_commands(token)}\n::error::x\n  ::set-output name=a::b\n##[error]y\n::other::\n{resume_commands(token)}\n"
    assert commands(log) == []
    assert commands(log + "::error::z") == [("error", {}, "z")]
