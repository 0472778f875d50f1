"""What credentials look like: no pattern is left untried that could match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.credentials import _PATTERNS, credential_patterns, without_credentials

RULES = {rule: pattern for rule, _, _, pattern in _PATTERNS}


@pytest.mark.parametrize("rule", RULES)
@given(data=st.data(), before=st.text(max_size=5), after=st.text(max_size=5))
def test_a_pattern_that_matches_is_never_left_out(rule: str, data: st.DataObject, before: str, after: str) -> None:
    text = before + data.draw(st.from_regex(RULES[rule])) + after
    tried = {rule for rule, _, _ in credential_patterns(text)}
    assert {rule for rule, pattern in RULES.items() if re.search(pattern, text)} <= tried


@given(
    st.lists(st.sampled_from([mark.swapcase() for _, _, marks, _ in _PATTERNS for mark in marks] + ["a@b:c/d", "…"]))
)
def test_what_is_shown_is_what_all_patterns_together_leave(parts: list[str]) -> None:
    text = "".join(parts)
    plain = text
    for pattern in RULES.values():
        plain = re.sub(pattern, lambda match: f"{match[0][:4]}…", plain)
    assert without_credentials(text) == plain


def test_most_texts_are_searched_for_nothing() -> None:
    assert credential_patterns("def run(options):\n    return judge(options)\n") == ()


def test_letters_that_python_takes_for_another_case_are_seen() -> None:
    assert [rule for rule, _, _ in credential_patterns("aw\N{LATIN SMALL LETTER LONG S}_secret_key")] == ["aws-secret"]
