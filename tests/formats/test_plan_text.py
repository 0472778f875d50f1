"""A plan on a terminal: its figures are the ones of the record, and no text can leave its place."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.plan_lanes import lane_lines
from gatekeeper.formats.plan_text import plan_text
from gatekeeper.formats.plan_words import planned, reasons
from gatekeeper.formats.terminal_text import cells, without_ansi
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.plan import Dependency, Placement
from tests.formats.plan_sample import PLAN, SCHEDULE, STREAMS
from tests.strategies import change_plans

STYLE = TextStyle(100)


def lines_of(plan, style=STYLE):
    text = plan_text(plan, style)
    assert text.endswith("\n")
    return text[:-1].split("\n")


def test_the_reference_example():
    text = plan_text(PLAN, STYLE)
    assert "speed-up       2.43x of a possible 2.43x" in text
    assert "width       1 for code, 4 with quality" in text
    assert "makespan       7 min                      exact: no shorter one exists" in text
    assert "work           17 min " in text
    assert "parallel rate  82 % " in text
    assert "branch prefix: feature/pagination (feature)" in text
    assert "agent     api-documenter: the public API changes: shop.users.page" in text
    assert "needs     w1, w2, w3, w4 (order of the template: validation judges what all the others made)" in text
    assert re.search(r"├─ 2  w2  Review of the users API +0 \+ 3 min\n", text)
    assert re.search(r"└─ 5  w5  Validation of the whole \(judge\) +5 min \+ 2 min\n", text)
    assert "estimate  median of 9 runs" in text
    assert "only a hint: w4 (co-change: changed together in 4 of 5 commits)" in text
    assert "criteria  [x] score ≥ 7 (met: 9.50)\n" in text
    assert "[ ] no critical or high issue\n" in text
    assert "[!] all tests pass (not met: 1 failed)\n" in text
    assert "criteria  all gates pass\n" in text
    assert "fix loop    what a gate blocks is mended and judged again at most 3 times; then a person decides" in text


def test_a_list_schedule_says_so():
    text = plan_text(replace(PLAN, schedule=replace(SCHEDULE, exact=False)), STYLE)
    assert "list schedule: the longest chain goes first" in text
    assert "exact: no shorter" not in text


def test_the_bars_are_as_long_as_the_work():
    lines = lane_lines(PLAN, TextStyle(2 * 2 + 1 + 84))
    bars = [line[5:] for line in lines[1:]]
    assert [len(re.match(r"(w\d [━]+)", bar)[1]) + 1 for bar in bars] == [60, 48, 36, 36]
    assert bars[0].index("w5") == 60
    assert len(bars[0]) == 83  # the last column stays free
    axis = lines[0][5:]
    assert (axis.index("1 min"), axis.index("5 min")) == (12, 60)


def test_short_work_is_seen_too():
    placements = (Placement("w1", 0, 0, 1), Placement("w2", 0, 1, 1), Placement("w3", 0, 1, 10_000))
    plan = replace(PLAN, schedule=replace(SCHEDULE, placements=placements))
    row = lane_lines(plan, STYLE)[1][5:]
    assert row.startswith("━━w3 ━━")


def test_a_bar_without_room_for_its_name_has_its_number():
    stream = replace(STREAMS[0], id="a-name-that-is-longer-than-its-bar")
    placements = (Placement(stream.id, 0, 0, 10), Placement("w2", 0, 10, 100))
    plan = replace(PLAN, workstreams=(stream, STREAMS[1]), schedule=replace(SCHEDULE, placements=placements))
    assert lane_lines(plan, STYLE)[1][5:].startswith("1 ━━━━━━━ w2 ━━")


def test_needs_that_differ_by_name_alone_stand_together():
    needs = [Dependency(name, "artefact", f"it judges what {name} makes") for name in ("w1", "w2")]
    assert reasons([*needs, Dependency("w3", "import", "a:1 imports b")]) == [
        (("w1", "w2"), "artefact: it judges what each makes", False),
        (("w3",), "import: a:1 imports b", False),
    ]
    assert reasons(needs[:1]) == [(("w1",), "artefact: it judges what w1 makes", False)]


def test_lanes_without_work_are_counted():
    plan = replace(PLAN, schedule=replace(SCHEDULE, agents=6))
    assert lane_lines(plan, STYLE)[-1] == "  2 agents of 6 without work"


def test_many_lanes_are_cut():
    placements = tuple(Placement("w1", lane, 0, 9) for lane in range(40))
    lines = lane_lines(replace(PLAN, schedule=replace(SCHEDULE, placements=placements)), STYLE)
    assert lines[-1] == "  8 more lanes"


def test_a_long_scope_is_counted():
    stream = replace(STREAMS[0], scope=tuple(f"src/{n}.py" for n in range(5000)))
    text = plan_text(replace(PLAN, workstreams=(stream,)), STYLE)
    assert "and 4992 more paths" in text
    assert len(text) < 5000


def test_nothing_to_do():
    empty = replace(SCHEDULE, placements=(), work=0, makespan=0)
    text = plan_text(replace(PLAN, workstreams=(), schedule=empty), STYLE)
    assert "Nothing to do" in text
    assert "Lanes" not in text
    assert "Schedule" not in text


def test_signs_that_the_terminal_lacks():
    plain = TextStyle(80, ascii_only=True)
    assert plan_text(PLAN, plain).isascii()
    assert "`- 1  w1  Page parameters" in plan_text(PLAN, plain)


@pytest.mark.parametrize("width", [40, 57, 80, 120, 200])
def test_colours_change_nothing_else(width):
    assert without_ansi(plan_text(PLAN, TextStyle(width, colour=True))) == plan_text(PLAN, TextStyle(width))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0"), (0.04, "40 ms"), (2, "2 s"), (2.5, "2.5 s"), (9.96, "10 s"), (59.4, "59 s"), (59.5, "1 min"),
     (65, "1 min 05 s"), (300, "5 min"), (3600, "1 h"), (5400, "1 h 30 min")],
)  # fmt: skip
def test_estimates_have_few_digits(seconds, words):
    assert planned(seconds) == words


@settings(max_examples=60, deadline=None)
@given(change_plans(), st.integers(1, 210), st.booleans())
def test_any_plan_keeps_to_its_width(plan, width, ascii_only):
    style = TextStyle(width, ascii_only=ascii_only)
    for line in lines_of(plan, style):
        assert cells(line) <= max(width, 40), line
        assert line.isprintable(), line
    assert plan_text(plan, style) == plan_text(plan, style)
