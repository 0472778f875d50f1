"""Values in the places of a template: one pass, whatever the values hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.placeholders import check_placeholders, filled
from gatekeeper.model.errors import UsageError


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{a}", "1"),
        ("-x={a}{b}", "-x=12"),
        ("{{a}}", "{a}"),
        ('{{"k": "{a}"}}', '{"k": "1"}'),
        ("} {a} }", "} 1 }"),
        ("{{{a}}}", "{1}"),
    ],
)
def test_what_is_filled_in(template, text):
    assert filled(template, {"a": "1", "b": "2"}, "here") == text


@given(st.text())
def test_a_value_is_never_a_template(value):
    assert filled("<{a}>", {"a": value, "b": "no"}, "here") == f"<{value}>"


@given(st.text())
def test_doubled_braces_bring_every_text_through(text):
    assert filled(text.replace("{", "{{").replace("}", "}}"), {}, "here") == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{promt}", 'the text "{promt}" in `run[0]` has an unknown placeholder'),
        ("{print $1}", 'the text "{print $1}" in `run[0]` has an unknown placeholder'),
        ("{}", 'the text "{}" in `run[0]` has an unknown placeholder'),
        ("{a", 'the text "{a" in `run[0]` has an opening brace without an end'),
    ],
)
def test_what_cannot_be_filled_in(template, message):
    with pytest.raises(UsageError) as caught:
        check_placeholders(template, ("a", "b"), "`run[0]`")
    assert (caught.value.message, caught.value.hint) == (message, "known are `{a}`, `{b}`; write {{ for a brace")
