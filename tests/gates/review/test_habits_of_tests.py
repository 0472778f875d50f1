"""What tests do on purpose is not held against them, and is against other code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gates.review.runs import review


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("import pickle\n\n\ndef again(thing):\n    return pickle.loads(pickle.dumps(thing))\n", "S301"),
        ("def same(one, other):\n    assert one == other\n", "S101"),
    ],
)
def test_what_tests_live_of(body: str, rule: str, tmp_path: Path) -> None:
    assert review(tmp_path / "test", {"tests/test_app.py": body}).findings == ()
    assert [finding.rule for finding in review(tmp_path / "app", {"app.py": body}).findings] == [rule]
