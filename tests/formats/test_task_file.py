"""A task file is read, or refused with all that is wrong with it at once, each mistake with its line."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.formats.globs import matches
from gatekeeper.formats.task_file import Goal, read_seconds, read_task_file, tied

GOOD = """\
title: Add pagination to the users API
kind: feature
goals:
  - id: api
    goal: Page parameters on GET /users
    lane: ["src/api/**"]
    needs: []
    estimate: 20m
  - id: docs
    goal: Tell users of them
    lane: ["docs/**", README.md]
    needs: [api]
"""


def mistakes(text):
    task, problems = read_task_file(text if isinstance(text, bytes) else text.encode(), "plan.yml")
    assert (task is None) == bool(problems)
    return [str(problem) for problem in problems]


def goals(*lines):
    return "title: T\ngoals:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def test_a_good_file():
    task, problems = read_task_file(GOOD.encode(), "plan.yml")
    assert problems == ()
    assert (task.title, task.kind, task.source) == ("Add pagination to the users API", "feature", "plan.yml")
    assert task.goals == (
        Goal("api", "Page parameters on GET /users", ("src/api/**",), (), 1200, 4),
        Goal("docs", "Tell users of them", ("docs/**", "README.md"), ("api",), None, 9),
    )


def test_all_mistakes_at_once():
    text = """\
titel: Add pagination
kind: featur
goals:
  - id: api
    goal: Page
    lane: src/api/**
    need: []
    estimate: soon
  - id: 7up
    lane: []
  - just a text
"""
    assert mistakes(text) == [
        "plan.yml:1: unknown key `titel`; did you mean `title`?",
        "plan.yml:1: `title` is missing",
        "plan.yml:2: `kind` must be one of `feature`, `bugfix`, `refactor`, `docs`, `tests`, `chore`, `performance`, "
        'not the text "featur"; did you mean `feature`?',
        'plan.yml:6: `goals[0].lane` must be a list of texts, not the text "src/api/**"; put it in brackets: '
        '["src/api/**"]',
        "plan.yml:7: unknown key `goals[0].need`; did you mean `needs`?",
        'plan.yml:8: `goals[0].estimate` must be a time such as 20m, 1h 30m or 90s, at most 30 days, not the text "soon"',
        'plan.yml:9: `goals[1].id` must be a letter, then letters, digits, `-` and `_`, at most 40, not the text "7up"',
        "plan.yml:9: `goals[1].goal` is missing",
        "plan.yml:10: `goals[1].lane` takes no path; give at least one pattern",
        "plan.yml:11: `goals[2]` must be a mapping with the keys `id`, `goal`, `lane`, `needs`, `estimate`",
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (goals("id: a, goal: x, lane: [a]", "id: a, goal: x, lane: [b]"),
         ["plan.yml:4: the id `a` stands here a second time; the first is on line 3"]),
        (goals("id: api, goal: x, lane: [a]", "id: b, goal: x, lane: [b], needs: [apy]"),
         ["plan.yml:4: `b` needs `apy`, which is no goal; did you mean `api`?"]),
        (goals("id: a, goal: x, lane: [a], needs: [c]", "id: b, goal: x, lane: [b], needs: [a]",
               "id: c, goal: x, lane: [c], needs: [b]"),
         ["plan.yml:3: the needs go in a circle: `a` needs `c` needs `b` needs `a`; remove one of them"]),
        (goals("id: a, goal: x, lane: [a], needs: [a]"),
         ["plan.yml:3: the needs go in a circle: `a` needs `a`; remove one of them"]),
        (goals("id: a, goal: x, lane: ['src/**']", "id: b, goal: x, lane: ['src/api/*.py']"),
         ["plan.yml:4: the lanes of `a` and `b` overlap: both take `src/api/.py`; a path belongs to one goal alone"]),
        (goals("id: a, goal: x, lane: [README.md]", "id: b, goal: x, lane: ['docs/**']"), []),
        ("title: T\ngoals: []\n", ["plan.yml:2: `goals` must be a list of at least one goal, not a list"]),
        ("title: T\n", ["plan.yml:1: `goals` must be a list of at least one goal, not nothing"]),
        ("- a\n", ["plan.yml:1: a task file is a mapping with the keys `title`, `kind`, `goals`, not a list"]),
        ("", ["plan.yml:1: a task file is a mapping with the keys `title`, `kind`, `goals`, not nothing"]),
        ("title: [\n", None),
        (b"title: \xff\n", ["plan.yml:1: byte 0xff is not UTF-8; save the file as UTF-8"]),
        (goals("id: a, goal: x, lane: ['/']"), ["plan.yml:3: `goals[0].lane[0]` must be a text, not the text \"/\""]),
        (goals(f"id: a, goal: x, lane: ['{'a' * 201}']"), ["plan.yml:3: `goals[0].lane[0]` is longer than 200"]),
        (goals(*[f"id: g{n}, goal: x, lane: [a{n}]" for n in range(101)]),
         ["plan.yml:2: `goals` has 101 goals; 100 is the most"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(text, wanted):
    found = mistakes(text)
    assert found == wanted if wanted is not None else found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20m", 1200), ("1h 30m", 5400), ("1h30m", 5400), ("90s", 90), ("2 h", 7200), ("5 min", 300), ("0m", None),
     ("", None), ("20", None), ("-5m", None), ("soon", None), ("9999h", None), ("1.5h", None)],
)  # fmt: skip
def test_times(text, seconds):
    assert read_seconds(text) == seconds


def test_a_lane_begins_at_the_root():
    lane = tied(["README.md", "./src", "!src/old/**", "**/*.txt"])
    assert [path for path in ("README.md", "docs/README.md", "src/a.py", "src/old/a.py", "x/y/a.txt")
            if matches(path, lane)] == ["README.md", "src/a.py", "x/y/a.txt"]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=40))
@example("goals: {a: 1}\ntitle: {}\n")
@example("title: &a [*a]\n")
def test_any_file_is_read_or_refused(text):
    for line in mistakes(text if isinstance(text, bytes) else text.encode("utf-8", "replace")):
        assert line.startswith("plan.yml")
        assert "\n" not in line
