"""Carries out a composite action as a runner of GitHub does: its steps, its files of commands, its outputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.action.expressions import condition, expanded

ROOT = Path(__file__).parents[2]
_HEREDOC = re.compile(r"([^=<]+)<<(.+)")
_STOPPED = re.compile(r"^::stop-commands::(\S+)$")


@dataclass
class Step:
    """What became of one step."""

    name: str
    exit: int | None  # None where it was not run
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    env: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)  # what another action is handed, which is not run


@dataclass
class Done:
    """What became of the action."""

    exit: int
    steps: dict[str, Step]
    outputs: dict[str, str]

    @property
    def log(self) -> str:
        """All that was printed."""
        return "".join(step.log for step in self.steps.values())

    @property
    def summary(self) -> str:
        """The summary of the job."""
        return "".join(step.summary for step in self.steps.values())

    @property
    def commands(self) -> list[str]:
        """The lines that the runner takes for commands."""
        return [line for step in self.steps.values() for line in commands_of(step.log)]


def commands_of(log: str) -> list[str]:
    """The commands of a log: a line that begins with `::`, or has `##[` in it, unless commands are stopped."""
    found = []
    token = ""
    for line in re.split(r"\r\n|\r|\n", log):
        text = line.strip()
        if token:
            token = "" if text == f"::{token}::" else token
        elif stopped := _STOPPED.match(text):
            token = stopped[1]
        elif text.startswith("::") or "##[" in text:
            found.append(text)
    return found


@dataclass
class Runner:
    """A machine with a checkout of a repository, and an event that starts the job."""

    workspace: Path
    temp: Path
    event_name: str
    event: Any
    variables: dict[str, str] = field(default_factory=dict)
    token: str = ""
    ref: str = "refs/pull/2/merge"

    def use(self, action: Path, inputs: dict[str, str] | None = None, skip: tuple[str, ...] = ("Install",)) -> Done:
        """Run the action in this folder with these inputs, but for the steps of these names."""
        document = yaml.safe_load((action / "action.yml").read_text(encoding="utf-8"))
        context = self._context(document, inputs or {})
        steps: dict[str, Step] = {}
        failed = 0
        for entry in document["runs"]["steps"]:
            if entry["name"] in skip or not condition(str(entry.get("if", "")), context, bool(failed)):
                steps[entry["name"]] = Step(entry["name"], None)
                continue
            if "uses" in entry:
                given = {name: expanded(str(value), context) for name, value in entry["with"].items()}
                steps[entry["name"]] = Step(entry["name"], 0, given=given)
                continue
            assert entry["shell"] == "bash"
            step = self._run(entry, action, context)
            steps[step.name] = step
            context["steps"][entry.get("id", step.name)] = {"outputs": step.outputs}
            if step.exit and not entry.get("continue-on-error"):
                failed = failed or step.exit
        outputs = {name: expanded(value["value"], context) for name, value in document.get("outputs", {}).items()}
        return Done(failed, steps, outputs)

    def _context(self, document: dict[str, Any], inputs: dict[str, str]) -> dict[str, Any]:
        kind, name = self.ref.removeprefix("refs/").split("/", 1)
        types = {"heads": "branch", "tags": "tag"}
        github = {
            "token": self.token, "event_name": self.event_name, "event": self.event,
            "ref_name": name, "ref_type": types.get(kind, "branch"),
        }  # fmt: skip
        unknown = set(inputs) - set(document["inputs"])
        assert not unknown, unknown
        given: dict[str, str] = {}
        for name, about in document["inputs"].items():
            assert name in inputs or not about.get("required"), name
            given[name] = inputs.get(name, expanded(str(about.get("default", "")), {"github": github}))
        return {"github": github, "inputs": given, "steps": {}}

    def _run(self, entry: dict[str, Any], action: Path, context: dict[str, Any]) -> Step:
        names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
        files = {name: self.temp / f"_{name}" for name in names}
        for file in files.values():
            file.write_bytes(b"")
        event = self.temp / "_event.json"
        event.write_text(json.dumps(self.event))
        own = {name: expanded(str(value), context) for name, value in entry.get("env", {}).items()}
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")},
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(event), "GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temp),
            "GITHUB_REPOSITORY": "Codertocat/Hello-World", "GITHUB_REPOSITORY_ID": "186853002",
            "GITHUB_WORKFLOW_REF": f"Codertocat/Hello-World/.github/workflows/gatekeeper.yml@{self.ref}",
            "GITHUB_REF_NAME": self.ref.split("/", 2)[2], "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_ACTION_PATH": str(action),
            **{name: str(file) for name, file in files.items()}, **self.variables, **own,
        }  # fmt: skip
        script = self.temp / "_step.sh"
        script.write_text(entry["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert not files["GITHUB_ENV"].read_bytes(), "no step hands a variable on"
        assert not files["GITHUB_PATH"].read_bytes()
        log = done.stdout.decode("utf-8", "replace")
        summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        return Step(entry["name"], done.returncode, log, parsed_outputs(files["GITHUB_OUTPUT"]), summary, own)


def parsed_outputs(file: Path) -> dict[str, str]:
    """The outputs that a step wrote. Raises ValueError where the runner would."""
    outputs = {}
    lines = iter(file.read_text(encoding="utf-8").split("\n"))
    for line in lines:
        if not line:
            continue
        heredoc = _HEREDOC.fullmatch(line)
        if not heredoc:
            name, sign, value = line.partition("=")
            if not sign:
                raise ValueError(f"Invalid format {line!r}")
            outputs[name] = value
            continue
        value_lines = []
        for inner in lines:
            if inner == heredoc[2]:
                break
            value_lines.append(inner)
        else:
            raise ValueError(f"Matching delimiter not found {heredoc[2]!r}")
        outputs[heredoc[1]] = "\n".join(value_lines)
    return outputs
