"""docs/policy.md names every setting and every kind of policy change, and its example of an override is one."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from gatekeeper.formats.override_file import read_overrides
from gatekeeper.model.direction import OF_GATES, OF_PROJECTS
from gatekeeper.model.gate_override import OverrideState
from gatekeeper.model.policy_change import Relaxed

DOCUMENT = (Path(__file__).parents[1] / "docs" / "policy.md").read_text(encoding="utf-8")
TABLE = DOCUMENT.split("## What of an edit holds at once\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("key", sorted({*OF_GATES, *OF_PROJECTS} - {"projects"}))
def test_every_setting_is_named(key):
    assert f"`{key}`" in TABLE


@pytest.mark.parametrize("kind", list(Relaxed))
def test_every_kind_is_named(kind):
    assert f"`{kind}`" in DOCUMENT.split("## Policy changes\n", 1)[1]


def test_the_example_is_an_override():
    (text,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    (record,) = read_overrides(text.encode(), date(2026, 12, 1))
    assert record.state is OverrideState.UNUSED
