"""The end of an orchestration as text, Markdown and JSON."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.approval_json import approval_document, approval_json
from gatekeeper.formats.approval_markdown import approval_markdown
from gatekeeper.formats.approval_text import approval_text
from gatekeeper.formats.approval_words import finding_words, verdict_words
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.gate_log import Approval, LaneLog
from gatekeeper.model.orchestration import Ending, State
from gatekeeper.schemas import read_schema
from tests.formats.approval_sample import APPROVED, FOREIGN, HOSTILE, NEEDS_YOU
from tests.formats.markdown_page import assert_harmless

NOTHING = Approval("r", "", "", Ending.STOPPED, (), (), 0.5)
VALIDATOR = jsonschema_rs.validator_for(read_schema("orchestration"))


def test_what_is_approved() -> None:
    lines = approval_text(APPROVED, TextStyle(width=100)).splitlines()
    assert lines[1:3] == [APPROVED.title, "run 20261122-193012-ab12 on 1a2b3c4d5e6f"]
    assert "  → primary-1   landed   3 files +40 -2; codex, 1 min 50 s, 41k tokens, $0.31" in lines
    assert "      left outside its lane: notes.txt" in lines
    assert "  ✓ review  PASSED  9.40/10 of 8.50/10" in lines
    assert "      findings: 2 low; 5 in all judgements" in lines
    assert "  not examined: app/admin.py: docs" in lines
    assert lines[-2:] == [
        "Approved: every gate passes on the integrated tree.",
        "  git merge --ff-only gatekeeper/20261122-193012-ab12",
    ]


def test_what_needs_a_person() -> None:
    lines = approval_text(NEEDS_YOU, TextStyle(width=100)).splitlines()
    assert lines[-6:] == [
        "What remains",
        "  ✗ tests: test_page fails in tests/test_users.py:12",
        "  ✗ review: 8.10/10 of 8.50/10",
        "",
        "Needs you: 2 failures are left after 3 of 3 iterations.",
        "  gatekeeper orchestrate --resume 20261122-193012-ab12",
    ]


def test_where_the_work_is() -> None:
    text = approval_text(replace(APPROVED, applied=True, patch="work.patch"), TextStyle())
    assert "  commit, in your branch  aaaabbbbcccc\n" in text
    assert "  patch                   work.patch\n" in text
    assert "The work" not in approval_text(NOTHING, TextStyle())


@pytest.mark.parametrize(
    ("approval", "said"),
    [
        (APPROVED, "Approved: every gate passes on the integrated tree."),
        (replace(APPROVED, remaining=("a",)), "Needs you: 1 failure is left after 1 of 3 iterations."),
        (replace(NEEDS_YOU, iterations=0, remaining=()), "Needs you: it is not done."),
        (NOTHING, "Stopped: what was done is kept."),
        (replace(NOTHING, remaining=("a", "b")), "Stopped: what was done is kept, and 2 failures are left."),
    ],
)
def test_only_what_is_approved_is_called_so(approval: Approval, said: str) -> None:
    assert verdict_words(approval) == said
    assert approval_text(approval, TextStyle()).count("Approved") == said.count("Approved")
    assert approval_markdown(approval).startswith("**✓" if "Approved" in said else "**✗")


def test_findings_that_are_gone_are_still_told() -> None:
    assert finding_words(replace(APPROVED.pillars[1], found=3)) == "none; 3 in all judgements"
    assert finding_words(APPROVED.pillars[1]) == "none"


@pytest.mark.parametrize("width", [1, 20, 80, 200])
@pytest.mark.parametrize("approval", [APPROVED, NEEDS_YOU, FOREIGN, NOTHING])
def test_foreign_text_stays_on_its_line(approval: Approval, width: int) -> None:
    text = approval_text(approval, TextStyle(width=width))
    assert all(line.isprintable() for line in text.splitlines())
    assert text.endswith("\n")
    approval_text(approval, TextStyle(width=width, ascii_only=True)).replace("\u202e", "")


def test_colours_and_ascii() -> None:
    assert "\x1b[32mApproved" in approval_text(APPROVED, TextStyle(colour=True))
    assert approval_text(APPROVED, TextStyle(ascii_only=True)).isascii()


def test_markdown() -> None:
    page = approval_markdown(NEEDS_YOU)
    assert page.startswith("**✗ Needs you: 2 failures are left after 3 of 3 iterations.** Go on with <code>")
    assert "\n| ✓ | tests: passed | 414 passed" in page
    assert page.index("What remains") < page.index("Gate log") < page.index("Workstream")


@pytest.mark.parametrize("approval", [APPROVED, FOREIGN, NOTHING])
def test_markdown_holds_only_our_own_elements(approval: Approval) -> None:
    assert_harmless(approval_markdown(approval), "https://github.com")


@given(st.text(max_size=40))
def test_foreign_text_is_only_text_in_markdown(text: str) -> None:
    lane = replace(FOREIGN.lanes[0], id=text, title=text, agent=text, note=text)
    foreign = replace(FOREIGN, title=text, hint=text, lanes=(lane,), remaining=(text,), notes=(text,), branch=text)
    assert_harmless(approval_markdown(foreign), "https://github.com")


def test_markdown_that_is_too_long_counts_what_it_leaves_out() -> None:
    lanes = tuple(LaneLog(f"w{n}", "Work " * 9, "a", State.PASSED, 1, 1.0) for n in range(2000))
    page = approval_markdown(replace(NEEDS_YOU, lanes=lanes), 8000)
    assert len(page.encode()) <= 8000
    assert "more workstreams in the JSON form of this orchestration" in page
    assert "test&#95;page" in page


@pytest.mark.parametrize("approval", [APPROVED, NEEDS_YOU, FOREIGN, NOTHING])
def test_json_keeps_to_its_schema(approval: Approval) -> None:
    text = approval_json(approval)
    assert text.isascii()
    document = json.loads(text)
    VALIDATOR.validate(document)
    assert document["lanes"] == json.loads(json.dumps(approval_document(approval)["lanes"]))
    assert document["ending"] == approval.ending


def test_json_has_every_field_and_the_bytes_of_names() -> None:
    document = approval_document(FOREIGN)
    names = {"limit": "iteration_limit", "integration": "integration_seconds"}
    assert {names.get(field.name, field.name) for field in fields(Approval)} <= set(document)
    assert {field.name for field in fields(LaneLog)} == set(document["lanes"][0])
    assert "files_bytes" in document["pillars"][0]
    assert HOSTILE not in json.dumps(document, ensure_ascii=False)
    assert set(read_schema("orchestration")["properties"]) == set(document)
