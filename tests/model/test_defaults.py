"""The defaults as data are those of the published schema."""

from __future__ import annotations

import pytest

from gatekeeper.formats.config_schema import complaints, schema_at
from gatekeeper.model.defaults import COMMAND, GATES, OPTIONAL_GATES, PROJECT, REPOSITORY


def plain(value):
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if hasattr(value, "items") else value


def defaults_in_schema(place):
    """The defaults that the schema has at a place; a key without one has those of its own keys."""
    found = {}
    for key in schema_at(place)["properties"]:
        node = schema_at((*place, key))
        if "default" in node:
            found[key] = node["default"]
        elif "properties" in node:
            found[key] = defaults_in_schema((*place, key))
    return {key: value for key, value in found.items() if value not in (None, {}) or key == "env"}


@pytest.mark.parametrize("name", [*GATES, *OPTIONAL_GATES, "any-command"])
def test_a_gate_has_the_defaults_of_the_schema(name):
    mine = {key: plain(value) for key, value in {**OPTIONAL_GATES, **GATES}.get(name, COMMAND).items()}
    assert mine == defaults_in_schema(("gates", name))


def test_a_project_has_the_defaults_of_the_schema():
    mine = {key: plain(value) for key, value in {**PROJECT, **REPOSITORY}.items()}
    theirs = defaults_in_schema(())
    theirs.pop("gates")
    assert mine == theirs


def test_defaults_and_examples_fit_the_schema():
    assert complaints({key: plain(value) for key, value in {**PROJECT, **REPOSITORY}.items()}) == []
    for name, options in {**GATES, **OPTIONAL_GATES, "own": COMMAND}.items():
        assert complaints({"gates": {name: {key: plain(value) for key, value in options.items()}}}) == []


def test_nobody_can_change_them():
    with pytest.raises(TypeError):
        GATES["review"]["minimum"] = 0
