"""The published schema is sound: every key is described, has a default, and has examples that fit."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from gatekeeper.formats.config_schema import complaints, schema_at
from gatekeeper.model.defaults import GATES, OPTIONAL_GATES
from gatekeeper.schemas import read_schema, schema_text


def keys(place=()):
    for key in schema_at(place).get("properties", {}):
        yield (*place, key)
        if key != "reads":
            yield from keys((*place, key))


ALL = [*keys(), *keys(("gates", "any-command"))]


def test_it_is_a_schema_of_2020_12():
    schema = read_schema("config")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)
    assert json.loads(schema_text("config")) == schema


@pytest.mark.parametrize("place", ALL, ids=".".join)
def test_every_key_is_described(place):
    node = schema_at(place)
    assert node["description"].endswith(".")
    if "properties" not in node or place[-1] == "reads":
        assert "default" in node
        assert node["examples"]


@pytest.mark.parametrize("place", ALL, ids=".".join)
def test_defaults_and_examples_fit(place):
    node = schema_at(place)
    for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]:
        data = value
        for key in reversed(place):
            data = {key: data}
        assert complaints(data) == []


def test_the_built_in_gates_are_those_of_the_defaults():
    assert set(schema_at(("gates",))["properties"]) == {*GATES, *OPTIONAL_GATES}
