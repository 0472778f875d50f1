"""The report of ruff as records."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.formats.ruff_messages import SYNTAX, name_in_report, read_ruff_messages
from gatekeeper.formats.unreadable import UnreadableReport

RUFF = str(Path(sys.executable).parent / "ruff")


def ask(*paths: str) -> str:
    command = (
        RUFF,
        "check",
        "--isolated",
        "--no-cache",
        "--output-format",
        "json",
        "--exit-zero",
        "--select",
        "S",
        "--",
    )
    return subprocess.run([*command, *paths], capture_output=True, text=True, check=True).stdout


def test_a_real_report(tmp_path: Path) -> None:
    good, bad = tmp_path / "caf\udce9\udcff.py", tmp_path / "bad.py"
    good.write_text("x = 1\nexec(x)\n")
    bad.write_text("def f(:\n")
    said = read_ruff_messages(ask(str(good), str(bad)))
    by_path = {message.path: message for message in said}
    first = by_path[name_in_report(str(good))]
    assert (first.line, first.column, first.end_line, first.rule, first.level) == (2, 1, 2, "S102", "warning")
    assert (by_path[str(bad)].rule, by_path[str(bad)].level) == (SYNTAX, "error")


def test_no_messages() -> None:
    assert read_ruff_messages("[]") == ()


@pytest.mark.parametrize(
    "text", ["", "[{", "{}", "[1]", '[{"code": "S1"}]', '[{"code": "S1", "location": null}]', "null"]
)
def test_what_is_no_report(text: str) -> None:
    with pytest.raises(UnreadableReport):
        read_ruff_messages(text)
