"""Finds the interpreter of the project under test, and what is installed in it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from gatekeeper.edges.child_environment import child_environment
from gatekeeper.edges.framework import is_isolated, without_framework
from gatekeeper.edges.process import run_quickly
from gatekeeper.model.candidate import Environment

_PROGRAMS = Path(__file__).resolve().parent.parent
_USUAL_FOLDERS = (".venv", "venv", "env", ".env")


def find_environment(top: Path, root: str, configured: str, variables: Mapping[str, str], memory: Path) -> Environment:
    """The environment of the project in the folder `root` of the working tree `top`.

    The first of these that exists: what the configuration names; the active environment; `.venv`, `venv`, `env` in the
    project's folder or above it; what uv, poetry or hatch made elsewhere; the active conda environment; the interpreter
    that runs Gatekeeper; `python3`. The active environment is passed over when it is Gatekeeper's own and the
    project has one beside it. One that the pre-commit framework made for Gatekeeper alone is never taken: it cannot
    import the project. What an interpreter answered is remembered in the folder `memory`.
    """
    for python, reason in _choices(top, root, configured, variables):
        if python and Path(python).exists():
            return probe(python, reason, memory)
    if is_isolated() and not configured:
        return _behind_the_framework(variables, memory)
    problem = f"there is no interpreter at {_named(top / root, configured)}" if configured else "no Python was found"
    return Environment("", "none", problem=problem)


def probe(python: str, reason: str, memory: Path) -> Environment:
    """The version of an interpreter, its search path and what is installed in it: as remembered, or asked anew."""
    own = Path(python).samefile(sys.executable) and Path(python).parent == Path(sys.executable).parent
    note = memory / f"interpreter-{sha256(os.fsencode(python)).hexdigest()[:16]}.json"
    answer = _remembered(note, python)
    if answer is None:
        answer, problem = _ask(python)
        if problem:
            return Environment(python, reason, problem=problem)
        with suppress(OSError):  # a memory that cannot be written costs the next run a tenth of a second
            note.write_text(json.dumps({"marks": _marks(python, answer["search_path"]), "answer": answer}))
    return Environment(
        python, reason, tuple(answer["version"]), answer["tools"], tuple(answer["search_path"]), own
    )  # fmt: skip


def _behind_the_framework(variables: Mapping[str, str], memory: Path) -> Environment:
    """The `python3` that a shell would start, if it is of an environment or can at least run tests."""
    found = shutil.which("python3", path=without_framework(variables).get("PATH", ""))
    environment = probe(found, "python3 on the PATH", memory) if found else None
    if environment and ((Path(environment.python).parent.parent / "pyvenv.cfg").exists() or environment.has("pytest")):
        return environment
    problem = (
        "pre-commit runs Gatekeeper in an environment of its own, which cannot import the project, and there is none "
        f"of the project: no {', '.join(_USUAL_FOLDERS)} in it, and none is active"
    )
    return Environment("", "none", problem=problem)


def _ask(python: str) -> tuple[dict[str, Any], str]:
    script = str(_PROGRAMS / "inside" / "probe.py")
    code, output, error = run_quickly([python, script], child_environment(), seconds=60)
    try:
        return json.loads(output), ""
    except ValueError:
        words = error.strip().splitlines()[-1:] or [f"exit code {code}"]
        return {}, f"{python} does not work: {words[0]}"


def _remembered(note: Path, python: str) -> dict[str, Any] | None:
    """What the interpreter answered last time, if nothing was installed, updated or removed since."""
    try:
        memory = json.loads(note.read_text())
        answer: dict[str, Any] = memory["answer"]
        return answer if memory["marks"] == _marks(python, answer["search_path"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _marks(python: str, search_path: Sequence[str]) -> list[list[str | int]]:
    """The times of the interpreter, of its settings and of every folder on its path: any installation changes one."""
    places = [python, os.path.realpath(python), str(Path(python).parent.parent / "pyvenv.cfg"), *search_path]
    marks: list[list[str | int]] = []
    for place in places:
        try:
            marks.append([place, Path(place).stat().st_mtime_ns])
        except OSError:
            marks.append([place, 0])
    return marks


def _choices(top: Path, root: str, configured: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    project = top / root
    if configured:
        yield _named(project, configured), "named in the configuration"
        return
    active = variables.get("VIRTUAL_ENV", "")
    ours = bool(active) and Path(active).resolve() == Path(sys.prefix).resolve()
    if active and not ours:
        yield _python_of(Path(active)), "the active environment"
    yield from _beside(project, top)
    yield from _made_by_tools(project, variables)
    if ours and not is_isolated():
        yield _python_of(Path(active)), "the active environment"
    conda = variables.get("CONDA_PREFIX", "")
    if conda:
        yield _python_of(Path(conda)), "the active conda environment"
    if not is_isolated():
        yield sys.executable, "the interpreter that runs Gatekeeper"
        yield shutil.which("python3") or "", "python3 on the PATH"


def _beside(project: Path, top: Path) -> Iterator[tuple[str, str]]:
    """Environments in the project's folder, and in those of the repository."""
    for folder in dict.fromkeys((project, top, _main_worktree(top))):
        for name in _USUAL_FOLDERS:
            if (folder / name / "pyvenv.cfg").exists():
                yield _python_of(folder / name), f"{name} of the project"


def _named(project: Path, configured: str) -> str:
    if "/" in configured:
        # not resolve(): the interpreter of an environment is a link, and its target does not know the environment
        return os.path.abspath(project / Path(configured).expanduser())  # noqa: PTH100
    return shutil.which(configured) or configured


def _made_by_tools(project: Path, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Environments outside the project's folder; a tool is asked only where the project bears its mark."""
    elsewhere = variables.get("UV_PROJECT_ENVIRONMENT", "")
    if elsewhere and (project / "uv.lock").exists():
        yield _python_of(project / elsewhere), "the environment of uv"
    manifest = project / "pyproject.toml"
    text = manifest.read_text("utf-8", "replace") if manifest.is_file() else ""
    if (project / "poetry.lock").exists() or "[tool.poetry" in text:
        yield _told(["poetry", "env", "info", "--executable"], project), "the environment of poetry"
    if "[tool.hatch.envs" in text or (project / "hatch.toml").exists():
        folder = _told(["hatch", "env", "find"], project)
        yield _python_of(Path(folder)) if folder else "", "the environment of hatch"


def _told(argv: list[str], folder: Path) -> str:
    program = shutil.which(argv[0])
    if program is None:
        return ""
    code, output, _ = run_quickly([program, *argv[1:]], child_environment(), seconds=30, folder=str(folder))
    lines = output.strip().splitlines()
    return lines[-1].strip() if code == 0 and lines else ""


def _python_of(environment: Path) -> str:
    windows = environment / "Scripts" / "python.exe"
    return str(windows if windows.exists() else environment / "bin" / "python")


def _main_worktree(top: Path) -> Path:
    """The main working tree of a linked one, where people keep their environment."""
    link = top / ".git"
    if not link.is_file():
        return top
    git_dir = Path(link.read_text(errors="surrogateescape").removeprefix("gitdir:").strip())
    return git_dir.parent.parent.parent if git_dir.parent.name == "worktrees" else top
