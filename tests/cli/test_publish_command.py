from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.edges.forge import Clock
from gatekeeper.formats.report_json import report_document
from gatekeeper.model.errors import UsageError
from gatekeeper.publish_wiring import PublishOptions, publish
from tests.contract.fake_forge import HEAD, REPOSITORY, TOKEN, FakeForge, Fault, payload, serving
from tests.formats.workflow_commands import commands
from tests.reporters.sample import REPORT
from tests.repository import GitRepository

Publish = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    with serving(FakeForge()) as fake:
        yield fake
    assert fake.violations == []


def document(**changes: Any) -> dict[str, Any]:
    """A report of the commit at the head of the pull request."""
    made = json.loads(json.dumps(report_document(REPORT)))
    made["target"]["head"] = HEAD
    return {**made, **changes}


def surroundings(forge: FakeForge, folder: Path, name: str = "pull_request", event: Any = None) -> dict[str, str]:
    """The variables of a job of GitHub Actions."""
    file = folder / "event.json"
    file.write_text(json.dumps(payload(name) if event is None else event))
    return {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "70",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_API_URL": forge.address + forge.prefix,
        "GITHUB_SHA": "a" * 40,
        "GITHUB_TOKEN": TOKEN,
    }


@pytest.fixture
def command(forge: FakeForge, tmp_path: Path) -> Publish:
    def start(*arguments: str, report: Any = None, **changes: Any) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "report.json"
        file.write_text(report if isinstance(report, str) else json.dumps(report or document()))
        name, event = changes.pop("name", "pull_request"), changes.pop("event", None)
        variables = {**surroundings(forge, tmp_path, name, event), **changes}
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GATEKEEPER_TOKEN"))}
        line = [sys.executable, "-m", "gatekeeper", "publish", "--report", str(file), *arguments]
        return subprocess.run(
            line, env={**kept, **variables}, capture_output=True, text=True, check=False, cwd=tmp_path
        )

    return start


def test_a_report_becomes_the_one_comment(forge: FakeForge, command: Publish) -> None:
    done = command()
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"gatekeeper: pull request 2 of {REPOSITORY}: posted the comment\n"
    assert forge.bodies()[0].startswith(f"<!-- gatekeeper:v1 id=default run=70.1 sha={HEAD} -->\n")
    assert "says so already" in command().stderr
    assert "updated the comment" in command(GITHUB_RUN_ATTEMPT="2").stderr
    assert len(forge.bodies()) == 1
    assert all(entry.authorization == f"Bearer {TOKEN}" for entry in forge.seen)


def test_the_merge_commit_of_the_job_may_have_been_judged(forge: FakeForge, command: Publish) -> None:
    report = document()
    report["target"]["head"] = "a" * 40
    assert "posted" in command(report=report).stderr
    (body,) = forge.bodies()
    assert f"/blob/{'a' * 40}/src/" in body, "the lines of the findings are those of the commit that was judged"
    assert f"/blob/{HEAD}/" not in body
    assert f"sha={HEAD} " in body
    assert HEAD[:12] in body.splitlines()[-1]


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 3)])
def test_a_report_of_another_commit_is_not_posted(
    forge: FakeForge, command: Publish, strict: tuple[str, ...], code: int
) -> None:
    """The change could bring a file of that name along."""
    report = document()
    report["target"]["head"] = "b" * 40
    done = command(*strict, report=report)
    assert done.returncode == code
    assert "the report is about" in done.stderr
    assert forge.seen == []


@pytest.mark.parametrize(
    "report",
    [
        "",
        "[",
        "[]",
        "null",
        '"x"',
        "{}",
        "[" * 90_000,
        '{"schema": "gatekeeper.report/1"}',
        "NaN",
        json.dumps({**document(), "verdicts": [{}]}),
        json.dumps(document(exit=0, verdict="blocked")),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_what_is_no_report_is_not_posted_and_is_told(
    forge: FakeForge, tmp_path: Path, report: str, strict: bool, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from gatekeeper.cli.publish import register

    parser = argparse.ArgumentParser()
    register(parser)
    for name, value in surroundings(forge, tmp_path).items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "report.json"
    file.write_text(report)
    options = parser.parse_args(["--report", str(file), *(["--strict"] if strict else [])])
    assert options.function(options) == (3 if strict else 0)
    assert "not published: the report" in capsys.readouterr().err
    assert forge.seen == []


@pytest.mark.parametrize("status", [403, 404, 410, 422, 500])
def test_a_refusal_changes_no_exit_code_and_is_told(forge: FakeForge, tmp_path: Path, status: int) -> None:
    forge.faults = [
        Fault("POST", status=status, document={"message": "Resource not accessible by integration"}, times=9)
    ]
    (tmp_path / "report.json").write_text(json.dumps(document()))
    from gatekeeper.model.forge import ForgeError

    clock = Clock(lambda: 0.0, lambda: 0.0, lambda seconds: None)
    with pytest.raises(ForgeError, match=str(status)):
        publish(PublishOptions(str(tmp_path / "report.json")), surroundings(forge, tmp_path), clock)
    assert forge.bodies() == []


def test_what_a_forge_answers_is_no_command_of_the_workflow(forge: FakeForge, command: Publish) -> None:
    forge.faults.append(Fault("POST", status=418, document={"message": "##[stop-commands]owned\n::error::owned"}))
    done = command()
    assert "owned" in done.stderr
    assert commands(done.stderr) == []


def test_a_token_that_may_only_read_is_told_what_it_lacks(forge: FakeForge, command: Publish) -> None:
    forge.faults = [Fault("POST", status=403, document={"message": "Resource not accessible by integration"})]
    done = command()
    assert done.returncode == 0
    assert "not published: posting the comment: the forge answered 403" in done.stderr
    assert "pull-requests: write" in done.stderr
    assert TOKEN not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("push", "belongs to no pull request"),
        ("merge_group", "merge queue"),
        ("workflow_dispatch", "belongs to no pull"),
    ],
)
def test_other_events_get_no_comment(forge: FakeForge, command: Publish, name: str, words: str) -> None:
    event = payload(name) if name != "workflow_dispatch" else {"inputs": None}
    done = command(name=name, event=event)
    assert (done.returncode, words in done.stderr) == (0, True), done.stderr
    assert forge.seen == []


def fork_event(**changes: Any) -> dict[str, Any]:
    """A run of a fork's pull request that ended, as the job on `workflow_run` is told of it."""
    event = copy.deepcopy(payload("workflow_run"))
    of_run = {"event": "pull_request", "head_sha": HEAD, "head_branch": "changes", "id": 65, "pull_requests": []}
    event["workflow_run"].update({**of_run, **changes})
    event["workflow_run"]["head_repository"]["owner"]["login"] = "Codertocat"
    return event


def test_a_fork_is_found_by_branch_and_commit_whatever_the_report_says(forge: FakeForge, command: Publish) -> None:
    report = {**document(), "number": 99, "pull_request": {"number": 99}}
    report["target"]["head"] = "a" * 40
    done = command(name="workflow_run", event=fork_event(), report=report)
    assert "pull request 2 of" in done.stderr, done.stderr
    assert " run=65.1 " in forge.bodies()[0]
    linked = set(re.findall(r"/blob/([0-9a-f]+)/", forge.bodies()[0]))
    assert linked == {HEAD}, "the report cannot choose the commit, since a fork's are found there too"


@pytest.mark.parametrize(
    "changes",
    [
        {"head_sha": "0" * 40},
        {"event": "push"},
        {"head_branch": "other"},
        {"head_repository": None},
        {"head_branch": None},
    ],
)
def test_a_run_of_no_open_pull_request_gets_no_comment(
    forge: FakeForge, tmp_path: Path, changes: dict[str, Any]
) -> None:
    event = fork_event()
    event["workflow_run"].update(changes)
    (tmp_path / "report.json").write_text(json.dumps(document()))
    said = publish(
        PublishOptions(str(tmp_path / "report.json")), surroundings(forge, tmp_path, "workflow_run", event)
    ).said
    assert said.startswith("no comment: ")
    assert forge.bodies() == []


def test_on_failure_begins_no_comment_for_a_pass(forge: FakeForge, command: Publish) -> None:
    passed = document(exit=0, verdict="passed")
    assert "none is wanted" in command("--comment", "on-failure", report=passed).stderr
    assert "posted" in command("--comment", "on-failure").stderr
    assert "updated" in command("--comment", "on-failure", report=passed, GITHUB_RUN_ID="71").stderr
    assert "--comment off" in command("--comment", "off").stderr
    assert len(forge.bodies()) == 1


def test_two_names_are_two_comments(forge: FakeForge, command: Publish) -> None:
    command("--id", "linux")
    command("--id", "mac")
    assert [body.split()[2] for body in forge.bodies()] == ["id=linux", "id=mac"]


def test_a_dry_run_writes_nothing(forge: FakeForge, command: Publish) -> None:
    done = command("--dry-run")
    assert done.stdout.startswith("<!-- gatekeeper:v1")
    assert "would post a comment" in done.stderr
    assert {entry.method for entry in forge.seen} == {"GET"}
    forge.seen.clear()
    assert "not looked" in command("--dry-run", GITHUB_TOKEN="").stderr
    assert forge.seen == []


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (("--id", "a b -->"), {}, "cannot be the id"),
        ((), {"GITHUB_EVENT_NAME": ""}, "no job of GitHub Actions"),
        ((), {"GITHUB_API_URL": "http://github.example"}, "not encrypted"),
        ((), {"GITHUB_RUN_ID": "x"}, "GITHUB_RUN_ID"),
        ((), {"GITHUB_TOKEN": "a\nb"}, "no token has"),
    ],
)
def test_wrong_usage_is_told(
    forge: FakeForge, tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], words: str
) -> None:
    (tmp_path / "report.json").write_text(json.dumps(document()))
    options = PublishOptions(str(tmp_path / "report.json"), id=arguments[1] if arguments else "default")
    with pytest.raises(UsageError, match=words):
        publish(options, {**surroundings(forge, tmp_path), **variables})
    assert forge.seen == []


def test_a_token_never_reaches_the_code_of_the_change(repository: GitRepository, tmp_path: Path) -> None:
    """The candidate's own tests write down all that their environment holds."""
    dump = tmp_path / "environment"
    test = f"import os\n\ndef test_dump():\n    open({str(dump)!r}, 'w').write(repr(dict(os.environ)))\n"
    config = "gates:\n  review: off\n  coverage: off\n  docs: off\n"
    repository.commit(
        {".gatekeeper.yml": config, "sums.py": "A = 1\n", "tests/test_sums.py": "def test_it():\n    pass\n"}
    )
    repository.stage({"tests/test_sums.py": test, "sums.py": "A = 2\n"})
    own = ("GITHUB_TOKEN", "GATEKEEPER_TOKEN", "GATEKEEPER_APP_TOKEN")
    names = (*own, "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "INPUT_GITHUB-TOKEN")
    run = repository.gatekeeper(env=dict.fromkeys(names, TOKEN))
    assert run.exit == 0, run.stdout + run.stderr
    seen = ast.literal_eval(dump.read_text())
    assert TOKEN not in seen.values()
    assert TOKEN not in json.dumps(run.report)


_WATCHED = """
import sys
def watch(name, _):
    if name in ("subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system"):
        raise SystemExit(f"started a program: {name}")
sys.addaudithook(watch)
from gatekeeper.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_publishing_starts_no_program(forge: FakeForge, tmp_path: Path) -> None:
    """The process that has the token has no child that could read it."""
    report = tmp_path / "report.json"
    report.write_text(json.dumps(document()))
    line = [sys.executable, "-c", _WATCHED, "publish", "--report", str(report)]
    environment = {**os.environ, **surroundings(forge, tmp_path)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "posted the comment" in done.stderr, done.stderr
    assert len(forge.bodies()) == 1
