"""docs/agents.md names every key, every placeholder and every template, and its examples are sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gatekeeper.agent_templates import template_names
from gatekeeper.edges.agent_environment import agent_environment
from gatekeeper.formats.agent_templates import CHECK_PLACEHOLDERS, described_agents
from gatekeeper.formats.config_schema import complaints, schema_at

DOCUMENT = (Path(__file__).parents[1] / "docs" / "agents.md").read_text(encoding="utf-8")
EXAMPLE, CHECK = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
ELSEWHERE = {"name", "pillar", "when", "paths", "reason"}  # in docs/plans.md


@pytest.mark.parametrize("key", sorted(schema_at(("agents", 0))["properties"].keys() - ELSEWHERE))
def test_every_key_is_described(key):
    assert f"\n| `{key}` | " in DOCUMENT


@pytest.mark.parametrize("key", ["driver", "progress"])
def test_every_word_of_a_key_is_named(key):
    (row,) = re.findall(rf"\n\| `{key}` \| (.*)", DOCUMENT)
    assert all(f"`{word}`" in row for word in schema_at(("agents", 0, key))["enum"])


@pytest.mark.parametrize("name", CHECK_PLACEHOLDERS)
def test_every_placeholder_is_described(name):
    assert f"\n| `{{{name}}}` | " in DOCUMENT


@pytest.mark.parametrize("name", template_names())
def test_every_template_is_named(name):
    assert f"`{name}`" in DOCUMENT


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TERM", "TMPDIR", "TZ"]
)
def test_what_an_agent_is_given_is_named(name, monkeypatch):
    monkeypatch.setenv(name, "/x")
    assert agent_environment((), {})[name] == "/x"
    assert f"`{name}`" in DOCUMENT


def test_the_examples_are_sound():
    data = yaml.safe_load(EXAMPLE + CHECK)
    assert complaints(data) == []
    described = described_agents(data["agents"])
    assert set(described) == {"coder", "house-agent"}
    assert described["house-agent"].check is not None
