"""The JSON document keeps to its schema, whatever the report holds."""

from __future__ import annotations

import copy
import json
from base64 import b64decode
from dataclasses import replace

import jsonschema_rs
import pytest
from hypothesis import given, settings

from gatekeeper.formats.report_json import SCHEMA, report_document
from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.schemas import read_schema
from tests.reporters.sample import METRICS, REPORT, REVIEW
from tests.strategies import reports


def strict(schema):
    """The published schema, but with every field named: a new one must be described."""
    schema = copy.deepcopy(schema)

    def close(node):
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                node["additionalProperties"] = False
            for child in node.values():
                close(child)

    close(schema)
    return schema


PUBLISHED = read_schema("report")
VALIDATOR = jsonschema_rs.Draft202012Validator(strict(PUBLISHED))


def test_the_schema_is_one():
    jsonschema_rs.meta.validate(PUBLISHED)
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA


def test_the_top_level():
    document = report_document(REPORT)
    assert {"schema", "exit", "verdicts", "plan", "metrics"} <= set(document)
    assert (document["exit"], document["verdict"]) == (1, "blocked")
    assert [verdict["status"] for verdict in document["verdicts"]] == ["failed", "passed", "failed", "skipped"]
    assert document["verdicts"][0]["findings"][0]["rule"] == "S602"
    assert document["plan"]["jobs"][3]["needs"] == [
        {"job": "tests.pytest", "proof": "reads the coverage data that the tests write"}
    ]
    assert document["change"]["files"][0]["added"] == [[6, 14]]
    assert document["change"]["files"][0]["definitions"] == [
        {"name": "total", "kind": "function", "start": 6, "end": 10},
        {"name": "print_label", "kind": "function", "start": 13, "end": 14},
    ]
    VALIDATOR.validate(document)


def test_a_name_that_is_no_utf8_can_be_had_back():
    name = "caf\udce9/\udcff.py"
    change = Change("b", "h", (FileChange(name, ChangeKind.RENAMED, old_path="plain.py"),))
    verdict = replace(REVIEW, findings=(Finding("review", "r", "m", Severity.LOW, name),))
    document = report_document(replace(REPORT, change=change, verdicts=(verdict,)))
    for entry in (document["change"]["files"][0], document["verdicts"][0]["findings"][0]):
        assert entry["path"] == "caf\ufffd/\ufffd.py"
        assert b64decode(entry["path_bytes"]) == b"caf\xe9/\xff.py"
    assert "old_path_bytes" not in document["change"]["files"][0]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_null(number):
    document = report_document(replace(REPORT, metrics=replace(METRICS, possible=number)))
    assert document["metrics"]["possible"] is None
    VALIDATOR.validate(document)


@settings(max_examples=100, deadline=None)
@given(reports())
def test_any_report_keeps_to_the_schema(report):
    text = json.dumps(report_document(report), allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    VALIDATOR.validate(json.loads(text))
