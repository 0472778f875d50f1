"""White space at the ends of lines and of files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.inspectors.tidy import main, with_one_line_break, without_trailing_whitespace

TEXT = st.text("ab \t\n\r", max_size=30).map(str.encode)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"\n\n", b""),
        (b"a", b"a\n"),
        (b"a\n\n\n", b"a\n"),
        (b"a\r\nb\r\n\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n"),
    ],
)
def test_the_end_of_a_file(before, after):
    assert with_one_line_break(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a  \nb\t", b"a\nb"),
        (b"a \t\r\nb\r\n", b"a\r\nb\r\n"),
        (b"  a\n", b"  a\n"),
        (b"a b \n  \n", b"a b\n\n"),
        (b"\xff \n", b"\xff\n"),
    ],
)
def test_the_end_of_a_line(before, after):
    assert without_trailing_whitespace(before) == after


@given(TEXT)
def test_a_second_time_changes_nothing(text):
    for work in (with_one_line_break, without_trailing_whitespace):
        assert work(work(text)) == work(text)


@given(TEXT)
def test_nothing_but_white_space_goes(text):
    for work in (with_one_line_break, without_trailing_whitespace):
        assert work(text).split() == text.split()


def test_only_files_that_change_are_written(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "-bad\n\udcff"
    good.write_bytes(b"a\n")
    bad.write_bytes(b"a\n\n")
    good.chmod(0o444)
    before = good.stat().st_mtime_ns
    main(["end-of-file", str(good), str(bad)])
    assert (bad.read_bytes(), good.stat().st_mtime_ns) == (b"a\n", before)
