"""Which display suits the stream, and what a job of GitHub Actions gets of an orchestration."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import pytest

from gatekeeper.cli.display_options import add_display_options, add_to_summary, display_of, show
from gatekeeper.displays.orchestra_live import OrchestraLive
from gatekeeper.displays.orchestra_plain import OrchestraPlain
from tests.formats.lanes_sample import EVENTS
from tests.reporters.test_live import Terminal


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_display_options(parser, "json")
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("stream", "term", "arguments", "kind"),
    [
        (Terminal, "xterm", (), OrchestraLive),
        (Terminal, "dumb", (), OrchestraPlain),
        (Terminal, "xterm", ("--format", "plain"), OrchestraPlain),
        (io.StringIO, "xterm", (), OrchestraPlain),
    ],
)
def test_the_display_suits_the_stream(
    stream: type[io.StringIO], term: str, arguments: tuple[str, ...], kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stdout", stream())
    assert type(display_of(options(*arguments))) is kind


def test_a_document_has_standard_output_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    display = display_of(options("--format", "json"))
    for event in EVENTS:
        display.on_event(event)
    display.close()
    done = capsys.readouterr()
    assert done.out == ""
    assert "Approved" in done.err


def test_in_a_log_of_github_a_text_is_no_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show("  ::error::x\n")
    assert capsys.readouterr().out == "  ::error::x\n"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    show("  ::error::x\n")
    first, text, last = capsys.readouterr().out.splitlines()
    assert text == "  ::error::x"
    assert first == f"::stop-commands::{last.strip(':')}"


def test_the_summary_of_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    assert add_to_summary("**x**\n") == ""
    assert file.read_text() == "before\n"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert add_to_summary("**x**\n") == ""
    assert file.read_text() == "before\n\n**x**\n"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert "could not be written" in add_to_summary("**x**\n")
