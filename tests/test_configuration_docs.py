"""docs/configuration.md describes every key as the schema has it, and its examples are valid."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatekeeper.edges.config import read_policy
from gatekeeper.formats.config_errors import expected
from gatekeeper.formats.config_schema import schema_at

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"
SECTIONS = {"Project": (), "review": ("gates", "review"), "coverage": ("gates", "coverage")} | {
    "tests": ("gates", "tests"),
    "docs": ("gates", "docs"),
    "pre-commit": ("gates", "pre-commit"),
    "Command gates": ("gates", "any-command"),
}


def keys(place):
    for key in schema_at(place)["properties"]:
        if (*place, key) == ("gates",):
            continue
        yield (*place, key)
        if key in ("criteria", "openapi"):
            yield from keys((*place, key))


def row(place, start):
    """The row of a key in the table of its section."""
    node = schema_at(place)
    name = ".".join(place[start:])
    kind = expected(node).replace("`", "")
    default = "" if node.get("default") is None else f"`{json.dumps(node['default'], ensure_ascii=False)}`"
    example = f"`{json.dumps(node['examples'][0], ensure_ascii=False)}`" if node.get("examples") else ""
    cells = [f"`{name}`", kind, default, node["description"], example]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rows():
    return [(title, row(key, len(place))) for title, place in SECTIONS.items() for key in keys(place)]


@pytest.mark.parametrize(("title", "line"), rows())
def test_every_key_has_its_row(title, line):
    section = DOCUMENT.read_text(encoding="utf-8").split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    assert line in section.splitlines()


def test_no_row_describes_what_is_not_there():
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    lines = [line for line in lines if not line.startswith("| `gatekeeper ")]
    assert lines == [line for _, line in rows()]


@pytest.mark.parametrize("kind", ["yaml", "toml"])
def test_the_examples_are_valid(kind):
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)
    assert blocks
    name = ".gatekeeper.yml" if kind == "yaml" else "pyproject.toml"
    for block in blocks:
        read_policy({name: block.encode()}.get, [name], source="the docs", flags={}, environment={})
