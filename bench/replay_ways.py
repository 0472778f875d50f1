"""The ways in which `replay.py` does the same work at one commit, and the state that each of them finds."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import clock
import contenders
import project as projects
from contenders import Done, Step, Work
from project import Commit, Project

WAYS = ("serial", "cold", "warm", "prek", "lefthook", "testmon")
SETTINGS = "gates:\n  tests: {select: always}\n"
_IDENTITY = {"GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@example.invalid"}
_IDENTITY |= {"GIT_COMMITTER_NAME": "bench", "GIT_COMMITTER_EMAIL": "bench@example.invalid"}
_SECONDS_FOR_THE_SERVER = 20
_SECONDS_TO_REAP = 2.5  # a server looks for those of its children that have ended every two seconds


@dataclass(frozen=True, slots=True)
class Place:
    """A commit with what it takes to do its work: the work by hand, and where Gatekeeper keeps what it knows.

    `before` are the newest changes of Python files up to the parent, the oldest first, and that of the parent; `cache`
    is carried along from commit to commit, while what is in `bare` is cleared away before each cold run.
    """

    work: Work
    before: tuple[Commit, ...]
    cache: Path
    bare: Path


def place_of(project: Project, sha: str, programs: Path, history: int) -> Place:
    """The commit as commits of the clone that have the settings, so that its parent and what went before have them."""
    real = projects.commit_of(project, sha)
    newest = ("log", "--first-parent", "--format=%H", "-n", str(history), real.parent, "--", "*.py")
    before = []
    for last in reversed(project.git(*newest).split()):
        older = _settled(project, f"{last}~1", "")
        before.append(Commit(_settled(project, last, older), older, ()))
    if last != real.parent:  # it was judged too when it came, whatever it changes
        before.append(Commit(_settled(project, real.parent, before[-1].sha), before[-1].sha, ()))
    parent = before[-1].sha
    commit = replace(real, sha=_settled(project, sha, parent), parent=parent)
    work = contenders.work_of(project, commit, programs, combine=False)
    return Place(work, tuple(before), project.scratch / "cache", project.scratch / "bare")


def with_text(place: Place) -> Place:
    """The same place one commit later: a text file is added that concerns no gate."""
    return _with_file(place, "notes.txt", "A note.\n")


def with_edit(place: Place) -> Place | None:
    """The same place one commit later: the README has one more line; None where there is none."""
    project, sha = place.work.project, place.work.commit.sha
    names = [
        name for name in project.git("ls-tree", "--name-only", sha).split("\n") if name.lower().startswith("readme")
    ]
    return _with_file(place, names[0], project.git("show", f"{sha}:{names[0]}") + "\nA note.\n") if names else None


def _with_file(place: Place, path: str, text: str) -> Place:
    before = place.work.commit.sha
    sha = _settled(place.work.project, before, before, (path, text))
    return replace(place, work=replace(place.work, commit=Commit(sha, before, (path,))))


def _settled(project: Project, sha: str, parent: str, *files: tuple[str, str]) -> str:
    """A commit with the tree of this one, the settings and these files; its parent is given."""
    index = project.scratch / "index"
    index.unlink(missing_ok=True)
    environment = {**project.environment(), **_IDENTITY, "GIT_INDEX_FILE": str(index)}

    def git(*arguments: str, text: str = "") -> str:
        argv = ["git", "-C", str(project.folder), *arguments]
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=True, env=environment)
        return done.stdout.strip()

    git("read-tree", sha)
    for path, text in ((".gatekeeper.yml", SETTINGS), *files):
        blob = git("hash-object", "-w", "--stdin", text=text)
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    date = git("log", "-1", "--format=%ct", sha)
    environment |= {"GIT_AUTHOR_DATE": f"{date} +0000", "GIT_COMMITTER_DATE": f"{date} +0000"}
    return git("commit-tree", git("write-tree"), *(("-p", parent) if parent else ()), "-m", "bench")


def prepare(place: Place, way: str) -> None:
    """Bring everything into the state that the way finds; for `warm` and `testmon` runs before go unmeasured."""
    work, commit = place.work, place.work.commit
    if way == "cold":
        contenders.prepare(work, "gatekeeper", place.bare)
    elif way == "warm":
        for earlier in place.before:
            projects.check_out(work.project, earlier.parent, commit.changed)  # so that it works in a tree of its own
            gatekeeper(place, earlier.parent, earlier.sha)
            _wait_for_the_server(place)
        projects.check_out(work.project, commit.parent, commit.changed)
    elif way == "testmon":
        (work.project.folder / ".testmondata").unlink(missing_ok=True)
        projects.check_out(work.project, commit.parent, commit.changed)
        clock.timed(testmon_of(work).chains[1][0].argv, work.project.folder, work.project.environment())
        projects.check_out(work.project, commit.sha, commit.changed)
    else:
        contenders.prepare(work, way, place.cache)


def run(place: Place, way: str) -> Done:
    """Do the work once in one of the ways, and measure it."""
    commit = place.work.commit
    if way in ("cold", "warm"):
        used = place if way == "warm" else replace(place, cache=place.bare)
        done = gatekeeper(used, commit.parent, commit.sha, {} if way == "warm" else {"GATEKEEPER_WARM": "off"})
        if done.cost.exit_code not in (0, 1):  # the run before may have been unable to look: that is history
            raise projects.Unusable(f"gatekeeper could not look:\n{done.cost.output[-1000:]}")
        return done
    if way == "testmon":
        return contenders.run(testmon_of(place.work), "serial", place.cache)
    return contenders.run(place.work, way, place.cache)


def gatekeeper(place: Place, base: str, head: str, more: Mapping[str, str] | None = None) -> Done:
    """A run of Gatekeeper over a range; raises Unusable where it left no report."""
    project = place.work.project
    output = project.scratch / "report.json"
    output.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "gatekeeper", "run", "--from", base, "--to", head]
    argv += ["--format", "json", "--output", str(output)]
    environment = project.environment() | {"GATEKEEPER_CACHE": str(place.cache)} | dict(more or {})
    servers = _servers(place)
    before = _seconds_of_children(servers)
    cost = clock.timed(argv, project.folder, environment)
    if not output.exists():
        raise projects.Unusable(f"gatekeeper wrote no report:\n{cost.output[-2000:]}")
    if servers:
        time.sleep(_SECONDS_TO_REAP)
        cost = replace(cost, cpu=cost.cpu + _seconds_of_children(servers) - before)
    return Done(cost, report=json.loads(output.read_text("utf-8")))


def testmon_of(work: Work) -> Work:
    """The work by hand with pytest-testmon as its test part: coverage is not measured then."""
    argv = (str(work.project.python), "-m", "pytest", "-q", "--testmon")
    return replace(work, chains=(work.chains[0], (Step("pytest", "tests", argv),), *work.chains[2:]))


def forget(project: Project) -> None:
    """Begin the state that is carried along from commit to commit."""
    shutil.rmtree(project.scratch / "cache", ignore_errors=True)


def stop_servers(project: Project) -> None:
    """End what waits for the next run."""
    argv = [sys.executable, "-m", "gatekeeper", "cache", "stop"]
    environment = project.environment() | {"GATEKEEPER_CACHE": str(project.scratch / "cache")}
    subprocess.run(argv, cwd=project.folder, env=environment, capture_output=True, check=False)


def _wait_for_the_server(place: Place) -> None:
    """Wait until the warm pylint that the run has left behind is ready: it begins when the run has ended."""
    end = time.monotonic() + _SECONDS_FOR_THE_SERVER
    time.sleep(0.5)
    while time.monotonic() < end and (any(place.cache.glob("warm/*.lock")) or not _servers(place)):
        time.sleep(0.5)


def _servers(place: Place) -> list[int]:
    """The processes of the warm servers that listen."""
    argv = [sys.executable, "-m", "gatekeeper", "cache", "size"]
    project = place.work.project
    environment = project.environment() | {"GATEKEEPER_CACHE": str(place.cache)}
    told = subprocess.run(argv, cwd=project.folder, env=environment, capture_output=True, text=True, check=False)
    return [int(number) for number in re.findall(r" waits: process (\d+)", told.stdout)]


def _seconds_of_children(servers: list[int]) -> float:
    """The CPU seconds of what these processes forked and have taken leave of: they are no children of ours."""
    ticks = 0
    for number in servers:
        with suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            ticks += int(fields[13]) + int(fields[14])
    return ticks / os.sysconf("SC_CLK_TCK")
