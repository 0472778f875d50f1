"""A clone of a real repository with an environment of its own, and the commits of it that can be measured."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_TOOLS = ("pytest", "coverage", "pylint", "diff-cover", "interrogate")
_NOT_SOURCE = ("tests", "test", "testing", "docs", "doc", "examples", "benchmarks", "bench", "tools", "typing_tests")
_RUNNERS = ("prek", "lefthook", "pre-commit")


class Unusable(Exception):
    """Something that the benchmark needs is not there; the message says what."""


@dataclass(frozen=True, slots=True)
class Project:
    """A clone in `folder` that belongs to the benchmark, and the interpreter of its environment."""

    name: str
    folder: Path
    python: Path
    scratch: Path

    def environment(self) -> dict[str, str]:
        """The variables for every contender: the project's environment is the active one."""
        dropped = ("PYTHONPATH", "PYTHONHOME", "COVERAGE_", "PYTEST_", "GIT_", "GATEKEEPER", "PREK_", "LEFTHOOK")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        home = self.python.parent
        return kept | {"VIRTUAL_ENV": str(home.parent), "PATH": f"{home}:{kept.get('PATH', '')}", "NO_COLOR": "1"}

    def git(self, *arguments: str) -> str:
        """What a Git command prints in the clone."""
        return told(["git", "-C", str(self.folder), *arguments])


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, its parent, and the paths of the files that it changed and that still exist.

    `python` are the Python files among them, `sources` those that are neither test nor documentation.
    """

    sha: str
    parent: str
    changed: tuple[str, ...]

    @property
    def python(self) -> tuple[str, ...]:
        """The changed Python files: what a hook for Python hands to a linter."""
        return tuple(path for path in self.changed if path.endswith(".py"))

    @property
    def sources(self) -> tuple[str, ...]:
        """The changed Python files that are neither test nor documentation."""
        return tuple(path for path in self.changed if is_source(path))


def told(argv: list[str]) -> str:
    """The output of a preparing step; raises Unusable with its last words when it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-2000:]
        raise Unusable(f"{shlex.join(argv)} ended with exit code {done.returncode}\n{words}")
    return done.stdout


def prepare(repository: Path, scratch: Path, install: str, python: str, name: str = "") -> Project:
    """Clone the repository into the scratch folder and make an environment for it, or reuse what an earlier run made.

    `install` are the arguments for pip, read in the clone. `python` names the interpreter to make the environment with;
    without `install`, that of an environment which is there already and holds everything, among it the four tools.
    """
    name = name or repository.resolve().name.removesuffix(".git")
    place = scratch / name
    clone = place / "clone"
    if not clone.exists():
        place.mkdir(parents=True, exist_ok=True)
        told(["git", "clone", "--quiet", "--no-checkout", str(repository), str(clone)])
        told(["git", "-C", str(clone), "checkout", "--quiet", "--detach"])
    told(["git", "-C", str(clone), "fetch", "--quiet", "--tags", "origin"])
    if python and not install:
        return Project(name, clone, Path(python).absolute(), place)
    project = Project(name, clone, place / "venv" / "bin" / "python", place)
    ready = place / "installed"
    made_of = f"{python} {install}"
    if not ready.exists() or ready.read_text() != made_of:
        told([python or sys.executable, "-m", "venv", "--clear", str(place / "venv")])
        words = [*shlex.split(install or "-e ."), *_TOOLS]
        told(["env", "-C", str(clone), str(project.python), "-m", "pip", "install", "--quiet", *words])
        ready.write_text(made_of)
    return project


def runners(scratch: Path) -> Path:
    """The folder of the programs that Gatekeeper is compared with, installed into an environment of their own."""
    place = scratch / "runners"
    if not (place / "bin" / "lefthook").exists():
        told([sys.executable, "-m", "venv", str(place)])
        told([str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", *_RUNNERS])
    return place / "bin"


def named_commits(project: Project, repository: Path, names: list[str]) -> list[Commit]:
    """The commits of these names, which are read in the repository of the user and not in the clone."""
    asked = ["git", "-C", str(repository), "rev-parse", *(f"{name}^{{commit}}" for name in names)]
    return [commit_of(project, sha) for sha in told(asked).split()] if names else []


def recent_commits(project: Project, start: str, of_tests: bool = False) -> list[Commit]:
    """The newest commits from this one on that are no merges and change source files, newest first.

    With `of_tests` also those that change other Python files alone.
    """
    commits = project.git("rev-list", "--no-merges", "--max-count=150", "--min-parents=1", start).split()
    found = (commit_of(project, sha) for sha in commits)
    return [commit for commit in found if (commit.python if of_tests else commit.sources)]


def commit_of(project: Project, sha: str) -> Commit:
    """The commit with its changed files that still exist."""
    parent = project.git("rev-parse", f"{sha}^1").strip()
    output = project.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--diff-filter=d", parent, sha)
    changed = tuple(path for path in output.split("\0") if path)
    return Commit(sha, parent, changed)


def is_source(path: str) -> bool:
    """Whether a path names Python source that is neither test nor documentation."""
    folders, name = path.split("/")[:-1], path.rsplit("/", 1)[-1]
    if not name.endswith(".py") or name in ("conftest.py", "setup.py", "noxfile.py"):
        return False
    return not name.startswith("test_") and not set(folders) & set(_NOT_SOURCE)


def check_out(project: Project, sha: str, changed: tuple[str, ...]) -> None:
    """Put the clone at a commit, without what earlier runs left of these files and of their measurements."""
    project.git("checkout", "--quiet", "--force", "--detach", sha)
    forget_bytecode(project.folder, changed)
    for old in (*project.folder.glob(".coverage*"), project.folder / "coverage.xml"):
        if old.is_file() and old.name != ".coveragerc":
            old.unlink()


def forget_bytecode(tree: Path, changed: tuple[str, ...]) -> None:
    """Remove the bytecode of these files: whoever comes first pays for it anew, and none meets a stale one."""
    for path in changed:
        source = tree / path
        for cached in (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc"):
            cached.unlink()
