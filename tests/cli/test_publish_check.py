"""`gatekeeper publish --check-run`: as an app of one's own, after the comment, and never with the token of a job."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.cli.publish import register
from gatekeeper.model.errors import UsageError
from tests.cli.test_publish_command import document, fork_event, surroundings
from tests.contract.fake_checks import APP
from tests.contract.fake_forge import HEAD, TOKEN, FakeForge, Fault, payload, serving

APP_TOKEN = "ghs_of_an_app"
ASKED = ("--check-run", "gate", "--app", APP)

Run = Callable[..., "tuple[int, str]"]


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    with serving(FakeForge()) as fake:
        yield fake
    assert fake.violations == []


@pytest.fixture
def run(forge: FakeForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Run:
    """Publishes with these arguments and variables: the exit code, and what was said."""

    def start(*arguments: str, name: str = "pull_request", event: Any = None, **more: Any) -> tuple[int, str]:
        (tmp_path / "report.json").write_text(json.dumps(more.pop("report", None) or document()))
        variables = {**surroundings(forge, tmp_path, name, event), "GATEKEEPER_APP_TOKEN": APP_TOKEN, **more}
        monkeypatch.delenv("GATEKEEPER_TOKEN", raising=False)
        for key, value in variables.items():
            monkeypatch.setenv(key, value)
        parser = argparse.ArgumentParser()
        register(parser)
        options = parser.parse_args(["--report", str(tmp_path / "report.json"), *arguments])
        code = options.function(options)
        return code, capsys.readouterr().err

    return start


def tokens(forge: FakeForge) -> dict[str, set[str]]:
    """By token, what was asked for with it."""
    seen: dict[str, set[str]] = {}
    for entry in forge.seen:
        seen.setdefault(entry.authorization, set()).add("check" if "/check-runs" in entry.path else "comment")
    return seen


def test_a_report_becomes_a_comment_and_a_check_run(forge: FakeForge, run: Run) -> None:
    code, said = run(*ASKED)
    assert code == 0
    assert f"commit {HEAD[:7]} of " in said
    assert "posted the comment" in said
    assert "made the check run (failure)" in said
    check = forge.checks.runs[0]
    assert (check["name"], check["head_sha"], check["conclusion"]) == ("gate", HEAD, "failure")
    assert check["output"]["title"] == "Blocked: review and tests failed."
    assert check["details_url"].endswith("/actions/runs/70/attempts/1")
    assert tokens(forge) == {f"Bearer {TOKEN}": {"comment"}, f"Bearer {APP_TOKEN}": {"check"}}
    assert "says so already" in run(*ASKED)[1]
    assert len(forge.checks.runs) == 1


def test_nobody_gets_a_check_run_without_asking(forge: FakeForge, run: Run) -> None:
    run()
    assert tokens(forge) == {f"Bearer {TOKEN}": {"comment"}}


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 3)])
@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"GATEKEEPER_APP_TOKEN": ""}, "no token of an app"),
        ({"GATEKEEPER_APP_TOKEN": TOKEN}, "the same as GITHUB_TOKEN"),
        ({"GATEKEEPER_APP_TOKEN": f" {TOKEN}\n"}, "the same as GITHUB_TOKEN"),
    ],
)
def test_the_token_of_the_job_makes_no_check_run(
    forge: FakeForge, run: Run, strict: tuple[str, ...], code: int, variables: dict[str, str], words: str
) -> None:
    exit_code, said = run(*ASKED, *strict, **variables)
    assert (exit_code, words in said) == (code, True), said
    assert "posted the comment" in said
    assert tokens(forge) == {f"Bearer {TOKEN}": {"comment"}}


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 3)])
@pytest.mark.parametrize("part", ["/comments", "/check-runs"])
def test_each_is_posted_whatever_became_of_the_other(
    forge: FakeForge, run: Run, part: str, strict: tuple[str, ...], code: int
) -> None:
    refusal = {"message": "Resource not accessible by integration"}
    forge.faults = [Fault("POST", part, status=403, document=refusal)]
    exit_code, said = run(*ASKED, *strict)
    assert exit_code == code
    assert "the forge answered 403" in said
    assert ("`checks: write`" in said) is (part == "/check-runs")
    assert (len(forge.bodies()), len(forge.checks.runs)) == ((1, 0) if part == "/check-runs" else (0, 1))
    assert APP_TOKEN not in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("--check-run", "gate"),
        ("--check-run", "gate", "--app", "github-actions"),
        ("--check-run", "gate", "--app", "GitHub-Actions"),
        ("--check-run", "gate", "--app", "our-app[bot]"),
        ("--check-run", " ", "--app", APP),
        ("--check-run", "a\nb", "--app", APP),
        ("--check-run", "x" * 101, "--app", APP),
    ],
)
def test_wrong_names_are_told_before_anything_is_posted(forge: FakeForge, run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"check run|--app"):
        run(*arguments)
    assert forge.seen == []


@pytest.mark.parametrize("name", ["push", "merge_group"])
def test_a_push_and_a_merge_group_get_a_check_run_on_their_commit(forge: FakeForge, run: Run, name: str) -> None:
    report = document()
    report["target"]["head"] = "a" * 40
    code, said = run(*ASKED, name=name, event=payload(name), report=report)
    assert (code, "no comment: " in said, "made the check run" in said) == (0, True, True), said
    assert forge.checks.runs[0]["head_sha"] == "a" * 40
    assert "the report is about" in run(*ASKED, name=name, event=payload(name))[1]


def test_other_events_get_none(forge: FakeForge, run: Run) -> None:
    assert "no check run: " in run(*ASKED, name="workflow_dispatch", event={"inputs": None})[1]
    assert forge.seen == []


def test_a_job_that_follows_a_fork_makes_it_on_the_commit_that_github_names(forge: FakeForge, run: Run) -> None:
    report = {**document(), "head_sha": "b" * 40}
    assert "made the check run" in run(*ASKED, name="workflow_run", event=fork_event(), report=report)[1]
    assert forge.checks.runs[0]["head_sha"] == HEAD
    assert ":65.1:" in forge.checks.runs[0]["external_id"]


def test_a_dry_run_makes_none(forge: FakeForge, run: Run) -> None:
    assert "would make a check run (failure)" in run(*ASKED, "--dry-run")[1]
    assert {entry.method for entry in forge.seen} == {"GET"}


def test_it_can_come_without_a_comment(forge: FakeForge, run: Run) -> None:
    run(*ASKED, "--comment", "off")
    assert (forge.bodies(), len(forge.checks.runs)) == ([], 1)
    assert tokens(forge) == {f"Bearer {APP_TOKEN}": {"check"}}
