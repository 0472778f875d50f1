from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.formats.checkstyle import read_checkstyle
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic

FIXTURES = Path(__file__).parent / "fixtures"


def test_eslint() -> None:
    found = read_checkstyle((FIXTURES / "eslint_checkstyle.xml").read_text(), "/project")
    assert [(d.path, d.line, d.column, d.level) for d in found] == [
        ("src/price.ts", 8, 33, "error"), ("src/price.ts", 9, 3, "error"), ("src/price.ts", 10, 9, "error"),
    ]  # fmt: skip
    assert found[1].rule == "eslint.rules.no-var"
    assert found[1].message == "Unexpected var, use let or const instead. (no-var)"


@pytest.mark.parametrize(
    ("attributes", "diagnostic"),
    [
        ("line='3' severity='warning' message='m' source='S'", Diagnostic("a", 3, "S", "m", "warning")),
        ("line='0' severity='info' message='m' source='S'", Diagnostic("a", None, "S", "m", "note")),
        ("severity='ignore'", Diagnostic("a", None, "checkstyle", "", "none")),
        ("severity='terrible'", Diagnostic("a", None, "checkstyle", "", "error")),
        ("column='2'", Diagnostic("a", None, "checkstyle", "", "error", column=2)),
    ],
)
def test_levels_and_places(attributes: str, diagnostic: Diagnostic) -> None:
    text = f"<checkstyle><file name='/r/a'><error {attributes}/></file></checkstyle>"
    assert read_checkstyle(text, "/r") == (diagnostic,)


def test_nothing_found() -> None:
    assert read_checkstyle("<checkstyle version='8'><file name='a'/></checkstyle>", "/r") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<checkstyle><file name='/r/a'><exception>boom</exception></file></checkstyle>", "a could not be checked"),
        ("<html/>", "html"),
        ("<checkstyle><file name='a'>", "no complete XML"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableReport, match=said):
        read_checkstyle(text, "/r")
