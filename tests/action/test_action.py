"""The Action without GitHub: its steps with real files of commands, an event, and a forge on loopback."""

from __future__ import annotations

import json
import re
import subprocess
from copy import copy
from pathlib import Path

import pytest

from tests.action import events
from tests.action.conftest import installed
from tests.action.runner import ROOT, Runner, commands_of
from tests.contract.fake_checks import APP
from tests.contract.fake_forge import TOKEN, Fault

JUDGE, SUMMARY, COMMENT = "Judge", "Show in the job summary", "Comment on the pull request"
GOOD = {"a.txt": "2\n"}
BAD = {"a.txt": "2\n", "look.sh": "echo 'a.txt:1: it is bad'; exit 1\n"}
LOOKS_AT_THE_ENVIRONMENT = {"a.txt": "2\n", "look.sh": 'env; tr "\\0" "\\n" </proc/$PPID/environ; exit 1\n'}
CLOSED = "http://127.0.0.1:9"


def test_a_good_change_passes_and_every_rung_of_the_ladder_says_so(pull_request, forge):
    pull = pull_request(GOOD)
    done = pull.runner().use(ROOT)
    assert done.exit == 0, done.log
    assert (done.outputs["verdict"], done.outputs["exit"]) == ("passed", "0")
    assert json.loads(done.outputs["failed-gates"]) == []
    assert json.loads(Path(done.outputs["report"]).read_text())["target"]["base"] == pull.base
    assert "passed" in done.summary.lower()
    assert len(forge.bodies()) == 1
    assert forge.bodies()[0].startswith(f"<!-- gatekeeper:v1 id=default run=7.1 sha={pull.head} -->")


def test_a_bad_change_is_blocked_and_every_rung_says_why(pull_request, forge):
    done = pull_request(BAD).runner().use(ROOT)
    assert done.exit == 1
    assert (done.outputs["verdict"], done.outputs["exit"]) == ("blocked", "1")
    assert json.loads(done.outputs["failed-gates"]) == ["look"]
    assert any(command.startswith("::error ") for command in done.commands)
    assert "look" in done.summary
    assert "look" in forge.bodies()[0]


def test_the_second_run_changes_the_same_comment(pull_request, forge):
    pull = pull_request(BAD)
    runner = pull.runner()
    runner.use(ROOT)
    runner.variables |= {"GITHUB_RUN_ID": "8"}
    assert runner.use(ROOT).exit == 1
    assert len(forge.bodies()) == 1


@pytest.mark.parametrize("change", [GOOD, BAD], ids=["good", "bad"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", status=403, document={"message": "Resource not accessible by integration"}),
        Fault("POST", status=422, document={"message": "Validation Failed"}),
        Fault("GET", status=404, document={"message": "Not Found"}, times=99),
        Fault("GET", how="garbage", times=99),
    ],
    ids=["read-only", "refused", "gone", "garbage"],
)
def test_a_comment_that_cannot_be_posted_changes_no_verdict(pull_request, forge, change, fault):
    forge.faults.append(copy(fault))
    done = pull_request(change).runner().use(ROOT)
    assert done.exit == (change is BAD)
    assert done.summary
    assert "not published" in done.steps[COMMENT].log


@pytest.mark.parametrize("change", [GOOD, BAD], ids=["good", "bad"])
def test_without_a_forge_the_verdict_is_the_same(pull_request, forge, change):
    done = pull_request(change).runner(GITHUB_API_URL=CLOSED).use(ROOT)
    assert done.exit == (change is BAD)
    assert done.summary
    assert "not published" in done.steps[COMMENT].log
    assert forge.seen == []


def test_a_second_use_in_one_job_leaves_the_first_report(pull_request):
    runner = pull_request(BAD).runner()
    first, second = runner.use(ROOT), runner.use(ROOT)
    assert first.outputs["report"] != second.outputs["report"]
    assert Path(first.outputs["report"]).exists()


def test_no_comment_is_no_step(pull_request, forge):
    done = pull_request(BAD).runner().use(ROOT, {"comment": "off"})
    assert (done.exit, done.steps[COMMENT].exit) == (1, None)
    assert forge.seen == []


def test_the_comment_waits_for_a_failure_where_that_is_asked_for(pull_request, forge):
    assert pull_request(GOOD).runner().use(ROOT, {"comment": "on-failure"}).exit == 0
    assert forge.bodies() == []


def test_at_depth_1_nothing_passes_and_the_remedy_is_everywhere(pull_request, forge):
    done = pull_request(GOOD).runner(depth=1).use(ROOT)
    assert done.exit == 3
    assert (done.outputs["verdict"], done.outputs["exit"], done.outputs["report"]) == ("could_not_check", "3", "")
    (command,) = done.commands
    assert command.startswith("::error title=Gatekeeper could not check::")
    assert "fetch-depth: 2" in command
    assert "    gatekeeper: the first parent" in done.summary
    assert forge.bodies() == []


@pytest.mark.parametrize("event", ["merge_group", "push"])
def test_other_events_are_judged_and_nobody_is_written_to(pull_request, forge, event):
    pull = pull_request(BAD)
    runner = pull.runner(depth=0)
    runner.event_name = event
    make = {"merge_group": events.merge_group, "push": events.push}[event]
    runner.event = make(pull.base, pull.merge)
    done = runner.use(ROOT)
    assert done.exit == 1
    assert done.steps[COMMENT].exit == 0
    assert "no comment" in done.steps[COMMENT].log
    assert forge.seen == []


def test_the_token_is_in_the_environment_of_one_step_and_the_gates_see_none(pull_request, forge):
    """Neither the gate's own environment nor that of the process that started it has the token."""
    done = pull_request(LOOKS_AT_THE_ENVIRONMENT).runner().use(ROOT)
    assert done.exit == 1
    report = Path(done.outputs["report"]).read_text()
    assert "GITHUB_EVENT_NAME=pull_request" in report, "the gate did look"
    assert TOKEN not in report
    assert TOKEN not in done.log + done.summary
    assert [step.name for step in done.steps.values() if TOKEN in step.env.values()] == [COMMENT]
    assert [seen.authorization for seen in forge.seen if TOKEN not in seen.authorization] == []


@pytest.mark.parametrize("forged", ["exit=0\\nverdict=passed\\n", "exit<<X\\n0\\n"])
def test_a_gate_cannot_write_what_the_runner_reads_after_the_step(pull_request, forged):
    """The files are found by their place, since their names are not handed on; what was written to them is thrown away."""
    script = f'printf "{forged}" | tee -a "$RUNNER_TEMP"/_GITHUB_* >/dev/null; exit 1\n'
    done = pull_request({"look.sh": script}).runner().use(ROOT)
    assert done.exit == 1
    assert (done.outputs["verdict"], done.outputs["exit"]) == ("blocked", "1")
    assert forged[:5] not in done.steps[JUDGE].summary


HOSTILE = [
    "::error::owned",
    "  ::set-output name=exit::0",
    "x ##[error]owned",
    "::stop-commands::x",
    "\r::warning::owned",
]


def test_what_a_gate_prints_is_no_command(pull_request):
    text = "\n".join(HOSTILE)
    done = pull_request({"said.txt": text, "look.sh": "cat said.txt; exit 1\n"}).runner().use(ROOT)
    assert done.exit == 1
    assert [c for c in done.commands if not re.match(r"::(error|warning|notice) [^:]*title=", c)] == []
    assert "owned" in done.log


def test_what_an_error_quotes_is_no_command_and_no_markdown(pull_request):
    """Whatever the run said on its way out: in the log, in the annotation and in the summary it is only shown."""
    runner = pull_request(GOOD).runner()
    (runner.temp / "said.txt").write_text("\n".join([*HOSTILE, "", "# owned <b>", "```", "</details>"]))
    stand_in = f"#!/bin/sh\ncat '{runner.temp}/said.txt' >&2\nexit 3\n"
    (runner.temp / "gatekeeper" / "venv" / "bin" / "python").write_text(stand_in)
    done = runner.use(ROOT)
    assert done.exit == 3
    assert "owned" in done.steps[JUDGE].log
    (command,) = done.commands
    assert command.startswith("::error title=Gatekeeper could not check::")
    head, _, body = done.summary.partition("\n\n")
    assert head == "**Gatekeeper could not check this change.**"
    assert "# owned <b>" in body
    assert all(line.startswith("    ") or not line for line in body.split("\n"))
    assert not set(body) & set("\r\v\f")


def test_what_a_publishing_forge_answers_is_no_command(pull_request, forge):
    hostile = {"message": "no\n::error::owned\n##[error]owned"}
    forge.faults.append(Fault("POST", status=418, document=hostile))
    done = pull_request(GOOD).runner().use(ROOT)
    assert done.exit == 0
    assert "owned" in done.steps[COMMENT].log
    assert commands_of(done.steps[COMMENT].log) == []


def test_what_the_rendering_of_the_summary_says_is_no_command(pull_request):
    """The report lies where the tests of the change could reach it, and an error quotes it."""
    log = said_by("--as summary", SUMMARY, pull_request)
    assert "owned" in log
    assert commands_of(log) == []


def test_what_the_publishing_says_is_no_command(pull_request):
    log = said_by("gatekeeper publish", COMMENT, pull_request)
    assert "owned" in log
    assert commands_of(log) == []


def said_by(call: str, step: str, pull_request) -> str:
    """The log of a step, in which the program that is called so says hostile things and fails."""
    runner = pull_request(BAD).runner()
    python = runner.temp / "gatekeeper" / "venv" / "bin" / "python"
    said = "printf '%s\\n' '::error::owned' 'x ##[error]owned' >&2; exit 3"
    python.write_text(python.read_text().replace("exec", f'case "$*" in *"{call}"*) {said};; esac\nexec', 1))
    done = runner.use(ROOT)
    assert done.exit == 1
    return done.steps[step].log


NASTY = "'; touch owned; $(touch owned) `touch owned` \" --output=owned"


@pytest.mark.parametrize("text", [NASTY, "--output=owned", "--help"], ids=["shell", "option", "help"])
@pytest.mark.parametrize("name", ["gates", "base", "mode", "python", "working-directory", "id", "comment"])
def test_no_input_reaches_a_shell_or_becomes_an_option(pull_request, name, text):
    pull = pull_request(GOOD)
    runner = pull.runner()
    done = runner.use(ROOT, {name: text})
    if name == "id":
        assert "cannot be the id of a comment" in done.steps[COMMENT].log
    if name in ("id", "comment", "python"):  # which are of no account to the only gate
        assert done.exit == 0, done.log
    else:
        assert done.exit in (2, 3), done.log
    assert not list(runner.workspace.glob("owned*"))
    assert not list(runner.temp.glob("**/owned*"))


def test_inputs_choose_gates_and_base(pull_request):
    pull = pull_request(BAD)
    runner = pull.runner()
    assert runner.use(ROOT, {"gates": "look, nothing"}).exit == 2
    assert runner.use(ROOT, {"gates": "look"}).exit == 1
    done = runner.use(ROOT, {"gates": " look\n", "base": "HEAD^1"})
    assert done.exit == 1
    assert json.loads(Path(done.outputs["report"]).read_text())["target"]["base"] == pull.base


def test_a_folder_of_the_workspace_is_judged(pull_request):
    runner = pull_request(BAD).runner()
    inner = runner.workspace.parent / "inner"
    inner.mkdir()
    runner.workspace.rename(inner / "change")
    runner.workspace = inner
    assert runner.use(ROOT, {"working-directory": "change"}).exit == 1


def test_files_of_the_change_shadow_nothing_that_the_steps_import(pull_request):
    trap = 'open("owned", "w").close()\nraise SystemExit(0)\n'
    names = ("gatekeeper.py", "venv.py", "pip.py", "sitecustomize.py", "yaml.py", "argparse.py", "json.py", "bash")
    done = (runner := pull_request({**BAD, **dict.fromkeys(names, trap)}).runner()).use(ROOT)
    assert done.exit == 1
    assert not (runner.workspace / "owned").exists()


def test_without_an_installed_gatekeeper_nothing_passes(pull_request):
    runner = pull_request(GOOD).runner()
    (runner.temp / "gatekeeper" / "venv" / "bin" / "python").unlink()
    done = runner.use(ROOT)
    assert done.exit not in (0, None)
    assert done.outputs["verdict"] == "could_not_check"


def test_a_run_that_says_passed_without_a_report_has_not_passed(pull_request):
    runner = pull_request(GOOD).runner()
    (runner.temp / "gatekeeper" / "venv" / "bin" / "python").write_text("#!/bin/sh\nexit 0\n")
    done = runner.use(ROOT)
    assert done.exit == 3
    assert (done.outputs["verdict"], done.outputs["exit"]) == ("could_not_check", "3")


@pytest.mark.parametrize(
    ("code", "word"), [(0, "could_not_check"), (1, "blocked"), (2, "usage"), (130, "could_not_check")]
)
def test_a_report_that_cannot_be_read_makes_nothing_better(pull_request, forge, code, word):
    runner = pull_request(GOOD).runner()
    stand_in = 'for last; do :; done; [ "$4" = run ] || exit 9; shift 9; echo "{}" >"$1"; exit '
    (runner.temp / "gatekeeper" / "venv" / "bin" / "python").write_text(f"#!/bin/sh\n{stand_in}{code}\n")
    done = runner.use(ROOT)
    assert done.exit == (code or 3), done.log
    assert (done.outputs["verdict"], done.outputs["exit"], done.outputs["report"]) == (word, str(code or 3), "")
    assert done.summary
    assert forge.bodies() == []


def test_the_publishing_half_posts_what_the_other_left(pull_request, forge, tmp_path):
    """The first job has no right to write; the second one has a token and no checkout of the change."""
    pull = pull_request(BAD)
    first = pull.runner()
    first.token = ""
    done = first.use(ROOT, {"comment": "off"})
    assert done.exit == 1
    assert forge.seen == []

    temp, workspace = tmp_path / "second", tmp_path / "empty"
    workspace.mkdir()
    installed(temp)
    event = events.example("workflow_run")
    event["workflow_run"].update(
        event="pull_request", head_sha=pull.head, head_branch="changes", id=7, run_attempt=1,
        head_repository={**event["workflow_run"]["head_repository"], "owner": {"login": "Codertocat"}},
    )  # fmt: skip
    second = Runner(workspace, temp, "workflow_run", event, {"GITHUB_API_URL": forge.address}, TOKEN)
    posted = second.use(ROOT / "publish", {"report": done.outputs["report"]})
    assert posted.exit == 0
    assert len(forge.bodies()) == 1, posted.log
    assert f"sha={pull.head} " in forge.bodies()[0]
    assert "look" in forge.bodies()[0]
    assert forge.checks.runs == []
    asked = {"check-run": "gate", "app": APP, "app-token": "ghs_of_an_app", "report": done.outputs["report"]}
    assert second.use(ROOT / "publish", asked).exit == 0
    assert [(run["head_sha"], run["conclusion"]) for run in forge.checks.runs] == [(pull.head, "failure")]
    second.use(ROOT / "publish", {**asked, "app-token": TOKEN, "id": "other"})
    assert len(forge.checks.runs) == 1


@pytest.mark.parametrize("report", ["", "{}", '{"verdict": "passed"}', "[" * 10_000, "::error::owned", None])
def test_the_publishing_half_believes_no_report_that_is_none(forge, tmp_path, report):
    temp = tmp_path / "temp"
    installed(temp)
    place = tmp_path / "report.json"
    if report is not None:
        place.write_text(report)
    event = events.example("workflow_run")
    event["workflow_run"]["event"] = "pull_request"
    runner = Runner(tmp_path, temp, "workflow_run", event, {"GITHUB_API_URL": forge.address}, TOKEN)
    done = runner.use(ROOT / "publish", {"report": str(place)})
    assert done.exit == 0
    assert forge.bodies() == []
    assert done.commands == []


@pytest.mark.long
def test_the_install_step_makes_a_gatekeeper_out_of_the_lock_alone(network, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PIP_COMPILE", "0")  # most of what is installed for two calls is never imported
    (tmp_path / "venv.py").write_text("raise SystemExit(1)")
    runner = Runner(tmp_path, tmp_path / "temp", "push", {})
    runner.temp.mkdir()
    done = runner.use(ROOT, skip=(JUDGE, SUMMARY, COMMENT))
    assert done.exit == 0, done.log
    python = runner.temp / "gatekeeper" / "venv" / "bin" / "python"
    told = subprocess.run([python, "-I", "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    found = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", told, re.MULTILINE))
    assert found
    assert {name.lower().replace("_", "-"): version for name, version in found.items()}.items() <= locked.items()
    subprocess.run([python, "-I", "-m", "gatekeeper", "run", "--help"], check=True, capture_output=True)


def test_the_install_step_says_what_to_do_without_a_new_python(tmp_path):
    (tmp_path / "bin").mkdir()
    for program in ("bash", "mkdir", "rm"):
        (tmp_path / "bin" / program).symlink_to(Path("/bin") / program)
    runner = Runner(tmp_path, tmp_path, "push", {}, {"PATH": str(tmp_path / "bin")})
    done = runner.use(ROOT, skip=(JUDGE, SUMMARY, COMMENT))
    assert done.exit == 3
    assert "actions/setup-python" in done.commands[0]
