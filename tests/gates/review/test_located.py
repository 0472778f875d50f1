"""What counts as introduced of messages that do not say in which definition they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats import python_source
from gatekeeper.gates.review.introduced import introduced
from gatekeeper.gates.review.located import introduced_unlocated, located
from gatekeeper.model.reading import Diagnostic
from tests.gates.review.runs import changed

BASE = "def f():\n    a()\n    b()\n\n\nclass C:\n    def g(self):\n        c()\n        d()\n\n    x = e()\n"
HEAD = "y = 1\n\n\ndef f():\n    A()\n    b()\n    c()\n\n\nclass C:\n    def h(self):\n        c()\n        D()\n"
FILE = changed("a.py", HEAD, BASE)


def at(line: int, rule: str = "r", text: str = "m") -> Diagnostic:
    return Diagnostic("a.py", line, rule, text, "warning")


messages = st.lists(st.builds(at, st.integers(0, 14), st.sampled_from("rs"), st.sampled_from("mn")), max_size=8)


@given(messages, messages)
def test_it_is_what_all_definitions_would_tell(head: list[Diagnostic], base: list[Diagnostic]) -> None:
    told = introduced(FILE, located(head, HEAD), located(base, BASE))
    found = introduced_unlocated(FILE, head, base)
    assert [(m.line, m.rule, m.message) for m in found] == [(m.line, m.rule, m.message) for m in told]


def test_a_message_that_moved_within_its_definition_was_there_before() -> None:
    assert introduced_unlocated(FILE, [at(5)], [at(3)]) == ()
    (fresh,) = introduced_unlocated(FILE, [at(5)], [at(8)])
    assert fresh.line == 5


@pytest.mark.parametrize(
    ("head", "base"),
    [([], [at(2)]), ([at(5)], []), ([at(6)], [at(3), at(9)]), ([at(5)], [at(2, "s"), at(9, "s")])],
)
def test_no_side_is_parsed_where_the_definitions_tell_nothing(
    head: list[Diagnostic], base: list[Diagnostic], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_source, "parse", None)
    unseen = changed("a.py", HEAD + "# another text\n", BASE + "# another text\n")
    introduced_unlocated(unseen, head, base)
