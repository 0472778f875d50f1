"""The program behind the gate `pre-commit`: runs the project's hooks in a repository of their own, and tells how.

It is started by path with a request as JSON: `git_dir` of the real repository, `head_tree`, `head` (the commit to stand
on, or empty), `candidate` and `base_candidate` (folders), `scratch`, `config` (its path in the tree), `config_of_base`,
`files` (null for all), `borrowed`, `skip` and `tool`. The answer is one JSON object; `Answer` describes its fields.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

sys.path.append(str(Path(__file__).resolve().parents[2]))

import yaml

from gatekeeper.edges.git import Repository
from gatekeeper.formats.hook_report import read_hook_report
from gatekeeper.inspectors.hook_ground import Ground, make_ground

_WITHIN = "GATEKEEPER_WITHIN_PRE_COMMIT"
_KEPT = frozenset({"PRE_COMMIT_HOME", "PREK_HOME", "PREK_NATIVE_TLS", "PREK_UV_SOURCE", "PREK_CONTAINER_RUNTIME"})
_LONGEST_ARGUMENTS = 1_000_000  # bytes; Linux takes twice as much, the environment included
_LARGEST_OUTPUT = 4 << 20
_LARGEST_DIFF = 20_000
_MOST_DIFFS = 100
_CONFIG_MISSING = "there is no {} in the tree that is judged"


@dataclass
class Answer:
    """What was seen: `trouble` and `hint` where nothing was.

    `tool` is the program that ran, `exit` its exit code, `output` and `errors` what it printed. `changed` are the files
    that hooks changed, each with `path` and `diff`. `notes` are facts worth knowing.
    """

    tool: str = ""
    exit: int = 0
    output: str = ""
    errors: str = ""
    changed: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    trouble: str = ""
    hint: str = ""


class CannotLookError(Exception):
    """The hooks cannot be run; holds why and what helps."""


def look(request: dict[str, Any]) -> Answer:
    """Run the hooks over the tree of the request."""
    if os.environ.get(_WITHIN):
        hint = "Take the hook that starts Gatekeeper out of the configuration, or list its id under `skip`"
        raise CannotLookError("a hook of pre-commit runs Gatekeeper, which would run pre-commit again", hint)
    tool = _find_tool(str(request["tool"]))
    answer = Answer(tool=Path(tool).name)
    ground = make_ground(request)
    config = _config(request, ground, answer)
    ids = _hook_ids(config)
    skipped = [*request["skip"], *filter(_is_ours, ids)]
    before = set(_changed(ground))
    argv = [tool, "run", "--color", "never", "--config", str(config)]
    argv += ["--stage" if answer.tool == "prek" else "--hook-stage", "pre-commit"]
    _run([*argv, *_selection(request, answer)], ground, _environment(skipped), len(ids), answer)
    after = [path for path in _changed(ground) if path not in before]
    answer.changed = [
        {"path": path, "diff": _diff(ground, path) if number < _MOST_DIFFS else ""} for number, path in enumerate(after)
    ]
    return answer


def _find_tool(wanted: str) -> str:
    """The program that is asked for; else the first of the project, of the path, of Gatekeeper's own environment."""
    names = [wanted] if wanted else ["pre-commit", "prek"]
    places = [*os.environ.get("PATH", os.defpath).split(os.pathsep), str(Path(sys.executable).parent)]
    for place in places:
        for name in names:
            found = shutil.which(name, path=place) if place else None
            if found:
                return found
    hint = f"Install it into the environment of the project: python -m pip install {names[0]}"
    raise CannotLookError(f"{' or '.join(names)} is not installed", hint)


def _config(request: dict[str, Any], ground: Ground, answer: Answer) -> Path:
    """The configuration that judges: that of the base for a range of commits, or else that of the tree."""
    name = str(request["config"])
    own, base = ground.work / name, Path(request["base_candidate"], name)
    if request["config_of_base"] and base.is_file() and not base.is_symlink():
        if not own.is_file() or own.read_bytes() != base.read_bytes():
            answer.notes.append(f"the change edits {name}: the hooks of the base judged it")
        copy = ground.work.parent / "pre-commit-config.yaml"
        shutil.copyfile(base, copy)
        return copy
    if own.is_symlink() or not own.is_file():
        hint = f"Add {name} to the commit, name another file with `config`, or switch the gate off"
        raise CannotLookError(_CONFIG_MISSING.format(name), hint)
    if request["config_of_base"]:
        answer.notes.append(f"the base has no {name}, so the one that the change brings was used")
    return own


def _hook_ids(config: Path) -> list[str]:
    """The ids of the hooks that a configuration names, none where it cannot be read: the tool says why."""
    try:
        loaded = yaml.safe_load(config.read_bytes())
        return [str(hook["id"]) for repo in loaded["repos"] for hook in repo["hooks"]]
    except (yaml.YAMLError, KeyError, AttributeError, TypeError, ValueError, RecursionError):
        return []


def _is_ours(hook_id: str) -> bool:
    """Whether a hook would start Gatekeeper once more."""
    return hook_id == "gatekeeper" or hook_id.startswith("gatekeeper-")


def _selection(request: dict[str, Any], answer: Answer) -> list[str]:
    """The options that say which files the hooks get."""
    files = request["files"]
    if files is None:
        return ["--all-files"]
    names = [name if not name.startswith("-") else f"./{name}" for name in files]
    if sum(len(os.fsencode(name)) + 9 for name in names) < _LONGEST_ARGUMENTS:
        return ["--files", *names] if names else []
    answer.notes.append("the change has too many files to name: the hooks got all files that differ from the base")
    return []  # in the repository that was made, the whole change is staged


def _run(argv: list[str], ground: Ground, environment: dict[str, str], total: int, answer: Answer) -> None:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            argv,
            cwd=ground.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        if process.stdout is None:
            raise CannotLookError("the output of the hooks cannot be read", "Run the gate again")
        output = _read(process.stdout, total)
        answer.exit = process.wait()
        errors.seek(0)
        answer.errors = _text(errors.read(_LARGEST_OUTPUT))
    answer.output = _text(output)


def _read(stream: BinaryIO | Any, total: int) -> bytes:
    """All that the tool prints, with a word of progress for each hook that has ended."""
    kept = bytearray()
    done = 0
    for line in stream:
        if len(kept) < _LARGEST_OUTPUT:
            kept += line
        ended = read_hook_report(_text(line))
        if ended:
            done += 1
            word = {"text": ended[0].name[:80], "done": min(done, total), "total": total}
            sys.stdout.write(f"::gatekeeper {json.dumps(word)}\n")
            sys.stdout.flush()
    return bytes(kept)


def _environment(skipped: list[str]) -> dict[str, str]:
    """Ours, without what would make the tools skip hooks or pass without a configuration."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not (name == "SKIP" or name.startswith(("PRE_COMMIT", "PREK_", "GIT_DIR", "GIT_INDEX")))
    }
    kept[_WITHIN] = "1"
    if skipped:
        kept["SKIP"] = ",".join(skipped)
    return kept


def _changed(ground: Ground) -> list[str]:
    """The files that differ from the index."""
    names = _fresh(ground).run("diff", "--name-only", "--no-renames", "--ignore-submodules", "-z")
    return [name.decode("utf-8", "surrogateescape") for name in names.split(b"\0") if name]


def _diff(ground: Ground, path: str) -> str:
    arguments = ["--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--ignore-submodules"]
    output = _fresh(ground).run("diff", *arguments, "--", f":(top,literal){path}")
    return _text(output[:_LARGEST_DIFF])


def _fresh(ground: Ground) -> Repository:
    """The repository that was made, with nothing remembered: a hook may have changed its configuration."""
    git_dir = str(ground.work / ".git")
    return Repository(str(ground.work), git_dir, git_dir)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


def main() -> None:
    """Read the request from standard input and write the answer to standard output."""
    request = json.load(sys.stdin)
    try:
        answer = look(request)
    except CannotLookError as error:
        answer = Answer(trouble=str(error.args[0]), hint=str(error.args[1]))
    sys.stdout.write(json.dumps(asdict(answer)) + "\n")


if __name__ == "__main__":
    main()
