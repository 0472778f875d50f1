"""The agent tells what it saw, and removes nothing but the reports of a job."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gatekeeper.agents.local import LocalAgent
from gatekeeper.model.job import Job, Outcome


def done(folder: Path, report: Path, code: str = "pass") -> Outcome:
    """What the agent saw of a program that should write a report."""
    argv = (sys.executable, "-c", code)
    job = Job("a", "g", "label", argv, str(folder), 60, outputs=(str(report),))
    return LocalAgent(0.0).run(job, lambda said: None)


def test_a_report_of_an_earlier_run_is_removed(tmp_path: Path) -> None:
    report = tmp_path / "reports" / "junit.xml"
    report.parent.mkdir()
    report.write_text("old")
    assert done(tmp_path, report).files == {}
    outcome = done(tmp_path, report, f"open({str(report)!r}, 'w').write('new')")
    assert (outcome.files, outcome.problem) == ({str(report): "new"}, "")


@pytest.mark.parametrize("name", ["reports/junit.xml", "reports/deep/junit.xml"])
def test_nothing_is_removed_through_a_link(tmp_path: Path, name: str) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    kept = elsewhere / name.removeprefix("reports/")
    kept.parent.mkdir(parents=True)
    kept.write_text("precious")
    (project / "reports").symlink_to(elsewhere)
    outcome = done(project, project / name)
    assert kept.read_text() == "precious"
    assert not outcome.ran
    assert "through a link" in outcome.problem


@pytest.mark.parametrize(
    ("told", "added"), [("25.5", 25.5), ("nan", 0), ("inf", 0), ("-4", 0), ("much", 0), ("", 0), (None, 0)]
)
def test_the_seconds_that_others_spent_are_added(tmp_path: Path, told: str | None, added: float) -> None:
    word = tmp_path / "seconds"
    word.write_text("1000")  # of an earlier run
    code = "pass" if told is None else f"open({str(word)!r}, 'w').write({told!r})"
    job = Job("a", "g", "label", (sys.executable, "-c", code), str(tmp_path), 60, elsewhere=str(word))
    seconds = LocalAgent(0.0).run(job, lambda said: None).cpu_seconds
    assert added <= seconds < added + 20
