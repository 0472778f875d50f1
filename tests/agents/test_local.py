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
