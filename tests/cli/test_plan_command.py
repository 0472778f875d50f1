"""`gatekeeper plan` through its command line, on real repositories."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

import jsonschema_rs
import pytest

from gatekeeper.cli import plan
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.schemas import read_schema
from tests.repository import GitRepository

MODELS = "class User:\n    '''A user.'''\n\n    name = ''\n"
USERS = "from app.models import User\n\n\ndef users():\n    '''All users.'''\n    return [User()]\n"
PAGED = USERS + "\n\ndef page(number):\n    '''One page of them.'''\n    return users()[number:]\n"
SCRIPT = """
import argparse, sys
from gatekeeper.cli import plan
parser = argparse.ArgumentParser()
plan.register(parser)
options = parser.parse_args()
sys.exit(options.function(options))
"""


@pytest.fixture
def shop(repository: GitRepository) -> GitRepository:
    repository.commit(
        {"app/__init__.py": "", "app/models.py": MODELS, "app/users.py": USERS, "README.md": "# Shop\n",
         "tests/test_users.py": "from app.users import users\n"}
    )  # fmt: skip
    return repository


@pytest.fixture
def staged(shop: GitRepository) -> GitRepository:
    shop.stage({"app/models.py": MODELS + "    mail = ''\n", "app/users.py": PAGED, "docs/users.md": "# Pages\n"})
    return shop


def command(repository, *arguments):
    parser = argparse.ArgumentParser()
    plan.register(parser)
    options = parser.parse_args(["-C", str(repository.path), *arguments])
    return options.function(options)


def shown(capsys, repository, *arguments):
    assert command(repository, *arguments) == 0
    return capsys.readouterr().out


def test_a_staged_change(staged, capsys):
    text = shown(capsys, staged, "--staged", "--type", "feature")
    assert "declared type: feature" in text
    assert "width       1 for code, 4 with quality" in text
    assert "app/models.py, app/users.py" in text
    assert "x of a possible " in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_every_form(staged, capsys):
    assert shown(capsys, staged).startswith("app/")
    markdown = shown(capsys, staged, "--format", "markdown")
    assert markdown.startswith("**Plan: ")
    assert "```mermaid\nflowchart LR\n" in markdown
    document = json.loads(shown(capsys, staged, "--format", "json"))
    jsonschema_rs.validator_for(read_schema("plan")).validate(document)
    line = shown(capsys, staged, "--format", "github-matrix")
    assert line.count("\n") == 1
    assert [entry["id"] for entry in json.loads(line)["include"]] == [w["id"] for w in document["workstreams"]]
    assert document["units"][1]["needs"][0]["proof"] == "app/users.py:1 imports app.models"


def test_the_number_of_agents(staged, capsys):
    document = json.loads(shown(capsys, staged, "--format", "json", "--agents", "1"))
    assert document["schedule"]["agents"] == 1
    assert document["schedule"]["speed_up"] == 1.0


def test_a_file_as_output(staged, capsys, tmp_path):
    target = tmp_path / "plan.json"
    assert shown(capsys, staged, "--format", "json", "--output", str(target)) == ""
    assert target.read_text() == shown(capsys, staged, "--format", "json")


@pytest.mark.parametrize("form", ["text", "markdown", "json", "github-matrix"])
def test_the_same_input_gives_the_same_bytes(staged, form):
    outputs = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, "--format", form], cwd=staged.path, capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_a_matrix_that_github_would_not_take_is_refused(shop, capsys):
    goals = "".join(f"  - {{id: g{n}, goal: x, lane: [d{n}]}}\n" for n in range(80))
    shop.write("plan.yml", f"title: T\ngoals:\n{goals}")
    with pytest.raises(UsageError, match="324 workstreams, and a matrix of GitHub holds 256 jobs"):
        command(shop, "--task-file", "plan.yml", "--format", "github-matrix")
    long = "d" * 240
    shop.stage({f"{long}{n}/{long}/{long}/{long}/x.py": "x = 1\n" for n in range(200)})
    with pytest.raises(UsageError, match="and an output of GitHub holds 1,000,000"):
        command(shop, "--format", "github-matrix")


def test_planning_writes_nothing(staged, capsys):
    before = staged.state()
    shown(capsys, staged)
    assert staged.state() == before


def test_a_task(shop, capsys):
    text = shown(capsys, shop, "--task", "Add pagination to the users API", "--files", "app/**", "docs/**")
    assert text.startswith("Add pagination to the users API\n")
    assert "Add pagination to the users API in app/**" in text
    assert 'public API: the task speaks of "API"' in text


def test_a_task_file(shop, capsys):
    shop.write("plan.yml", "title: T\nkind: bugfix\ngoals:\n  - {id: a, goal: Mend it, lane: [app], estimate: 7m}\n")
    document = json.loads(shown(capsys, shop, "--task-file", "plan.yml", "--format", "json"))
    assert (document["title"], document["kind"]) == ("T", "bugfix")
    assert document["workstreams"][0]["estimate"] == {"seconds": 420.0, "basis": "declared in plan.yml"}


def test_all_mistakes_of_a_task_file(shop):
    shop.write("plan.yml", "title: T\ngoals:\n  - {id: a, goal: x, lanes: [app]}\n  - {id: b, goal: x, lane: []}\n")
    with pytest.raises(UsageError) as caught:
        command(shop, "--task-file", "plan.yml")
    assert caught.value.message.split("\n") == [
        "the task file plan.yml has 3 mistakes",
        "plan.yml:3: unknown key `goals[0].lanes`; did you mean `lane`?",
        "plan.yml:3: `goals[0].lane` is missing",
        "plan.yml:4: `goals[1].lane` takes no path; give at least one pattern",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--task-file", "absent.yml"), "absent.yml cannot be read: No such file"),
        (("--staged", "--all"), "only one"),
        (("--task", "x", "--staged"), "only one thing"),
        (("--task", ""), "--task is empty"),
        (("--files", "src/**"), "--files belongs to --task"),
        (("--base", "nothing"), "nothing"),
        (("--output", "/"), "cannot be written"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(shop, arguments, words):
    with pytest.raises(GatekeeperError, match=words):
        command(shop, *arguments)


@pytest.mark.parametrize("number", ["0", "257", "-1", "many"])
def test_the_number_of_agents_has_its_limits(shop, capsys, number):
    with pytest.raises(SystemExit):
        command(shop, f"--agents={number}")
    assert "a whole number from 1 to 256 is wanted" in capsys.readouterr().err


def test_an_empty_change(shop, capsys):
    text = shown(capsys, shop, "--from", "HEAD", "--to", "HEAD")
    assert "Nothing to do" in text
    assert json.loads(shown(capsys, shop, "--from", "HEAD", "--to", "HEAD", "--format", "github-matrix")) == {
        "include": []
    }


def test_odd_files_are_planned(shop, capsys):
    shop.commit({"gone.bin": b"\0\1", "app/broken.py": "def (:\n"})
    shop.git("rm", "--quiet", "gone.bin")
    shop.stage(
        {"app/broken.py": "def (((:\n", "new.bin": b"\0\2", "line\nbreak.py": "x = 1\n", "-option.py": "y = 1\n"}
    )
    text = shown(capsys, shop)
    assert "gone.bin" in text
    assert "line\\nbreak.py" in text
    shown(capsys, shop, "--format", "markdown")


def test_a_repository_without_a_commit(repository, capsys):
    assert "Begin" in shown(capsys, repository, "--task", "Begin")
