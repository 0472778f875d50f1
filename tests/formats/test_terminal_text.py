"""Hostile text is harmless, and its width is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from rich.cells import cell_len

from gatekeeper.formats.terminal_text import (
    cells,
    cut_middle,
    fit,
    name_bytes,
    one_line,
    phrase,
    text_lines,
    without_surrogates,
)
from tests.strategies import texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("caf\udce9.py", "caf\\xe9.py"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u00a0b", "a b"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("é 表", "é 表"),
    ],
)
def test_one_line_shows_what_hides(text, shown):
    assert one_line(text) == shown


def test_a_phrase_loses_colours_and_line_breaks():
    assert phrase("  \x1b[1;31mE\x1b[0m  went\n wrong \x1b]0;title\x07!") == "E went wrong !"


def test_an_unfinished_sequence_hides_nothing():
    assert phrase("a \x1b]0;never closed") == "a \\x1b]0;never closed"


def test_text_lines_split_where_editors_do():
    assert text_lines("\n\na\tb\r\nc\x0cd\re\n\n") == ["a   b", "c\\x0cd", "e"]


def test_cut_middle_keeps_both_ends():
    assert cut_middle([str(n) for n in range(10)], 5) == ["0", "1", "… 6 more lines …", "8", "9"]
    assert cut_middle(["a"] * 5, 5) == ["a"] * 5


def test_fit_counts_wide_characters_twice():
    assert fit("表の中", 5) == "表の…"
    assert fit("abc", 0) == ""


@given(texts)
def test_everything_shown_is_printable(text):
    for line in (one_line(text), phrase(text), *text_lines(text)):
        assert line.isprintable()
        line.encode("utf-8")


@given(texts)
def test_fit_never_exceeds(text):
    line = one_line(text)
    for width in (1, 5, 20):
        assert cells(fit(line, width)) <= width


@given(texts)
def test_any_name_has_bytes_and_any_text_an_encoding(text):
    name_bytes(text).decode("utf-8", "surrogateescape")
    without_surrogates(text).encode("utf-8")


@pytest.mark.parametrize("text", ["abc", "表の中", "e\u0301", "─━│✓✗…≥"])
def test_width_agrees_with_rich(text):
    assert cells(text) == cell_len(text)
