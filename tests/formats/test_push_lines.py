"""The lines in which Git tells hooks of a push."""

from __future__ import annotations

import pytest

from gatekeeper.formats.push_lines import RefUpdate, read_received, read_sent

A, B, ZERO, LONG = "a" * 40, "b" * 40, "0" * 40, "c" * 64


def test_a_sender_names_its_source_which_may_hold_spaces() -> None:
    text = f"refs/heads/x {A} refs/heads/y {B}\nHEAD@{{1 day ago}} {A} refs/heads/z {ZERO}\n(delete) {ZERO} refs/tags/v {B}\n"
    first, second, third = read_sent(text)
    assert first == RefUpdate("refs/heads/y", B, A, "refs/heads/x")
    assert (second.source, second.is_new, second.branch) == ("HEAD@{1 day ago}", True, "z")
    assert (third.is_deletion, third.branch, third.title) == (True, "", "tag v")


def test_a_receiver_is_told_old_new_and_name() -> None:
    assert read_received(f"{A} {LONG} refs/heads/a\udce4\n") == (RefUpdate("refs/heads/a\udce4", A, LONG),)
    assert read_received("") == ()


@pytest.mark.parametrize("line", ["x", f"{A} {B}", f"--all {A} refs/heads/x", f"{A} {'A' * 40} refs/heads/x", " "])
def test_what_is_no_such_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_received(line)


@pytest.mark.parametrize("line", ["x", f"x {A} {B}", f"x {A} refs/heads/x -o"])
def test_what_a_sender_cannot_be_told_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_sent(line)
