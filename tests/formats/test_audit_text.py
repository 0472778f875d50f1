"""An audit as text, Markdown and JSON: the number it shows, and that nothing hostile gets through."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.audit_text import audit_document, audit_markdown, audit_text, summary
from gatekeeper.formats.text_style import TextStyle
from gatekeeper.model.audit import Audit, AuditedCommit, Finding, Standing
from gatekeeper.model.record import GateRecord, RunRecord
from gatekeeper.model.verdict import Status
from gatekeeper.schemas import read_schema

NAME = "a" * 40
HOSTILE = st.text() | st.sampled_from(["\x1b[31m", "a\nb", "| x |", "<script>", "@all", "\udcff", "\u202e"])
RUNS = st.builds(
    lambda when, code, status, texts: RunRecord(
        when, NAME, NAME, code, (GateRecord(texts[0], status, reason=texts[1]),), texts[2], version=texts[3]
    ),
    st.integers(), st.integers(0, 3), st.sampled_from(Status), st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
)  # fmt: skip
FINDINGS = st.builds(
    lambda subject, parents, standing, run: Finding(
        AuditedCommit(NAME, NAME, (NAME,) * parents, 5, subject), standing, run, "a detail"
    ),
    HOSTILE, st.integers(0, 2), st.sampled_from(Standing), st.none() | RUNS,
)  # fmt: skip
AUDITS = st.builds(lambda findings: Audit(NAME, NAME, tuple(findings)), st.lists(FINDINGS, max_size=4))


def of(*standings: Standing) -> Audit:
    return Audit(NAME, NAME, tuple(Finding(AuditedCommit(NAME, NAME, (), 5), standing) for standing in standings))


@pytest.mark.parametrize(
    ("audit", "expected"),
    [
        (of(), "There is no commit in the range."),
        (of(Standing.GATED), "Gate coverage 1 of 1 commit (100 %): 1 gated."),
        (of(*[Standing.GATED] * 8, Standing.NEVER, Standing.SKIPPED), "Gate coverage 8 of 10 commits (80 %): 8 gated, 1 skipped, 1 never."),
        (of(*[Standing.COVERED] * 999, Standing.FAILED), "Gate coverage 999 of 1000 commits (99 %): 999 covered, 1 failed."),
    ],
)  # fmt: skip
def test_the_number(audit: Audit, expected: str) -> None:
    assert summary(audit) == expected


def test_an_empty_range_is_one_line() -> None:
    assert audit_text(of(), TextStyle(80, False, False)) == "There is no commit in the range.\n"


@given(AUDITS, st.integers(1, 200), st.booleans())
def test_what_the_terminal_gets_is_harmless(audit: Audit, width: int, ascii_only: bool) -> None:
    text = audit_text(audit, TextStyle(width, False, ascii_only))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.endswith("\n")


@given(AUDITS)
def test_markdown_keeps_to_one_row_for_a_commit(audit: Audit) -> None:
    text = audit_markdown(audit)
    assert sum(line.startswith("| ") and line.endswith(" |") for line in text.split("\n")) == len(
        audit.findings
    ) + bool(audit.findings)
    assert "<script" not in text


@given(AUDITS)
def test_the_document_keeps_to_the_schema(audit: Audit) -> None:
    document: Any = json.loads(json.dumps(audit_document(audit)))
    jsonschema_rs.validator_for(read_schema("audit")).validate(document)
