"""What a `noqa` for another linter excuses of pylint."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.gates.review.excused import is_excused
from gatekeeper.model.reading import Diagnostic
from gatekeeper.model.verdict import Status
from tests.gates.review.runs import review


@pytest.mark.parametrize(
    ("rule", "line", "excused"),
    [
        ("undefined-variable", "x: Later  # noqa: F821", True),
        ("undefined-variable", "x: Later  # noqa:F821", True),
        ("undefined-variable", "x: Later  # noqa: E501, F821 - comes later", True),
        ("undefined-variable", "x: Later  # NOQA", True),
        ("undefined-variable", "x: Later  # noqa: E501", False),
        ("undefined-variable", "x: Later  # noqable", False),
        ("undefined-variable", "x: Later", False),
        ("unused-import", "import os  # noqa: F401", True),
        ("raise-missing-from", "raise Wrong  # noqa: B904", True),
        ("unused-import", "import os  # noqa: F821", False),
        ("no-value-for-parameter", "f()  # noqa", False),
    ],
)
def test_the_same_thing_is_excused_once_for_all(rule: str, line: str, excused: bool) -> None:
    source = ["", line]
    assert is_excused(Diagnostic("a.py", 2, rule, "", "E"), source) is excused


@pytest.mark.parametrize("line", [None, 0, 9])
def test_a_message_without_a_line_of_the_source_is_not_excused(line: int | None) -> None:
    assert not is_excused(Diagnostic("a.py", line, "undefined-variable", "", "E"), ["x  # noqa"])


def test_an_excused_line_does_not_block_and_its_neighbour_does(tmp_path: Path) -> None:
    text = "class A:\n    kept: Later  # noqa: F821\n"
    assert review(tmp_path / "a", {"app.py": text}).status is Status.PASSED
    both = review(tmp_path / "b", {"app.py": text + "    lost: Later\n"})
    assert [(f.rule, f.line) for f in both.findings if f.blocks] == [("undefined-variable", 3)]
