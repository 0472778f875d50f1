"""Judges two small trees by the docs gate through its real program, so that a test says only what the trees hold."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import gatekeeper
from gatekeeper.gates.docs import GATE
from gatekeeper.inspectors.api import inspect
from gatekeeper.inspectors.work import Work
from gatekeeper.model.candidate import Candidate, Environment, Project, Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.policy import GatePolicy, Setting
from gatekeeper.model.verdict import Verdict
from gatekeeper.ports import Request

Tree = Mapping[str, str]


@dataclass
class Case:
    """Two trees as texts by path, and what is said of them."""

    base: Tree
    head: Tree
    settings: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    packages: tuple[str, ...] = ("pkg",)
    root: str = ""

    def request(self, folder: Path) -> Request:
        """Lay out both trees and put the question."""
        for name, tree in (("base", self.base), ("head", self.head)):
            (folder / name).mkdir()
            for path, text in tree.items():
                place = folder / name / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
        kind = TargetKind.ALL if self.whole else TargetKind.RANGE
        return Request(
            target=Target(kind, "b", "h", "a test"),
            change=Change("b", "h", tuple(self._files()), self.message),
            policy=GatePolicy("docs", {key: Setting(value) for key, value in self.settings.items()}),
            project=Project(self.root, (self.root,), self.packages),
            environment=Environment(sys.executable, "a test", tuple(sys.version_info[:3])),
            candidate=Candidate(str(folder / "head"), str(folder / "base")),
            selected=frozenset({"docs"}),
            scratch=str(folder),
            programs=str(Path(gatekeeper.__file__).parent),
            own_python=sys.executable,
            ruff="ruff",
        )

    def _files(self) -> list[FileChange]:
        taken = set(self.renamed.values())
        files = []
        for path in sorted({*self.base, *self.head}):
            old, new = self.base.get(path), self.head.get(path)
            if path in self.renamed:
                former = self.renamed[path]
                files.append(FileChange(path, ChangeKind.RENAMED, former, text=new, base_text=self.base[former]))
            elif old is None:
                files.append(FileChange(path, ChangeKind.ADDED, text=new))
            elif new is None and path not in taken:
                files.append(FileChange(path, ChangeKind.DELETED, base_text=old))
            elif old != new and new is not None:
                files.append(FileChange(path, ChangeKind.MODIFIED, text=new, base_text=old))
        return files


def judged(case: Case, folder: Path) -> Verdict:
    """The verdict of the gate; its inspection is run in this process, which spares most of the time."""
    request = case.request(folder)
    outcomes = {}
    for job in GATE.plan(request, {}):
        if job.id == "docs.inspect":
            answer = asdict(inspect(Work.from_request(json.loads(job.stdin))))
            outcomes[job.id] = Outcome(job.id, 0, json.dumps(answer))
            continue
        outcomes[job.id] = _run(job)
    return GATE.judge(request, outcomes)


def judged_apart(case: Case, folder: Path) -> Verdict:
    """The verdict of the gate, with every job as a process of its own, the way an agent runs it."""
    request = case.request(folder)
    return GATE.judge(request, {job.id: _run(job) for job in GATE.plan(request, {})})


def _run(job: Job) -> Outcome:
    done = subprocess.run(job.argv, cwd=job.cwd, input=job.stdin, capture_output=True, text=True, check=False)
    problem = "" if done.returncode in job.looked else f"exit code {done.returncode}"
    return Outcome(job.id, done.returncode, done.stdout, done.stderr, problem=problem)


def rules(verdict: Verdict) -> list[str]:
    """The criteria of the findings that block, in order of the alphabet."""
    return sorted(finding.rule for finding in verdict.findings if finding.blocks)
