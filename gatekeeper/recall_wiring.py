"""Answers for the tests, and for the coverage that they measure, from what is remembered, where nothing has to run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from gatekeeper import __version__
from gatekeeper.edges.child_environment import child_environment
from gatekeeper.edges.git import Repository
from gatekeeper.edges.outcomes import IN_ONE_PLACE, Outcomes
from gatekeeper.formats.pytest_request import PYTEST, base_folder, environment_of, reads_the_tests
from gatekeeper.formats.test_report import TestReport
from gatekeeper.formats.test_settings import SHARED, part_for_tests
from gatekeeper.inside.base_settings import FILES
from gatekeeper.inside.record_key import built_files, content, digest, variables
from gatekeeper.inside.record_places import stamps
from gatekeeper.model.frozen import dataclass, field, replace
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.selection import Selection, TestMap
from gatekeeper.planning.selection_order import still_failed
from gatekeeper.ports import Request

_COVERAGE_FILES = (".coveragerc", ".coveragerc.toml")
_SETTINGS = "settings"
_ANSWER_OF_TESTS: dict[str, Any] = {
    "exit_status": 0, "seconds": 0.0, "collected": 0, "unseen": [], "deselected": 0, "tests": [],
    "collection_errors": [], "warnings": 0, "workers": 0, "stopped": "", "rootdir": "", "held_settings": [],
    "unread_settings": "", "wrong_origins": [], "measured": "remembered", "measure_problem": "", "not_reused": "",
}  # fmt: skip


Readings = list[tuple[Request, tuple[Job, ...]]]
"""Jobs that read coverage, with the request that they are planned by."""


@dataclass(frozen=True)
class Recalling:
    """What is needed to answer: the repository, and where answers of earlier runs are kept.

    `held` are the settings in each tree that was a base, since Git is asked for their texts.
    """

    repository: Repository
    store: Outcomes
    held: dict[str, str] = field(default_factory=dict)

    def asked(self, request: Request, recall: bool) -> str:
        """A digest of all that a run of the tests is given beside the tree and the environment.

        With `recall` the settings of the base are those that an earlier run found, where one did.
        """
        tree = request.candidate.directory
        words = [__version__, *map(str, os.uname()), request.environment.python, request.project.root]
        words += [*request.project.import_roots, "", *request.project.packages, ""]
        words += [*map(str, request.policy.value("args", ())), "", self._held(request, recall)]
        words += variables(child_environment(environment_of(request, tree)))
        return digest(words)

    def holds(self, request: Request, known: TestMap) -> bool:
        """Whether the environment is the one that the map was made in, as far as it is seen from outside."""
        tree = request.candidate.directory
        if not (known.asked and known.outside):
            return False
        if known.asked != self.asked(request, recall=True) or known.outside != stamps(known.outside):
            return False
        if any(content(f"{tree}/{path}") != blob for path, blob in known.untracked.items()):
            return False
        roots = [os.path.realpath(request.inside(root)) for root in request.project.import_roots]
        return known.environment.get("built files") == digest(built_files(tree, roots))

    def answered(self, selection: Selection, readings: Readings) -> Selection | None:
        """The selection with the answers of the run and of all readings of its coverage; None where one is missing."""
        reused = len(selection.reuse)
        answers: dict[str, Mapping[str, object]] = {PYTEST: {**_ANSWER_OF_TESTS, "reused": reused}}
        for request, jobs in readings:
            for job in jobs:
                found = self.store.recall(self._key(request, job, selection.tree)) if reads_the_tests(job) else ()
                if not found:
                    return None
                known = json.loads(found[0].text)
                files = {f"{request.candidate.directory}/{path}": entry for path, entry in known["files"].items()}
                answers[job.id] = {**known, "files": files, "merged": reused}
        return replace(selection, answers=answers)

    def keep(self, request: Request, readings: tuple[Job, ...], outcomes: Mapping[str, Outcome]) -> None:
        """Keep what was read of the coverage that the tests of the head measured."""
        prefix, tree = f"{request.candidate.directory}/", request.target.head_tree
        for job in filter(reads_the_tests, readings):
            outcome = outcomes.get(job.id)
            if outcome is None or not outcome.ran or job.answer:
                continue
            try:
                read = json.loads(outcome.files.get(job.outputs[0], ""))
                del read["nonce"]
                read["files"] = {path.removeprefix(prefix): entry for path, entry in read["files"].items()}
                if not read["problem"]:
                    self.store.remember([(self._key(request, job, tree), json.dumps(read))])
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue  # the gate says of it what there is to say

    def failed(self, request: Request) -> dict[str, str]:
        """The tests that did not pass when they last ran in a run that ends at the first failure, with their files."""
        with suppress(ValueError, AttributeError, RecursionError):
            for found in self.store.recall(_failed_key(request))[:1]:
                return {str(test): str(path) for test, path in json.loads(found.text).items()}
        return {}

    def keep_failed(self, request: Request, told: TestReport) -> None:
        """Keep which tests did not pass: a run that ended early leaves no map that would say so."""
        before = self.failed(request)
        tree, rootdir = os.path.realpath(request.candidate.directory), Path(told.rootdir)
        bad = {test.id: os.path.relpath(rootdir / test.id.split("::")[0], tree) for test in told.failures}
        now = still_failed(before, {test.id for test in told.tests}, bad)
        if now != before:
            self.store.remember([(_failed_key(request), json.dumps(now))])

    def _key(self, request: Request, job: Job, tree: str) -> str:
        """What a reading is kept under: what was asked for, of the tests of which tree, by which settings."""
        asked = json.loads(job.stdin)
        names = [path.removeprefix(f"{request.candidate.directory}/") for path in asked["files"]]
        words = [tree, request.target.base_tree, request.environment.python, request.project.root]
        words += [str(asked["total"]), self._held(request), *request.project.import_roots, "", *names, __version__]
        return f"{job.id} {sha256(json.dumps(words).encode()).hexdigest()}"

    def _held(self, request: Request, recall: bool = False) -> str:
        """The settings of the base where the tools go by them; else nothing, since those of the tree hold."""
        if not base_folder(request, request.candidate.directory):
            return ""
        tree = request.target.base_tree
        if tree not in self.held:
            self.held[tree] = self.settings_in(tree, recall)
        return self.held[tree]

    def settings_in(self, tree: str, recall: bool) -> str:
        """A digest of the settings of pytest and coverage in a tree, with `recall` that of an earlier run.

        Of a file that many tools share, what the others have in it does not count: a new dependency is no new setting.
        """
        names = (*FILES, *_COVERAGE_FILES)
        objects = sorted(each for each in self.repository.objects(tree).items() if each[0].rpartition("/")[2] in names)
        basis = sha256(json.dumps([__version__, sys.version, objects]).encode()).hexdigest()
        key = f"{IN_ONE_PLACE}tests.settings {basis}"
        for entry in self.store.recall(key)[:1] if recall else ():
            known = json.loads(entry.text).get(_SETTINGS)
            if isinstance(known, str):
                return known
        shared = [each for each in objects if each[0].rpartition("/")[2] in SHARED]
        texts = dict(zip(shared, self.repository.contents(blob for _, blob in shared), strict=True))
        words: list[str] = []
        for path, blob in objects:
            text = texts.get((path, blob))
            words += [path, *((blob,) if text is None else part_for_tests(path, text.decode("utf-8", "replace")))]
        found = digest(words)
        if None not in texts.values():
            self.store.remember([(key, json.dumps({_SETTINGS: found}))])
        return found


def _failed_key(request: Request) -> str:
    owner = sha256(f"{request.project.root}\0{request.environment.python}".encode("utf-8", "surrogatepass"))
    return f"tests.failed {owner.hexdigest()}"
