"""The answer of `inside/lint.py` as records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.pylint_messages import LintSide, read_lint_answer
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic

ROW = {
    "type": "error", "symbol": "undefined-variable", "messageId": "E0602", "message": "Undefined variable 'x'",
    "confidence": "UNDEFINED", "obj": "f", "line": 3, "column": 4, "endLine": 3, "file": 1,
}  # fmt: skip
ANSWER: dict[str, Any] = {
    "python": [3, 11, 7],
    "pylint": "4.1.4",
    "configuration": "",
    "formatter": True,
    "third_party": ["yaml", "nothing"],
    "unresolved": ["nothing"],
    "sides": {"head": {"messages": [ROW], "looked": [0, 1], "problem": "", "notes": ["n"]}},
}
FILES = {"head": ("a.py", "b\udcff.py")}


def test_a_whole_answer() -> None:
    answer = read_lint_answer(json.dumps(ANSWER), FILES)
    said = Diagnostic(
        "b\udcff.py", 3, "undefined-variable", "Undefined variable 'x'", "E", 4, 3, obj="f", confidence="UNDEFINED"
    )
    assert answer.sides == {"head": LintSide((said,), frozenset(FILES["head"]), "", ("n",))}
    assert (answer.python, answer.formatter, answer.unresolved) == ((3, 11, 7), True, ("nothing",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({**ANSWER, "sides": {}}),
        json.dumps({**ANSWER, "sides": {"head": {}}}),
        json.dumps(ANSWER).replace('"file": 1', '"file": 7'),
        json.dumps(ANSWER).replace('"error"', '"strange"'),
        json.dumps(ANSWER)[:-40],
    ],
)
def test_less_than_an_answer(text: str) -> None:
    with pytest.raises(UnreadableReport):
        read_lint_answer(text, FILES)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json(value: object) -> None:
    with pytest.raises(UnreadableReport):
        read_lint_answer(json.dumps(value), FILES)
