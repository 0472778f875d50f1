"""The source around a finding."""

from __future__ import annotations

import pytest

from gatekeeper.formats.excerpt import excerpt
from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.finding import Finding, Severity

TEXT = "one\ntwo\r\n\tthree\x0c\n\nfive\n"


def shown(line, end_line=None, path="a.py", text=TEXT, column=None):
    change = Change("b", "h", (FileChange("a.py", ChangeKind.MODIFIED, text=text),))
    finding = Finding("review", "r", "m", Severity.LOW, path, line, column, end_line)
    return [(item.number, item.text, item.marked) for item in excerpt(change, finding)]


def test_a_single_line_has_its_neighbours():
    assert shown(2) == [(1, "one", False), (2, "two", True), (3, "    three\\x0c", False)]


def test_blank_neighbours_are_left_out():
    assert shown(5) == [(5, "five", True)]


def test_a_span_shows_its_first_lines():
    assert shown(1, 5) == [(1, "one", True), (2, "two", True), (3, "    three\\x0c", True)]


@pytest.mark.parametrize(
    ("line", "more"), [(None, {}), (0, {}), (6, {}), (1, {"path": "b.py"}), (1, {"text": None}), (1, {"text": ""})]
)
def test_nothing_where_there_is_nothing(line, more):
    assert shown(line, **more) == []


def test_a_minified_line_is_cut_around_the_column():
    [(_, text, _)] = shown(1, text="x" * 5000 + "HERE" + "y" * 5000, column=5000)
    assert "HERE" in text
    assert len(text) < 500


def test_a_credential_is_not_repeated_by_another_finding():
    token = "gh" + "p_" + "Zq8Kx2Lm9Wv4Rt7Yp3Nb6Hd1Jf5Gs0CaKx2L"
    [(_, text, _)] = shown(1, text=f"token = '{token}'\n")
    assert text == "token = 'ghp_…'"
    [(_, text, _)] = shown(1, text=f"{'x ' * 190}'{token}'{' y' * 300}\n", column=1)
    assert token[:20] not in text


def test_a_line_of_a_private_key_is_not_shown():
    text = "-----BEGIN RSA PRIVATE " + f"KEY-----\n{'MIIEowIBAAKCAQEA' * 4}\n"
    assert [line for _, line, _ in shown(2, text=text)][-1] == "MIIE…"
