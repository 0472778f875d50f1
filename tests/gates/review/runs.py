"""Runs the review gate over a small change in a temporary folder, with the real tools."""

from __future__ import annotations

import difflib
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import gatekeeper
from gatekeeper.agents.local import LocalAgent
from gatekeeper.gates.review import GATE
from gatekeeper.model.candidate import Candidate, Environment, Project, Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.policy import GatePolicy, Setting
from gatekeeper.model.verdict import Verdict
from gatekeeper.ports import Request

RUFF = str(Path(sys.executable).parent / "ruff")
PROGRAMS = str(Path(gatekeeper.__file__).parent)


def dedent(text: str) -> str:
    """A text without the margin of the test."""
    return textwrap.dedent(text).lstrip("\n")


def hunks_of(old: str, new: str) -> tuple[Hunk, ...]:
    """The hunks as `git diff -U0` has them."""
    before, after = old.split("\n"), new.split("\n")
    codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return tuple(
        Hunk(i1 + (i2 > i1), i2 - i1, j1 + (j2 > j1), j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal"
    )


def changed(path: str, head: str | None, base: str | None = None, **more: object) -> FileChange:
    """The change of one file."""
    kind = ChangeKind.ADDED if base is None else ChangeKind.DELETED if head is None else ChangeKind.MODIFIED
    if base is None and head is not None:
        hunks: tuple[Hunk, ...] = (Hunk(0, 0, 1, head.count("\n") + (not head.endswith("\n"))),)
    else:
        hunks = hunks_of(base or "", head or "")
    return FileChange(path, kind, hunks=hunks, text=head, base_text=base, **more)  # type: ignore[arg-type]


def write_tree(folder: Path, files: Mapping[str, str]) -> None:
    """Write files; bytes of a name that are not UTF-8 are lone surrogates."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def request_of(
    folder: Path,
    files: tuple[FileChange, ...],
    kind: TargetKind = TargetKind.STAGED,
    project: Project | None = None,
    environment: Environment | None = None,
    **settings: object,
) -> Request:
    """A request over the trees `folder/head` and `folder/base`."""
    (folder / "scratch").mkdir(exist_ok=True)
    here = Environment(sys.executable, "test", sys.version_info[:3], {"pylint": "4.1"}, tuple(sys.path), own=True)
    return Request(
        target=Target(kind, "b" * 40, "h" * 40, "a test"),
        change=Change("b" * 40, "h" * 40, files),
        policy=GatePolicy("review", {key: Setting(value) for key, value in settings.items()}),
        project=project or Project("", ("",), ("app",)),
        environment=environment or here,
        candidate=Candidate(str(folder / "head"), str(folder / "base")),
        selected=frozenset({"review"}),
        scratch=str(folder / "scratch"),
        programs=PROGRAMS,
        own_python=sys.executable,
        ruff=RUFF,
    )


def do(jobs: tuple[Job, ...]) -> dict[str, Outcome]:
    """Do all jobs."""
    agent = LocalAgent(0.0)
    return {job.id: agent.run(job, lambda said: None) for job in jobs}


def review(folder: Path, head: Mapping[str, str], base: Mapping[str, str] | None = None, **wants: object) -> Verdict:
    """The verdict over a change from the files of `base` to those of `head` (margins are taken off)."""
    new = {name: dedent(text) for name, text in head.items()}
    old = {name: dedent(text) for name, text in (base or {}).items()}
    write_tree(folder / "head", new)
    write_tree(folder / "base", old)
    files = tuple(changed(name, text, old.get(name)) for name, text in new.items() if text != old.get(name))
    request = request_of(folder, files, **wants)  # type: ignore[arg-type]
    return GATE.judge(request, do(GATE.plan(request, {})))


def run_quietly(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it prints."""
    return subprocess.run(argv, capture_output=True, text=True, check=False)
