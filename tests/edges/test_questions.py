"""Nobody is asked where nobody sits."""

from __future__ import annotations

import io
import sys

import pytest

from gatekeeper.edges.questions import may_ask


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("source", "complaints", "ci", "asks"),
    [
        (_Terminal(), _Terminal(), "", True),
        (_Terminal(), io.StringIO(), "", False),
        (io.StringIO(), _Terminal(), "", False),
        (None, _Terminal(), "", False),
        (_Terminal(), _Terminal(), "true", False),
    ],
)
def test_both_ends_must_be_a_terminal(
    monkeypatch: pytest.MonkeyPatch, source: object, complaints: object, ci: str, asks: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", source)
    monkeypatch.setattr(sys, "stderr", complaints)
    monkeypatch.setenv("CI", ci)
    assert may_ask() is asks
