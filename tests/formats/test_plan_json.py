"""The JSON forms of a plan keep to their schema and to one line, whatever the plan holds."""

from __future__ import annotations

import copy
import json
import re
from base64 import b64decode
from dataclasses import replace

import jsonschema_rs
from hypothesis import given, settings

from gatekeeper.formats.plan_json import SCHEMA, plan_document, plan_json, plan_matrix
from gatekeeper.schemas import read_schema
from tests.formats.plan_sample import PLAN, STREAMS
from tests.strategies import change_plans


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


PUBLISHED = read_schema("plan")
VALIDATOR = jsonschema_rs.Draft202012Validator(strict(PUBLISHED))


def test_the_schema_is_one():
    jsonschema_rs.meta.validate(PUBLISHED)
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA


def test_the_document():
    document = plan_document(PLAN)
    VALIDATOR.validate(document)
    assert (document["kind"], document["width"]) == ("feature", {"code": 1, "with_quality": 4})
    assert document["workstreams"][3]["agent"]["name"] == "api-documenter"
    assert document["workstreams"][4]["needs"][0] == {
        "on": "w1", "basis": "order of the template", "proof": "validation judges what all the others made",
        "hint": False,
    }  # fmt: skip
    assert round(document["schedule"]["speed_up"], 2) == 2.43
    assert document["units"][1]["needs"][0]["proof"] == "src/shop/pages.py:3 imports shop.users"


def test_a_name_that_is_no_utf8_can_be_had_back():
    stream = replace(STREAMS[0], scope=("plain.py", "caf\udce9.py"))
    entry = plan_document(replace(PLAN, workstreams=(stream,)))["workstreams"][0]
    assert entry["scope"] == ["plain.py", "caf\ufffd.py"]
    assert [b64decode(name) for name in entry["scope_bytes"]] == [b"plain.py", b"caf\xe9.py"]
    assert "scope_bytes" not in plan_document(PLAN)["workstreams"][0]


def test_the_matrix():
    matrix = json.loads(plan_matrix(PLAN))
    assert list(matrix) == ["include"]
    assert matrix["include"][1] == {
        "id": "w2", "name": "Review of the users API", "agent": "code-reviewer",
        "scope": ["src/shop/users.py", "src/shop/pages.py"], "needs": [],
    }  # fmt: skip
    assert matrix["include"][4]["needs"] == ["w1", "w2", "w3", "w4"]


@settings(max_examples=50, deadline=None)
@given(change_plans())
def test_any_plan_keeps_to_the_schema(plan):
    text = plan_json(plan)
    assert text.encode() == plan_json(plan).encode()
    VALIDATOR.validate(json.loads(text))


@settings(max_examples=50, deadline=None)
@given(change_plans())
def test_any_matrix_is_one_line(plan):
    line = plan_matrix(plan)
    assert line.isascii()
    assert line.isprintable()
    entries = json.loads(line)["include"]
    assert len(entries) == len(plan.workstreams)
    for entry in entries:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*", entry["id"])
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*", entry["name"])
