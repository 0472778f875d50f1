"""Outputs of a step, read as the runner of GitHub Actions reads them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from gatekeeper.formats.action_output import action_outputs, output_text
from gatekeeper.model.report import Exit
from tests.reporters.sample import COVERAGE, REPORT, REVIEW
from tests.strategies import reports, texts

DELIMITER = "gatekeeper-0123456789abcdef"


def read(text):
    """Like FileCommandManager.cs: `name<<delimiter`, lines up to one that is the delimiter."""
    values, lines = {}, iter(re.split(r"\r\n|\r|\n", text))
    for line in lines:
        if not line:
            continue
        name, sign, delimiter = line.partition("<<")
        assert sign, line
        body = []
        for inner in lines:
            if inner == delimiter:
                break
            body.append(inner)
        else:
            raise AssertionError("no end")
        values[name] = "\n".join(body)
    return values


def test_what_a_run_came_to():
    assert action_outputs(REPORT, "out/report.json") == {
        "verdict": "blocked",
        "exit": "1",
        "score": "3.00",
        "coverage": "87.50",
        "failed-gates": '["review", "tests"]',
        "report": "out/report.json",
    }


def test_the_lowest_of_several_projects_and_never_rounded_up():
    verdicts = (replace(REVIEW, measured=6.999), replace(REVIEW, measured=9.0, project="a"), COVERAGE)
    outputs = action_outputs(replace(REPORT, verdicts=verdicts), "r")
    assert (outputs["score"], outputs["coverage"]) == ("6.99", "87.50")
    nothing = action_outputs(replace(REPORT, verdicts=(), exit=Exit.COULD_NOT_CHECK), "r")
    assert (nothing["score"], nothing["coverage"], nothing["failed-gates"]) == ("", "", "[]")
    assert nothing["verdict"] == "could_not_check"


@settings(max_examples=60, deadline=None)
@given(reports(), texts)
def test_no_value_breaks_out(report, path):
    outputs = action_outputs(report, path)
    values = read(output_text(outputs, DELIMITER))
    assert list(values) == list(outputs)
    assert json.loads(values["failed-gates"]) == json.loads(outputs["failed-gates"])
    assert values["verdict"] == outputs["verdict"]


def test_a_value_with_the_delimiter_is_refused():
    with pytest.raises(ValueError, match="holds the delimiter"):
        output_text({"report": f"x\n{DELIMITER}\nverdict=passed"}, DELIMITER)
    with pytest.raises(ValueError, match="16"):
        output_text({}, "EOF")
    assert read(output_text({"report": "a\nverdict<<EOF\npassed\nEOF"}, DELIMITER)) == {
        "report": "a\nverdict<<EOF\npassed\nEOF"
    }
