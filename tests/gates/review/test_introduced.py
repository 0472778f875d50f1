"""What counts as introduced, by the matching of messages."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.gates.review.introduced import introduced
from gatekeeper.model.reading import Diagnostic
from tests.gates.review.runs import changed

BASE = "a\nb\nc\nd\n"
SHIFTED = changed("a.py", "new\na\nb\nC\nd\n", BASE)


def at(line: int, rule: str = "r", text: str = "m", obj: str = "f") -> Diagnostic:
    return Diagnostic("a.py", line, rule, text, "W", obj=obj)


def test_the_same_rule_on_an_unchanged_line_was_there_before() -> None:
    assert introduced(SHIFTED, [at(2)], [at(1, text="other words")]) == ()
    assert introduced(SHIFTED, [at(2, "s")], [at(1)]) == (at(2, "s"),)


def test_a_replaced_line_keeps_its_message() -> None:
    assert introduced(SHIFTED, [at(4, obj="x")], [at(3, obj="y")]) == ()
    assert introduced(SHIFTED, [at(4, obj="x")], [at(2, obj="y")]) == (at(4, obj="x"),)


def test_the_same_definition_keeps_its_message_wherever_it_went() -> None:
    assert introduced(SHIFTED, [at(1)], [at(4)]) == ()


def test_a_limit_that_got_worse_was_crossed_before_and_a_fresh_crossing_is_new() -> None:
    worse, was = at(1, "too-many-branches", "branches (15/12)"), at(3, "too-many-branches", "branches (14/12)")
    assert introduced(SHIFTED, [worse], [was]) == ()
    assert introduced(SHIFTED, [worse], []) == (worse,)


def test_matching_is_one_to_one() -> None:
    assert introduced(SHIFTED, [at(2), at(1)], [at(1)]) == (at(1),)
    assert introduced(SHIFTED, [at(1), at(1)], [at(3)]) == (at(1),)


def test_a_new_file_has_no_past() -> None:
    file = changed("a.py", BASE)
    assert introduced(file, [at(1), at(2)], []) == (at(1), at(2))


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from("rs"), st.sampled_from("mn")), max_size=8))
def test_an_unchanged_file_introduces_nothing(rows: list[tuple[int, str, str]]) -> None:
    messages = [at(line, rule, text) for line, rule, text in rows]
    same = replace(SHIFTED, hunks=())
    assert introduced(same, messages, messages) == ()
