"""The ways of doing the same work: by hand one after another, as hooks of prek and lefthook, and with Gatekeeper."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clock
import project as projects
from clock import Cost
from project import Commit, Project

from gatekeeper.edges import shadow
from gatekeeper.edges.git import find_repository

NAMES = ("serial", "gatekeeper", "prek", "lefthook")


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the work by hand; `gate` names what its exit code decides, if anything."""

    name: str
    gate: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """One measured run of a contender; `steps` only for the work by hand, `report` only for Gatekeeper."""

    cost: Cost
    steps: dict[str, Cost] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """The four tools for one commit: chains of steps, each of which needs the one before it in its chain."""

    project: Project
    commit: Commit
    programs: Path
    chains: tuple[tuple[Step, ...], ...]


def work_of(project: Project, commit: Commit, programs: Path, combine: bool) -> Work:
    """The steps; `combine` where the project's configuration makes coverage write a file per process."""
    python = str(project.python)
    tests = [Step("pytest", "tests", (python, "-m", "coverage", "run", "-m", "pytest", "-q"))]
    if combine:
        tests.append(Step("combine", "", (python, "-m", "coverage", "combine", "-q")))
    tests.append(Step("xml", "", (python, "-m", "coverage", "xml", "-q", "--fail-under=0")))
    home = project.python.parent
    diff = (str(home / "diff-cover"), "coverage.xml", f"--compare-branch={commit.parent}", "--fail-under=85")
    tests.append(Step("diff-cover", "coverage", diff))
    lint = Step("pylint", "review", (python, "-m", "pylint", "--fail-under=7", *commit.python))
    docs = Step("interrogate", "docs", (str(home / "interrogate"), "-q", "--fail-under=80", *commit.sources))
    chains = ((lint,), tuple(tests), (docs,)) if commit.sources else ((lint,), tuple(tests))
    return Work(project, commit, programs, chains)


def prepare(work: Work, name: str, cache: Path) -> None:
    """Bring everything into the same state for every contender: at the parent, then what has to be is changed.

    Gatekeeper looks at a commit that is not checked out, so that it works in its own tree; that lies there from a run
    at the parent, and nothing else of an earlier run is remembered. The others find the commit checked out.
    """
    commit = work.commit
    projects.check_out(work.project, commit.parent, commit.changed)
    if name != "gatekeeper":
        projects.check_out(work.project, commit.sha, commit.changed)
        return
    repository = find_repository(str(work.project.folder))
    for slot in cache.glob("*/slot-*"):
        for left in slot.iterdir():
            if left.name not in ("head", "base"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        for side in ("head", "base"):
            shadow.lay_out(repository, work.project.git("rev-parse", f"{commit.parent}^{{tree}}").strip(), slot / side)
            projects.forget_bytecode(slot / side / "tree", commit.changed)
    for left in cache.glob("*/*"):
        if not left.name.startswith("slot-"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def run(work: Work, name: str, cache: Path) -> Done:
    """Do the work once in one of the ways and measure it."""
    return {"serial": _serial, "gatekeeper": _gatekeeper, "prek": _prek, "lefthook": _lefthook}[name](work, cache)


def _serial(work: Work, cache: Path) -> Done:
    environment = work.project.environment()
    steps = {
        step.name: clock.timed(step.argv, work.project.folder, environment) for chain in work.chains for step in chain
    }
    costs = steps.values()
    wall = sum(cost.wall for cost in costs)
    worst = max(abs(cost.exit_code) for cost in costs)
    others = sum(cost.others * cost.wall for cost in costs) / wall
    return Done(Cost(wall, sum(cost.cpu for cost in costs), worst, 0.0, "", others), steps)


def _gatekeeper(work: Work, cache: Path) -> Done:
    output = work.project.scratch / "report.json"
    output.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "gatekeeper", "run", "--from", work.commit.parent, "--to", work.commit.sha]
    argv += ["--format", "json", "--output", str(output)]
    environment = work.project.environment() | {"GATEKEEPER_CACHE": str(cache)}
    cost = clock.timed(argv, work.project.folder, environment)
    if not output.exists():
        raise projects.Unusable(f"gatekeeper wrote no report:\n{cost.output[-2000:]}")
    return Done(cost, report=json.loads(output.read_text("utf-8")))


def _shell(chain: tuple[Step, ...]) -> str:
    return " && ".join(shlex.join(step.argv) for step in chain)


def _prek(work: Work, cache: Path) -> Done:
    hooks = [
        {
            "id": chain[0].name,
            "name": chain[0].name,
            "language": "system",
            "entry": f"sh -c {shlex.quote(_shell(chain))}",
        }
        | {"pass_filenames": False, "always_run": True, "priority": 0}
        for chain in work.chains
    ]
    config = work.project.scratch / "prek.yaml"
    config.write_text(json.dumps({"repos": [{"repo": "local", "hooks": hooks}]}))
    environment = work.project.environment()
    environment |= {"PREK_HOME": str(work.project.scratch / "prek"), "PREK_CONCURRENT_HOOKS": "4"}
    argv = [str(work.programs / "prek"), "run", "-c", str(config), "--all-files"]
    return Done(clock.timed(argv, work.project.folder, environment))


def _lefthook(work: Work, cache: Path) -> Done:
    commands = {chain[0].name: {"run": _shell(chain)} for chain in work.chains}
    config = work.project.scratch / "lefthook.json"
    config.write_text(json.dumps({"bench": {"parallel": True, "commands": commands}}))
    environment = work.project.environment() | {"LEFTHOOK_CONFIG": str(config)}
    argv = [str(work.programs / "lefthook"), "run", "bench", "--no-auto-install"]
    return Done(clock.timed(argv, work.project.folder, environment))
