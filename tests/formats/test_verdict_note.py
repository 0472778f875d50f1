"""The line of a note: what comes back, what is passed over, and what tells one policy from another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.verdict_note import MOST_LINES, added, note_line, policy_digest, read_note
from gatekeeper.model.policy import GatePolicy, Policy, ProjectPolicy, Setting
from gatekeeper.model.record import GateRecord, RunRecord
from gatekeeper.model.verdict import Status

TREE = "b" * 40
RUN = RunRecord(
    1_700_000_000, "a" * 40, TREE, 1,
    (GateRecord("tests", Status.FAILED), GateRecord("docs (a b)", Status.SKIPPED, reason='sp\u00e4ter "heute"\n\udcff')),
    "staged", "c" * 40, "", "0123456789abcdef", version="0.1.0",
)  # fmt: skip


def test_a_run_comes_back_from_one_ascii_line() -> None:
    line = note_line(RUN)
    assert line.isascii() and "\n" not in line
    assert read_note(TREE, line) == (RUN,)


@pytest.mark.parametrize(
    "line",
    [
        "", "a note of somebody", "[]", "null", "{}", '{"schema": "gatekeeper.verdict/2"}', "[" * 100_000,
        note_line(RUN).replace("failed", "perfect"), note_line(RUN).replace("1700000000", "1e999"),
        note_line(RUN).replace('"exit":1', '"exit":null'), note_line(RUN)[:-5],
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_passed_over(line: str) -> None:
    assert read_note(TREE, f"{line}\n{note_line(RUN)}") == (RUN,)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert read_note(TREE, text) == () or "gatekeeper.verdict/1" in text


def test_a_run_that_says_the_same_is_not_written_again() -> None:
    text = added(TREE, "", RUN)
    assert text == note_line(RUN) + "\n"
    assert added(TREE, text, replace(RUN, when=RUN.when + 9, version="0.2.0")) is None
    later = replace(RUN, when=RUN.when + 9, exit=0)
    assert read_note(TREE, added(TREE, text, later) or "") == (RUN, later)


def test_the_same_trees_judged_as_another_range_are_written() -> None:
    again = replace(RUN, when=RUN.when + 9, head="c" * 40)
    assert read_note(TREE, added(TREE, note_line(RUN), again) or "") == (RUN, again)


def test_a_note_does_not_grow_until_nobody_can_read_it() -> None:
    text = added(TREE, "by Ada\n" + "x" * (2 << 20), RUN) or ""
    assert text == note_line(RUN) + "\n"


def test_lines_of_others_stay_and_the_oldest_of_ours_go() -> None:
    text = "reviewed by Ada\n"
    for number in range(MOST_LINES + 2):
        text = added(TREE, text, replace(RUN, when=number, policy=str(number))) or ""
    assert text.startswith("reviewed by Ada\n")
    assert [run.when for run in read_note(TREE, text)] == list(range(2, MOST_LINES + 2))


def policy(**settings: object) -> Policy:
    gate = GatePolicy("tests", {key: Setting(value, "x") for key, value in settings.items()})
    return Policy((ProjectPolicy("", (gate,), {"jobs": Setting(3)}),))


def test_the_digest_goes_by_the_demands_alone() -> None:
    digest = policy_digest(policy(minimum=85, paths=("a",)))
    assert len(digest) == 16 and int(digest, 16) >= 0
    assert digest == policy_digest(policy(paths=["a"], minimum=85.0))
    assert digest != policy_digest(policy(minimum=84, paths=("a",)))
    elsewhere = policy(minimum=85, paths=("a",))
    project = replace(elsewhere.projects[0], settings={"jobs": Setting(8), "python": Setting("python3")})
    assert digest == policy_digest(Policy((project,), "somewhere else"))


def test_the_line_holds_no_more_than_it_says() -> None:
    assert set(json.loads(note_line(RUN))) == {
        "schema", "when", "exit", "base_tree", "kind", "base", "head", "policy", "version", "gates", "skipped",
    }  # fmt: skip
