"""Runs a gate's jobs over a small project in a temporary folder, the way the agent runs them."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path

import gatekeeper
from gatekeeper.gates.coverage import GATE as COVERAGE
from gatekeeper.gates.tests import GATE as TESTS
from gatekeeper.model.candidate import Candidate, Environment, Project, Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.policy import GatePolicy, Setting
from gatekeeper.model.verdict import Verdict
from gatekeeper.ports import Request

PROGRAMS = str(Path(gatekeeper.__file__).parent)
TOOLS = {d.metadata["Name"].lower(): d.version for d in distributions()}
DROPPED = ("PYTEST_", "PYTHON", "COVERAGE_", "GIT_")
KEPT = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"  # unless the test is about plugins
QUIET = "[pytest]\naddopts = -p no:randomly\n"


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Write files with dedented texts."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def file_change(path: str, text: str | None, base: str | None = None) -> FileChange:
    """The change of one file, with hunks as `git diff -U0` has them."""
    old, new = (base or "").splitlines(), (text or "").splitlines()
    hunks = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            hunks.append(Hunk(i1 + (i2 > i1), i2 - i1, j1 + (j2 > j1), j2 - j1))
    kind = ChangeKind.ADDED if base is None else ChangeKind.DELETED if text is None else ChangeKind.MODIFIED
    return FileChange(path, kind, hunks=tuple(hunks), text=text, base_text=base)


def request_for(
    folder: Path,
    files: Iterable[FileChange],
    gate: str = "tests",
    selected: Iterable[str] = ("tests",),
    kind: TargetKind = TargetKind.STAGED,
    import_roots: tuple[str, ...] = ("",),
    packages: tuple[str, ...] = ("app",),
    root: str = "",
    tools: Mapping[str, str] | None = None,
    in_place: bool = False,
    **settings: object,
) -> Request:
    """A request over the tree `folder/tree`, its base in `folder/base`."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return Request(
        target=Target(kind, "b" * 40, "h" * 40, "a test"),
        change=Change("b" * 40, "h" * 40, tuple(files)),
        policy=GatePolicy(gate, {key: Setting(value) for key, value in settings.items()}),
        project=Project(root, import_roots, packages),
        environment=Environment(
            sys.executable, "the active environment", sys.version_info[:3], TOOLS if tools is None else tools
        ),
        candidate=Candidate(str(folder / "tree"), str(folder / "base"), in_place),
        selected=frozenset(selected),
        scratch=str(scratch),
        programs=PROGRAMS,
        own_python=sys.executable,
        ruff="ruff",
    )


def clean_environment() -> dict[str, str]:
    """The variables of the environment without those that tell Python, pytest or Git what to do."""
    return {name: value for name, value in os.environ.items() if name == KEPT or not name.startswith(DROPPED)}


def do(job: Job) -> Outcome:
    """Run a job in a clean environment."""
    environment = clean_environment() | dict(job.env)
    for output in job.outputs:
        Path(output).unlink(missing_ok=True)
    done = subprocess.run(
        job.argv,
        cwd=job.cwd,
        env=environment,
        input=job.stdin.encode(),
        capture_output=True,
        timeout=job.seconds_limit,
        check=False,
    )
    files = {output: Path(output).read_text("utf-8") for output in job.outputs if Path(output).exists()}
    lines = done.stdout.decode("utf-8", "replace").splitlines(keepends=True)
    code = done.returncode
    return Outcome(
        job.id,
        exit_code=code,
        stdout="".join(line for line in lines if not line.startswith("::gatekeeper ")),
        stderr=done.stderr.decode("utf-8", "replace"),
        files=files,
        problem="" if code in job.looked else f"killed by signal {-code}" if code < 0 else f"exit code {code}",
    )


def drive(*gates: tuple[object, Request]) -> tuple[dict[str, Outcome], list[Verdict]]:
    """Run all jobs of the gates, dependencies first, until none is new; then judge."""
    outcomes: dict[str, Outcome] = {}
    while True:
        jobs = [job for gate, request in gates for job in gate.plan(request, outcomes)]
        new = [job for job in jobs if job.id not in outcomes and all(need.job in outcomes for need in job.needs)]
        if not new:
            return outcomes, [gate.judge(request, outcomes) for gate, request in gates]
        outcomes[new[0].id] = do(new[0])


def run_tests(folder: Path, files: Mapping[str, str], **wants: object) -> Verdict:
    """The verdict of the tests gate over a project that holds these files, all of them new."""
    lay_out(folder / "tree", files)
    changes = [file_change(name, (folder / "tree" / name).read_text("utf-8")) for name in files]
    return drive((TESTS, request_for(folder, changes, **wants)))[1][0]


def run_both(
    folder: Path, files: Mapping[str, str], base: Mapping[str, str] | None = None, **wants: object
) -> tuple[Verdict, Verdict]:
    """The verdicts of the tests gate and the coverage gate; files that are equal in `base` did not change."""
    lay_out(folder / "tree", files)
    lay_out(folder / "base", base or {})
    changes = []
    for name in files:
        text = (folder / "tree" / name).read_text("utf-8")
        old = (folder / "base" / name).read_text("utf-8") if base and name in base else None
        if text != old:
            changes.append(file_change(name, text, old))
    shape = {key: wants.pop(key) for key in ("import_roots", "packages", "root", "kind") if key in wants}
    both = ("tests", "coverage")
    tests = request_for(folder, changes, "tests", both, **shape)
    coverage = request_for(folder, changes, "coverage", both, **shape, **wants)
    return tuple(drive((TESTS, tests), (COVERAGE, coverage))[1])
