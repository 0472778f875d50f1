"""`gatekeeper render`: the summary and the outputs of a job, from a report that may come from anybody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.action.runner import parsed_outputs

REPORTS = Path(__file__).parents[1] / "formats" / "fixtures"
WHERE = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "octo-org/octo-repo",
    "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "2",
}


def render(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "gatekeeper", "render", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "verdict", "exit_code"), [("failing", "blocked", "1"), ("passing", "passed", "0")])
def test_the_outputs_are_what_a_runner_reads(tmp_path, name, verdict, exit_code):
    report = REPORTS / f"report-{name}.json"
    done = render(report, "--as", "outputs")
    assert done.returncode == 0, done.stderr
    (tmp_path / "outputs").write_text(done.stdout)
    outputs = parsed_outputs(tmp_path / "outputs")
    assert (outputs["verdict"], outputs["exit"], outputs["report"]) == (verdict, exit_code, str(report))
    assert done.stdout != render(report, "--as", "outputs").stdout  # the delimiter is another one each time


@pytest.mark.parametrize("name", ["failing", "passing"])
@pytest.mark.parametrize("where", [{}, WHERE, {**WHERE, "GITHUB_RUN_ID": "x"}, {**WHERE, "GITHUB_REPOSITORY": "?"}])
def test_the_summary_links_where_it_knows_the_place(monkeypatch, name, where):
    for variable in WHERE:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in where.items():
        monkeypatch.setenv(variable, value)
    done = render(REPORTS / f"report-{name}.json", "--as", "summary")
    assert done.returncode == 0, done.stderr
    assert "| Gate |" in done.stdout
    assert ("/octo-org/octo-repo/actions/runs/7" in done.stdout) == (where is WHERE)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"verdict": "passed"}', "[" * 10_000, "\ud800".encode("utf-8", "surrogatepass")]
)
@pytest.mark.parametrize("form", ["summary", "outputs"])
def test_what_is_no_report_is_refused(tmp_path, text, form):
    file = tmp_path / "report.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = render(file, "--as", form)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Traceback" not in done.stderr
    assert render(tmp_path / "absent", "--as", form).returncode == 3
