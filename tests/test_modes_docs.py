"""docs/modes.md names every key, trigger and fact, and its example is a valid mode."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatekeeper.formats.mode_file import read_mode
from gatekeeper.formats.rule_file import FACTS
from gatekeeper.model.override import OVERRIDES
from gatekeeper.model.trigger import Trigger

TEXT = (Path(__file__).parents[1] / "docs" / "modes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*OVERRIDES, *Trigger, *FACTS])
def test_every_name_has_its_row(name):
    assert re.search(rf"^\| `{name}` \|", TEXT, re.MULTILINE)


@pytest.mark.parametrize("override", OVERRIDES.values(), ids=lambda override: override.key)
def test_every_override_names_its_setting(override):
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{override.key}` |"))
    assert not override.gate or f"`{override.place}`" in row


def test_the_example_is_valid():
    (example,) = re.findall(r"```markdown\n(.*?)```", TEXT, re.DOTALL)
    reading = read_mode(example.encode(), "example")
    assert (reading.problems, reading.notes) == ((), ())
