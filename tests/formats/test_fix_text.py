"""How fixes are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.formats.fix_text import fix_lines, fix_verdict, fixes_document
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.fix import FixedFile, Fixes, FixState
from gatekeeper.model.verdict import Status

DIFF = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\x1b[31m\u202e\n+y\ud800\n"
FIXED = Fixes(FixState.APPLIED, ("one", "two"), (FixedFile("a", 2, 1, ("two",)),), DIFF, "/x/a.patch")


@pytest.mark.parametrize(
    ("fixes", "status", "summary"),
    [
        (FIXED, Status.PASSED, "fixed 1 file (+2 -1 lines) by two"),
        (Fixes(FixState.NOTHING), Status.SKIPPED, "no fixer is set up for what changed"),
        (Fixes(FixState.NOTHING, ("one",)), Status.SKIPPED, "nothing to fix, said one"),
        (replace(FIXED, state=FixState.REFUSED, problem="no", hint="do"), Status.ERROR, "no"),
        (replace(FIXED, failures=("one: broke",)), Status.ERROR, "fixed 1 file (+2 -1 lines); one: broke"),
        (Fixes(FixState.NOTHING, ("one",), failures=("one: broke",)), Status.ERROR, "nothing to fix; one: broke"),
    ],
)
def test_the_verdict(fixes, status, summary):
    verdict = fix_verdict(fixes)
    assert (verdict.status, verdict.summary) == (status, summary)


def test_what_was_refused_is_said_to_be_kept():
    verdict = fix_verdict(replace(FIXED, state=FixState.REFUSED, problem="no", hint="do this"))
    assert verdict.hint == "do this; the fixes are kept in /x/a.patch"
    assert fix_verdict(replace(FIXED, state=FixState.REFUSED, patch="", hint="")).hint == ""


@pytest.mark.parametrize("colour", [False, True])
def test_the_patch_is_safe_for_a_terminal(colour):
    lines = fix_lines(FIXED, TextStyle(colour=colour))
    text = "\n".join(lines)
    assert "\\x1b[31m\\u202e" in text
    assert "\x1b[31m\u202e" not in text
    assert ("\x1b[32m+y" in text) is colour
    assert "/x/a.patch" in text


def test_a_long_patch_is_cut():
    lines = fix_lines(replace(FIXED, diff="+x\n" * 1000, patch=""), TextStyle())
    assert lines[-2] == "… 600 more lines"
    assert len(lines) == 404


def test_nothing_is_shown_of_nothing():
    assert fix_lines(Fixes(FixState.NOTHING), TextStyle()) == []


def test_the_document():
    document = fixes_document(FIXED)
    assert document["files"] == [{"path": "a", "added": 2, "removed": 1, "fixers": ["two"]}]
    assert (document["state"], document["diff"]) == ("applied", DIFF)
