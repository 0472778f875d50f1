from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.workflow_log import defused
from tests.formats.workflow_commands import commands

PIECES = [
    "::",
    "##[",
    "error",
    "::error::x",
    "##[stop-commands]x",
    "]",
    " ",
    "\t",
    "\n",
    "\r",
    "\u2003",
    "\ufeff",
    "#",
    ":",
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gatekeeper: '##[error]x' names no commit\n", "gatekeeper: '##\\[error]x' names no commit\n"),
        ("a:\n::error::b\n", "a:\n\\::error::b\n"),
        ("a:\r  ::error::b", "a:\r  \\::error::b"),
        ("std::string and a list[0]\n", "std::string and a list[0]\n"),
    ],
)
def test_what_could_be_a_command_is_shown_and_nothing_else_changes(text, shown):
    assert defused(text) == shown


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_no_text_is_a_command(text):
    assert commands(defused(text)) == []
    assert re.sub(r"\\(?=::|\[)", "", defused(text)) == re.sub(r"\\(?=::|\[)", "", text)
