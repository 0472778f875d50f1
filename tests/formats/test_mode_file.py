"""Mode and rule files: what they say, and every mistake at once with its line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.mode_file import read_mode
from gatekeeper.formats.rule_file import read_rule
from gatekeeper.model.mode import Mode, Priority
from gatekeeper.model.override import OVERRIDES
from gatekeeper.model.plan import Pillar
from gatekeeper.model.rules import Level
from gatekeeper.model.trigger import Trigger

PATH = ".gatekeeper/modes/x.md"


def problems(text, read=read_mode):
    return [str(problem) for problem in read(text.encode(), PATH).problems]


def test_a_whole_mode():
    text = (
        "---\nname: Strict\ncategory: quality\npriority: low\nconflicts: [A]\ndependencies: [x-rules, B]\ngroup: g\n"
        "overrides: {quality_score_min: 8.5, test_coverage_min: 90, block: medium, max_fix_iterations: 2}\n"
        "tags: [t]\nauto_activate_triggers: [bug_fix]\n---\nWhy.\n"
    )
    reading = read_mode(text.encode(), PATH)
    assert reading.record == Mode(
        "Strict", "quality", Priority.LOW, ("A",), ("x-rules", "B"), "g",
        {"quality_score_min": 8.5, "test_coverage_min": 90, "block": "medium", "max_fix_iterations": 2},
        ("t",), ("bug_fix",), "Why.", PATH,
    )  # fmt: skip
    assert (reading.problems, reading.notes) == ((), ())


def test_a_name_is_enough():
    assert read_mode(b"---\nname: a\n---\n", PATH).record == Mode("a", source=PATH)


def test_all_mistakes_are_told_at_once():
    text = """---
name: 3 words
priorty: high
priority: hihg
conflicts: Serial
dependencies: [1, x]
group: [g]
overrides:
  quality_score_min: 11
  test_coverage_min: "≥85%"
  test_coverage: 85
  max_fix_iterations: 2.5
  block: hgh
  coverage_drop: true
tags: {a: b}
auto_activate_triggers:
  - bug_fix
  - bugfix
  - moon
---
"""
    words = "`low`, `medium`, `high`"
    known = "`multi_file_operations`, `code_generation`, `feature_request`, `bug_fix`"
    assert sorted(problems(text), key=lambda line: int(line.split(":")[1])) == [
        f"{PATH}:2: `name` must be a name of at most 80 letters, digits, `-` and `_` that begins with a letter, "
        'not the text "3 words"',
        f"{PATH}:3: unknown key `priorty`; did you mean `priority`?",
        f'{PATH}:4: `priority` must be one of {words}, not the text "hihg"; did you mean `high`?',
        f'{PATH}:5: `conflicts` must be a list of texts, not the text "Serial"; put it in brackets: [Serial]',
        f"{PATH}:6: `dependencies[0]` must be a text, not 1",
        f"{PATH}:7: `group` must be a text on one line, not a list",
        f"{PATH}:9: `overrides.quality_score_min` must be a number from 0 to 10, not 11",
        f'{PATH}:10: `overrides.test_coverage_min` must be a number from 0 to 100, not the text "≥85%"; write 85',
        f"{PATH}:11: unknown key `overrides.test_coverage`; did you mean `test_coverage_min`?",
        f"{PATH}:12: `overrides.max_fix_iterations` must be a whole number from 1 to 100, not 2.5",
        f"{PATH}:13: `overrides.block` must be one of `critical`, `high`, `medium`, `low`, not the text "
        '"hgh"; did you mean `high`?',
        f"{PATH}:14: `overrides.coverage_drop` must be one of `allow`, `forbid`, not true",
        f"{PATH}:15: `tags` must be a list of texts, not a mapping",
        f"{PATH}:18: there is no trigger `bugfix`; did you mean `bug_fix`? Known are {known}",
        f"{PATH}:19: there is no trigger `moon`; known are {known}",
    ]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("group: g", ":2: `name` is missing"),
        ("name:", ":2: `name` is missing"),
        ("name: a\nconflicts: [a]", ":3: a mode cannot conflict with itself"),
        ("name: a\ndependencies: [a]", ":3: a mode cannot depend on itself"),
        ("name: a\nconflicts: [b]\ndependencies: [b]", ":3: `b` stands under `conflicts` and under `dependencies`"),
        ("name: a\noverrides: 7", ":3: `overrides` must be a mapping of keys to values, not 7"),
        ("name: a\noverrides: {quality_score_min: .nan}", ":3: `overrides.quality_score_min` must be a number"),
        ("name: a\noverrides: {quality_score_min: true}", ":3: `overrides.quality_score_min` must be a number"),
        ("name: a\nname: b", ":3: the key `name` stands here a second time"),
        ('name: "a\\nb"', ":2: `name` must be a name"),
        ('name: a\ngroup: "\\ud800"', ":3: `group` must be a text on one line"),
        ("name: a\n? [k]\n: 1", ":3: a key must be a text"),
    ],
)  # fmt: skip
def test_single_mistakes(head, message):
    found = problems(f"---\n{head}\n---\n")
    assert len(found) == 1
    assert found[0].startswith(PATH + message)


def test_an_unreadable_file_is_one_problem():
    assert problems("# Title\n") == [f"{PATH}:1: there is no front matter: the first line must be `---`"]
    assert problems("# Title\n", read_rule) == [f"{PATH}:1: there is no front matter: the first line must be `---`"]


def test_a_mended_file_is_noted_with_its_path():
    reading = read_mode("---\nname: a\n---\n‚â•85%\n".encode(), PATH)
    assert reading.record.body == "≥85%"
    assert reading.notes[0].startswith(f"{PATH}: its UTF-8 was once read as Mac Roman")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ("name", "priority", "conflicts", "group", "overrides", "auto_activate_triggers", "delegation", "pillars")
)


@settings(deadline=None)
@given(
    st.dictionaries(KEYS | st.text(max_size=5), VALUES, max_size=5)
    | st.dictionaries(st.just("overrides"), st.dictionaries(st.sampled_from(list(OVERRIDES)), VALUES)),
    st.sampled_from([read_mode, read_rule]),
)
def test_any_data_is_a_record_or_problems(data, read):
    reading = read(f"---\n{yaml.safe_dump(data)}---\n".encode(), PATH)
    assert (reading.record is None) == bool(reading.problems)
    for problem in reading.problems:
        assert str(problem).startswith(PATH + ":")
        assert str(problem).isprintable()


@given(
    st.builds(
        Mode,
        st.from_regex("[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True),
        priority=st.sampled_from(Priority),
        triggers=st.lists(st.sampled_from([trigger.value for trigger in Trigger]), unique=True).map(tuple),
        overrides=st.dictionaries(st.just("test_coverage_min"), st.integers(0, 100) | st.floats(0, 100)),
    )
)
def test_what_is_written_is_read(mode):
    head = {
        "name": mode.name,
        "priority": mode.priority.value,
        "overrides": dict(mode.overrides),
        "auto_activate_triggers": list(mode.triggers),
    }
    record = read_mode(f"---\n{yaml.safe_dump(head)}---\n".encode(), PATH, "built in").record
    assert record == mode


def test_a_rule_file():
    text = (
        "---\nname: r\ndelegation: {one_agent: 2, full_delegation: 9}\nutilisation_min: 80\npillars: [docs]\n---\nWhy."
    )
    rule = read_rule(text.encode(), PATH).record
    assert rule.facts == {
        "delegation": ((Level.ONE_AGENT, 2), (Level.FULL_DELEGATION, 9)),
        "utilisation_min": 80,
        "pillars": (Pillar.DOCS,),
    }
    assert (rule.name, rule.body, rule.source) == ("r", "Why.", PATH)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("max_fix_iteration: 3", ":3: unknown key `max_fix_iteration`; did you mean `max_fix_iterations`?"),
        ("max_fix_iterations: 0", ":3: `max_fix_iterations` must be a whole number from 1 to 100, not 0"),
        ("delegation: {one_agent: 3, two_agents: 5}", ":3: unknown key `delegation.two_agents`; did you mean"),
        ("delegation:\n  direct: 3\n  one_agent: 3", ":5: `one_agent` must begin at more files than `direct`"),
        ("pillars: [primary]", ":3: there is no pillar `primary`"),
    ],
)
def test_mistakes_of_a_rule_file(head, message):
    found = problems(f"---\nname: r\n{head}\n---\n", read_rule)
    assert len(found) == 1
    assert found[0].startswith(PATH + message)


def test_a_rule_file_without_facts_is_noted():
    reading = read_rule(b"---\nname: r\n---\nBe nice.\n", PATH)
    assert reading.record is not None
    assert reading.notes == (f"{PATH}: it holds no fact, so it is there for people only: nothing enforces its text",)
