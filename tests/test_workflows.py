"""The Action, the workflows and the examples of docs/github.md, by the linters and by rules of our own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from tests.npm import installed

ROOT = Path(__file__).parents[1]
PARSER = ROOT / "tests" / "action" / "parser"
ACTIONS = ("action.yml", "publish/action.yml")
WORKFLOWS = tuple(f".github/workflows/{file.name}" for file in sorted((ROOT / ".github" / "workflows").glob("*")))
EXAMPLES = ("docs/gatekeeper.yml", "docs/publish.yml", "docs/gatekeeper-for-forks.yml")
PLACEHOLDER = "0123456789abcdef0123456789abcdef01234567"
USES = re.compile(r"^\s*(?:- )?uses: (\S+?)(?:@(\S+))?(?: # (.*))?$", re.MULTILINE)


def examples() -> dict[str, str]:
    """The workflows that the page shows, with a commit where it has a word for one."""
    page = (ROOT / "docs" / "github.md").read_text(encoding="utf-8")
    shown = page.split("\n## Required check", 1)[0]
    gate, rest, publish = re.findall(r"```yaml\n(.*?)```", shown, re.DOTALL)
    head, judge, _ = gate.partition("      - name: Gatekeeper\n")
    assert judge
    texts = (gate, publish, head.replace("      pull-requests: write # to comment\n", "") + rest)
    return {name: text.replace("COMMIT", PLACEHOLDER) for name, text in zip(EXAMPLES, texts, strict=True)}


TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in (*ACTIONS, *WORKFLOWS)} | examples()
FLOWS = [name for name in TEXTS if name not in ACTIONS]


@pytest.fixture
def tree(tmp_path):
    """All files where a linter looks for them, in a folder of their own."""

    def write(texts: dict[str, str]) -> list[str]:
        names = []
        for name, text in texts.items():
            place = name.replace("docs/", ".github/workflows/docs-")
            file = tmp_path / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            names.append(str(file))
        return names

    return write


def lint(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a linter of the development environment."""
    place = Path(sys.executable).parent / program
    return subprocess.run([place, *arguments], capture_output=True, text=True, check=False)


def zizmor(names):
    options = ("--offline", "--no-progress", "--strict-collection", "--persona=auditor", "--no-config")
    return lint("zizmor", *options, *names)


def test_zizmor_finds_nothing(tree):
    done = zizmor(tree(TEXTS))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("run: bash", 'run: echo "${{ inputs.gates }}"; bash', "template-injection"),
        ("  steps:", "  step:", ""),  # what is no action at all is no mere warning
    ],
)
def test_zizmor_would_find_a_planted_mistake(tree, before, after, rule):
    done = zizmor(tree({"action.yml": TEXTS["action.yml"].replace(before, after)}))
    assert done.returncode != 0
    assert rule in done.stdout


def schema(builtin, names):
    return lint("check-jsonschema", "--builtin-schema", builtin, *names)


def test_the_schemas_are_kept_to(tree):
    places = tree(TEXTS)
    actions = [place for place in places if place.endswith("action.yml")]
    flows = [place for place in places if not place.endswith("action.yml")]
    for builtin, names in (
        ("vendor.github-actions", actions),
        ("vendor.github-workflows", flows),
        ("custom.github-workflows-require-timeout", flows),
    ):
        done = schema(builtin, names)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_would_find_a_planted_mistake(tree):
    names = tree({"action.yml": TEXTS["action.yml"].replace("      shell: bash\n", "")})
    assert schema("vendor.github-actions", names).returncode == 1


@pytest.fixture(scope="module")
def parser(tmp_path_factory):
    """A folder in which GitHub's own parser is installed; skips where it cannot be had."""
    folder = tmp_path_factory.mktemp("parser")
    for file in PARSER.iterdir():
        shutil.copy(file, folder)
    installed(folder)
    return folder


def errors(parser: Path, texts: dict[str, str]) -> dict[str, list[str]]:
    """What GitHub's parser says of each file."""
    files = [{"name": name, "content": text} for name, text in texts.items()]
    done = subprocess.run(
        ["node", "parse.mjs"], cwd=parser, input=json.dumps(files), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(texts, json.loads(done.stdout), strict=True))


@pytest.mark.long
def test_githubs_own_parser_reads_all_of_them(parser):
    assert errors(parser, TEXTS) == {name: [] for name in TEXTS}
    wrong = {
        "w.yml": TEXTS[".github/workflows/ci.yml"].replace("reopened", "reopend"),
        "action.yml": TEXTS["action.yml"].replace("      shell: bash\n", ""),
    }
    assert all(errors(parser, wrong).values())


def steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    jobs = document.get("jobs", {"": document.get("runs")}).values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("name", TEXTS)
def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it(name):
    for action, commit, comment in USES.findall(TEXTS[name]):
        if action.startswith("./"):
            continue
        assert re.fullmatch(r"[0-9a-f]{40}", commit), action
        assert re.fullmatch(r"v\d+\.\d+\.\d+", comment), action


def test_one_version_of_an_action_is_one_commit_everywhere():
    pins = {(a, v): c for text in TEXTS.values() for a, c, v in USES.findall(text) if not a.startswith("./")}
    assert len({action for action, _ in pins}) == len(pins)
    for text in TEXTS.values():
        assert all(pins[a, v] == c for a, c, v in USES.findall(text) if not a.startswith("./"))


@pytest.mark.parametrize("name", TEXTS)
def test_no_expression_stands_in_a_script(name):
    for step in steps(yaml.safe_load(TEXTS[name])):
        assert "${{" not in step.get("run", "")
        assert ("run" in step) == (step.get("shell") == "bash")


@pytest.mark.parametrize("name", FLOWS)
def test_no_workflow_has_a_right_that_it_does_not_name(name):
    document = yaml.safe_load(TEXTS[name])
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert job["permissions"]
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", FLOWS)
def test_what_runs_the_change_cannot_write_and_what_can_write_runs_nothing_of_it(name):
    document = yaml.safe_load(TEXTS[name])
    events = document[True]  # what YAML takes `on` for
    assert "pull_request_target" not in events
    for job in document["jobs"].values():
        may_write = {right for right, level in job["permissions"].items() if level == "write"}
        if "workflow_run" in events:
            assert may_write == {"pull-requests"}
            refs = [step.get("with", {}).get("ref") for step in job["steps"]]
            assert refs == [None] * len(refs)
        else:
            assert may_write <= ({"pull-requests"} if name == "docs/gatekeeper.yml" else set())


@pytest.mark.parametrize("name", [".github/workflows/gatekeeper.yml", "docs/gatekeeper.yml", EXAMPLES[2]])
def test_the_required_check_can_be_neither_skipped_nor_cancelled(name):
    document = yaml.safe_load(TEXTS[name])
    events = document[True]
    assert set(events) == {"pull_request", "merge_group"}
    assert all(set(event) == {"types"} for event in events.values())
    assert not {"labeled", "edited"} & set(events["pull_request"]["types"])
    job = document["jobs"]["gate"]
    assert not {"if", "needs", "continue-on-error"} & set(job)
    (judge,) = [s for s in job["steps"] if "gatekeeper@" in s.get("uses", "") or s.get("uses") == "./judge"]
    assert not {"if", "continue-on-error"} & set(judge)
    assert document["concurrency"]["cancel-in-progress"] is False
    assert "head.sha" in document["concurrency"]["group"]


def test_the_base_judges_this_repository():
    names = [
        step["name"] for step in yaml.safe_load(TEXTS[".github/workflows/gatekeeper.yml"])["jobs"]["gate"]["steps"]
    ]
    document = yaml.safe_load(TEXTS[".github/workflows/gatekeeper.yml"])["jobs"]["gate"]["steps"]
    judge = next(step for step in document if step.get("with", {}).get("path") == "judge")
    assert judge["with"]["ref"] == "${{ github.event.pull_request.base.sha || github.event.merge_group.base_sha }}"
    assert names.index(judge["name"]) == names.index("Judge") - 1  # nothing of the change runs between


def test_only_the_posting_step_and_the_recalling_one_know_the_token():
    for name, recalling in zip(ACTIONS, (["Recall what the default branch remembers"], []), strict=True):
        with_token = [step["name"] for step in steps(yaml.safe_load(TEXTS[name])) if "token" in json.dumps(step)]
        assert with_token == [*recalling, "Comment on the pull request"]


def test_nothing_of_the_change_runs_before_the_memory_is_recalled_and_only_the_default_branch_leaves_one():
    names = [step["name"] for step in steps(yaml.safe_load(TEXTS["action.yml"]))]
    assert names[:3] == ["Install", "Recall what the default branch remembers", "Judge"]
    kept = next(step for step in steps(yaml.safe_load(TEXTS["action.yml"])) if "uses" in step)
    assert kept["with"]["name"] == "gatekeeper-memory-${{ inputs.id }}"


@pytest.mark.parametrize("script", sorted((ROOT / "action").glob("*.sh")), ids=lambda file: file.name)
def test_scripts_are_strict_and_whole(script):
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    assert "${{" not in text
    assert "eval" not in text
    assert "set -euo pipefail" in text or script.name == "said.sh"


LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", LOCK, re.MULTILINE))


def test_the_lock_satisfies_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(PINNED[requirement.name.lower()]), requirement


def test_every_line_of_the_lock_has_its_hashes():
    entries = re.split(r"^(?=[a-z0-9])", LOCK.split("\n", 3)[3], flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
    assert not re.search(r"://|--(index|extra|find|trusted)", LOCK.split("\n", 3)[3])


def test_the_page_tells_every_input_and_output():
    page = (ROOT / "docs" / "github.md").read_text(encoding="utf-8")
    action = yaml.safe_load(TEXTS["action.yml"])
    told = re.findall(r"^\| `([a-z-]+)` \|", page.split("| input |", 1)[1].split("\nOutputs", 1)[0], re.MULTILINE)
    assert told == list(action["inputs"])
    outputs = page.split("\nOutputs", 1)[1].split("\n\n", 1)[0]
    assert all(f"`{name}`" in outputs for name in action["outputs"])
